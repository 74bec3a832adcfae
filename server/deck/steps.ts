/** The lines of a lab block: commands, their checks, and the sign that a command is interrupted by the next click. */
import type { Check } from '../protocol/lab.ts'
import { parseCheck } from './check.ts'

/** A step before it has an id. Lines count from 0 within the block. */
export interface BlockStep {
  command: string
  keepsRunning: boolean
  checks: Check[]
  line: number
}

/** What is wrong with a line of a block. */
export interface BlockError {
  line: number
  message: string
}

const EXPECTED = 'expected a command (`# kubectl ...`), a check (`? ...`) or `^C`'

/** Whether a command goes on in the next line: an odd number of backslashes ends it, as in bash. */
function continues(line: string): boolean {
  return ((/\\+$/.exec(line)?.[0].length ?? 0) & 1) === 1
}

/** Reads a block. All errors are reported, not the first alone; steps are complete only where there are none. */
export function parseSteps(lines: readonly string[]): { steps: BlockStep[]; errors: BlockError[] } {
  const steps: BlockStep[] = []
  const errors: BlockError[] = []
  for (let line = 0; line < lines.length; line++) {
    const text = (lines[line] as string).trimEnd()
    if (text === '') continue
    const step = steps.at(-1)
    if (text === '#' || text.startsWith('# ')) {
      const first = line
      let command = text.slice(1).trimStart()
      while (continues(command)) {
        const next = lines[line + 1]
        if (next === undefined) {
          errors.push({ line, message: 'the command ends with a backslash but nothing follows it: expected its next line' })
          break
        }
        command += '\n' + next.trimEnd()
        line++
      }
      if (command === '') errors.push({ line: first, message: 'there is no command after #: expected `# COMMAND`' })
      else steps.push({ command, keepsRunning: false, checks: [], line: first })
    } else if (text === '?' || text.startsWith('? ')) {
      const check = parseCheck(text.slice(1))
      if (!step) errors.push({ line, message: 'a check stands below the command that it is about: expected `# COMMAND` first' })
      else if ('error' in check) errors.push({ line, message: check.error })
      else if (check.kind === 'exit' && step.keepsRunning) errors.push({ line, message: INTERRUPTED })
      else step.checks.push(check)
    } else if (text === '^C') {
      if (!step) errors.push({ line, message: '^C stands below the command that it interrupts: expected `# COMMAND` first' })
      else if (step.keepsRunning) errors.push({ line, message: 'the command above has its ^C already' })
      else if (step.checks.some((check) => check.kind === 'exit')) errors.push({ line, message: INTERRUPTED })
      else step.keepsRunning = true
    } else errors.push({ line, message: `"${text}" is no line of a lab: ${EXPECTED}` })
  }
  if (steps.length === 0 && errors.length === 0) errors.push({ line: -1, message: `the lab has no step: ${EXPECTED}` })
  return { steps, errors }
}

const INTERRUPTED = 'a command that is interrupted (^C) has no exit code to check: leave out one of the two'
