/** Builtins about jobs and signals. */
import type { Process } from '../process.ts'
import { first, type Routine, wait } from '../routine.ts'
import { type Signal, SIGNALS } from '../signals.ts'
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

/** kill, of the shell and of the image. */
export function* sendSignal(process: Process, argv: string[], shell?: ShellState): Routine<number> {
  const words = argv.slice(1)
  if (words[0] === '-l') {
    for (const [name, number] of Object.entries(SIGNALS)) yield* process.out(`${String(number).padStart(2)}) ${name}\n`)
    return 0
  }
  let signal: Signal | undefined = 'TERM'
  if (words[0]?.startsWith('-') && words[0] !== '--') {
    const name = words[0] === '-s' ? (words.splice(0, 1), words[0] ?? '') : words[0].slice(1)
    words.shift()
    const plain = name.toUpperCase().replace(/^SIG/, '')
    const byNumber = (Object.entries(SIGNALS) as [Signal, number][]).find(([, number]) => String(number) === name)
    signal = plain === '0' ? undefined : plain in SIGNALS ? (plain as Signal) : byNumber?.[0]
    if (signal === undefined && plain !== '0') {
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
            : `can't kill pid ${word}: No such process`
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
    const signal = name in SIGNALS ? name : (Object.entries(SIGNALS).find(([, number]) => String(number) === name)?.[0] ?? name)
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
