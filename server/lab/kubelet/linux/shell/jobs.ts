/** Builtins about jobs and signals. */
import { sendSignal } from '../programs/kill.ts'
import { first, type Routine, wait } from '../../kernel/routine.ts'
import { type Signal, signalNamed, SIGNALS } from '../../kernel/signals.ts'
import type { ShellState } from './state.ts'

export function* waitForJobs(shell: ShellState, argv: string[]): Routine<number> {
  const wanted = argv.slice(1)
  const jobs =
    wanted.length === 0
      ? [...shell.jobs]
      : shell.jobs.filter(({ process, number }) => wanted.includes(String(process.pid)) || wanted.includes(`%${number}`))
  if (wanted.length > 0 && jobs.length === 0) return 127
  let code = 0
  for (const { process } of jobs) {
    if (shell.hasSignal()) return 143
    const interrupted = (resume: (value: null) => void): (() => void) => {
      shell.onSignal = () => resume(null)
      return () => void (shell.onSignal = null)
    }
    const { index, value } = yield* wait(first(process.ended, interrupted as never))
    shell.onSignal = null
    if (index === 1) return 143
    code = value as number
    shell.jobs = shell.jobs.filter((job) => job.process !== process)
  }
  return wanted.length === 0 ? 0 : code
}

export function* kill(shell: ShellState, argv: string[]): Routine<number> {
  return yield* sendSignal(shell.process, argv, shell)
}

export function* trap(shell: ShellState, argv: string[]): Routine<number> {
  const words = argv.slice(1).filter((word) => word !== '--')
  if (words.length === 0) {
    for (const [name, action] of shell.traps) yield* shell.process.out(`trap -- '${action}' ${name}\n`)
    return 0
  }
  const reset = words.length === 1 || words[0] === '-'
  const action = words.length === 1 ? null : (words[0] as string)
  for (const word of words.length === 1 ? words : words.slice(1)) {
    const name = word === '0' ? 'EXIT' : word.toUpperCase().replace(/^SIG/, '')
    const signal = signalNamed(name) ?? name
    if (signal !== 'EXIT' && !(signal in SIGNALS)) {
      yield* shell.complain(`${word}: invalid signal specification`, 'trap')
      return 1
    }
    if (signal === 'EXIT') {
      if (reset) shell.traps.delete('EXIT')
      else shell.traps.set('EXIT', action ?? '')
    } else shell.trap(signal as Signal, reset ? null : action)
  }
  return 0
}
