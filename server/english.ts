/** The words of the command line for what the bridge has to say. */
import type { Finding, Notice } from './protocol/notices.ts'

export function findingInEnglish(found: Finding): string {
  switch (found.kind) {
    case 'absent':
      return `${found.name} does not exist`
    case 'exists':
      return `${found.name} exists`
    case 'count':
      return `${found.count} found`
    case 'value':
      return `${found.name} has ${found.path} ${found.value}`
    case 'path':
      return `${found.name} ${found.exists ? 'has' : 'has no'} ${found.path}`
    case 'unknown':
      return found.text
  }
}

/** One line: what happened, and what to do about it. */
export function inEnglish(notice: Notice): string {
  switch (notice.kind) {
    case 'busy':
      return `${notice.program || 'a program'} runs in the terminal: ${notice.interrupts ? 'it is about to be interrupted' : 'the step runs once it has ended (q, :q or Ctrl-C)'}`
    case 'shell-closed':
      return 'the shell has ended: reset the lab to get a new one'
    case 'shell-ended':
      return 'the shell ended while the command ran'
    case 'owed':
      return 'it was run in a lab that has ended since: run it again'
    case 'no-step':
      return `the lab has no step ${notice.step}: reload the page, the deck may have changed`
    case 'no-lab':
      return `this deck has no lab ${notice.lab}: reload the page, the deck may have changed`
    case 'missing':
      return `before ${notice.step}, run ${notice.missing.join(', ')}: catch up, or go back to where they stand`
    case 'watch-only':
      return 'this page may watch only: open the presenter URL that npm start printed to type'
    case 'exit':
      return `exit code ${notice.exit}, expected ${notice.expected}`
    case 'check':
      return `${notice.check}: ${findingInEnglish(notice.found)}`
    case 'restarting':
      return `the lab's process ended with ${notice.ended}: it is being started anew`
    case 'lab-ended':
      return `the lab's process ended with ${notice.ended}, again and again: reset the lab to try once more`
    case 'unreachable':
      return `the cluster does not answer: ${notice.why}`
    case 'not-reset':
      return `the lab could not be reset: ${notice.why}`
    case 'fault':
      return notice.why
  }
}
