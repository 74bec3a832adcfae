/** kill: sends signals to processes. */
import type { Process } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { type Signal, signalNamed, SIGNALS } from '../../kernel/signals.ts'

/** What a shell's own kill knows besides: the shell's jobs, and how it words what is wrong. */
export interface KillingShell {
  readonly flavour: 'ash' | 'dash' | 'bash'
  readonly jobs: readonly { number: number; process: Process }[]
  complain(message: string, command?: string): Routine<void>
}

/** As a program, and as a builtin of the shell that is given. */
export function* sendSignal(process: Process, argv: string[], shell?: KillingShell): Routine<number> {
  const words = argv.slice(1)
  if (words[0] === '-l') {
    for (const [name, number] of Object.entries(SIGNALS)) yield* process.out(`${String(number).padStart(2)}) ${name}\n`)
    return 0
  }
  let signal: Signal | undefined = 'TERM'
  if (words[0]?.startsWith('-') && words[0] !== '--') {
    const name = words[0] === '-s' ? (words.splice(0, 1), words[0] ?? '') : words[0].slice(1)
    words.shift()
    signal = signalNamed(name)
    if (signal === undefined && !/^(SIG)?0$/i.test(name)) {
      const complaint = `bad signal name '${name}'`
      if (shell) yield* shell.complain(complaint, shell.flavour === 'ash' ? undefined : 'kill')
      else yield* process.complain(complaint)
      return 1
    }
  }
  let code = 0
  for (const word of words) {
    const job = word.startsWith('%') ? shell?.jobs.find(({ number }) => String(number) === word.slice(1))?.process : undefined
    const target = job ?? process.machine.processes.get(Number(word))
    if (!target) {
      const message =
        shell?.flavour === 'bash'
          ? `(${word}) - No such process`
          : shell?.flavour === 'dash'
            ? 'No such process'
            : /^-?\d+$/.test(word)
              ? `can't kill pid ${word}: No such process`
              : `invalid number '${word}'`
      if (shell) yield* shell.complain(message, shell.flavour === 'ash' ? undefined : 'kill')
      else yield* process.complain(message)
      code = 1
      continue
    }
    if (signal) target.signal(signal)
    yield* process.machine.breathe()
  }
  return code
}
