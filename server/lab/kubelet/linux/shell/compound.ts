/** Commands that hold commands. */
import type { Routine } from '../../kernel/routine.ts'
import { LoopJump } from './jumps.ts'
import { matches } from '../patterns.ts'
import type { RunningShell } from './running-shell.ts'
import type { Command, Script } from './syntax.ts'

/** if, loops, for, case, groups. */
export function* compound(shell: RunningShell, command: Exclude<Command, { kind: 'simple' | 'function' }>): Routine<void> {
  switch (command.kind) {
    case 'if':
      for (const { condition, body } of command.branches) {
        if (yield* test(shell, condition)) return yield* runBody(shell, body)
      }
      if (command.otherwise) return yield* runBody(shell, command.otherwise)
      shell.lastCode = 0
      return
    case 'loop':
      return yield* loop(
        shell,
        function* (): Routine<boolean> {
          return (yield* test(shell, command.condition)) !== command.until
        },
        command.body,
      )
    case 'for': {
      const words = command.words === null ? shell.positional : yield* shell.expand.words(command.words)
      const rest = [...words]
      return yield* loop(
        shell,
        function* (): Routine<boolean> {
          const word = rest.shift()
          if (word === undefined) return false
          shell.set(command.name, word)
          yield* shell.machine.breathe()
          return true
        },
        command.body,
      )
    }
    case 'case': {
      const word = yield* shell.expand.text(command.word)
      for (const { patterns, body } of command.items) {
        for (const pattern of patterns) {
          if (matches(yield* shell.expand.pattern(pattern), word)) return yield* runBody(shell, body)
        }
      }
      shell.lastCode = 0
      return
    }
    default:
      return yield* runBody(shell, command.body)
  }
}

function* runBody(shell: RunningShell, body: Script): Routine<void> {
  if (body.length === 0) shell.lastCode = 0
  yield* shell.script(body)
}

function* test(shell: RunningShell, condition: Script): Routine<boolean> {
  shell.tested++
  try {
    yield* shell.script(condition)
  } finally {
    shell.tested--
  }
  return shell.lastCode === 0
}

function* loop(shell: RunningShell, next: () => Routine<boolean>, body: Script): Routine<void> {
  let code = 0
  shell.loops++
  try {
    for (;;) {
      try {
        if (!(yield* next())) break
        yield* shell.script(body)
        code = shell.lastCode
      } catch (error) {
        if (!(error instanceof LoopJump)) throw error
        code = 0
        if (--error.levels > 0 && shell.loops > 1) throw error
        if (error.kind === 'break') break
      }
    }
  } finally {
    shell.loops--
  }
  shell.lastCode = code
}

/** A word as `set -x` shows it. */
export function traced(word: string): string {
  return word === '' || /[\s'"$&|;<>()]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word
}
