/** What a shell knows between its commands, and what runs in it. */
import type { Input } from '../input.ts'
import type { ShellEnvironment } from '../program-run.ts'
import type { Command } from './grammar.ts'

/** The three streams of a command. */
export interface Streams {
  stdin: Input
  stdout(data: string): void
  stderr(data: string): void
}

/** Something that runs and can be stopped, with all that runs below it. */
export class Job {
  killed = false
  private readonly stops = new Set<() => void>()

  onKill(stop: () => void): () => void {
    if (this.killed) stop()
    else this.stops.add(stop)
    return () => void this.stops.delete(stop)
  }

  kill(): void {
    if (this.killed) return
    this.killed = true
    for (const stop of [...this.stops]) stop()
    this.stops.clear()
  }

  /** A job that is stopped with this one; `end` when it is over. */
  child(): { job: Job; end(): void } {
    const job = new Job()
    return { job, end: this.onKill(() => job.kill()) }
  }
}

export interface BackgroundJob {
  pid: number
  job: Job
  code: number | null
  waiting: (() => void)[]
}

/** How a command left its construct, where it did not simply end. */
export type Flow = { is: 'break' | 'continue'; levels: number } | { is: 'return' | 'exit' }

/** Called once with the exit code. */
export type Done = (code: number, flow?: Flow) => void

export class ShellState {
  readonly environment: ShellEnvironment
  variables = new Map<string, string>()
  exported = new Set<string>()
  functions = new Map<string, Command>()
  positional: string[] = []
  lastCode = 0
  /** `set -e`, `set -u`. */
  options = { errexit: false, nounset: false }
  traps = new Map<string, string>()
  folder = '/'
  background: BackgroundJob[] = []
  lastPid = 1
  /** A signal whose trap has yet to run: it does once the command that runs is over, or at once where the shell waits. */
  signal: { pending: string | null } = { pending: null }
  onSignal: (() => void) | null = null
  /** The line that a prompt runs now; `go` goes on after it as after Ctrl-C. */
  foreground: { job: Job; go: (() => void) | null } | null = null
  /** How many loops are around the command that runs. */
  loopDepth = 0
  /** When the loops last let time pass: see interpreter.ts. */
  loops = { since: -1, count: 0 }

  constructor(environment: ShellEnvironment) {
    this.environment = environment
    for (const [name, value] of Object.entries({ HOME: '/', ...environment.context.container.env })) this.export(name, value)
    this.variables.set('HOSTNAME', environment.context.hostname)
    this.exported.add('HOSTNAME')
  }

  export(name: string, value?: string): void {
    if (value !== undefined) this.variables.set(name, value)
    this.exported.add(name)
  }

  /** The environment of a program. */
  exportedVariables(): Record<string, string> {
    return Object.fromEntries([...this.variables].filter(([name]) => this.exported.has(name)))
  }

  /** For a subshell: what it changes stays in it. */
  copy(): ShellState {
    const copy = Object.create(ShellState.prototype) as ShellState
    return Object.assign(copy, this, {
      variables: new Map(this.variables),
      exported: new Set(this.exported),
      functions: new Map(this.functions),
      positional: [...this.positional],
      options: { ...this.options },
      traps: new Map(),
      background: [],
      foreground: null,
      onSignal: null,
    })
  }
}
