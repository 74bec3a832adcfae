/** What a shell knows: variables, functions, options, jobs, traps; and how it words what is wrong. */
import type { Machine, Process } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import type { Signal } from '../../kernel/signals.ts'
import type { Command, ShellSyntaxError } from './syntax.ts'

export type Flavour = 'ash' | 'dash' | 'bash'

/** A redirection or an assignment that fails: the command does not run. */
export class CommandError extends Error {
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

export interface Variable {
  value: string
  exported: boolean
  readOnly: boolean
}

export interface Job {
  number: number
  process: Process
  source: string
}

export class ShellState {
  readonly process: Process
  readonly flavour: Flavour
  /** `$0`, which begins its complaints. */
  name: string
  readonly variables = new Map<string, Variable>()
  readonly functions = new Map<string, Command>()
  readonly traps = new Map<string, string>()
  readonly options = new Set<string>()
  positional: string[] = []
  lastCode = 0
  lastBackground: number | null = null
  jobs: Job[] = []
  interactive = false
  /** `$$`: of the shell that was started, not of its subshells. */
  mainPid: number
  loops = 0
  calls = 0
  line = 0
  locals: Map<string, Variable | undefined>[] = []
  /** How many conditions are being looked at: `set -e` spares what they run. */
  tested = 0
  protected signals: Signal[] = []
  /** Called when a signal comes for which there is a trap. */
  onSignal: (() => void) | null = null

  constructor(process: Process, flavour: Flavour, name: string) {
    this.process = process
    this.flavour = flavour
    this.name = name
    this.mainPid = process.pid
    for (const [key, value] of process.env) this.variables.set(key, { value, exported: true, readOnly: false })
    // every shell tells its children where it is
    this.variables.set('PWD', { value: process.cwd, exported: true, readOnly: false })
    if (!this.variables.has('IFS')) this.set('IFS', ' \t\n')
  }

  get machine(): Machine {
    return this.process.machine
  }

  get(name: string): string | undefined {
    return this.variables.get(name)?.value
  }

  set(name: string, value: string): void {
    const known = this.variables.get(name)
    if (known?.readOnly)
      throw new CommandError(
        this.flavour === 'bash' ? `${name}: readonly variable` : `${name}: is read only`,
        this.flavour === 'bash' ? 1 : 2,
      )
    if (known) known.value = value
    else this.variables.set(name, { value, exported: this.options.has('a'), readOnly: false })
  }

  environment(): Map<string, string> {
    const env = new Map<string, string>()
    for (const [name, { value, exported }] of this.variables) if (exported) env.set(name, value)
    return env
  }

  /** A message as the shell words it. `command`: of a builtin. */
  complain(message: string, command?: string): Routine<void> {
    const { flavour, interactive, line } = this
    const own = command === undefined ? '' : `${command}: `
    if (flavour === 'dash') return this.process.write(2, `${this.name}: ${interactive ? this.line : line || 1}: ${own}${message}\n`)
    if (flavour === 'bash') return this.process.write(2, `${this.name}: ${interactive ? '' : `line ${line || 1}: `}${own}${message}\n`)
    return this.process.write(
      2,
      `${this.name}: ${own}${command === undefined || interactive ? '' : `line ${Math.max(0, line - 1)}: `}${message}\n`,
    )
  }

  *syntaxError(error: ShellSyntaxError, text: string): Routine<void> {
    if (this.flavour === 'ash') return yield* this.process.write(2, `${this.name}: syntax error: ${error.message}\n`)
    if (this.flavour === 'dash')
      return yield* this.process.write(
        2,
        `${this.name}: ${error.line}: Syntax error: ${error.message.replace(/^u/, 'U').replace(/^b/, 'B')}\n`,
      )
    const where = this.interactive ? '' : `-c: line ${error.line}: `
    const near = /unexpected "([^"]+)"/.exec(error.message)?.[1]
    if (error.message === 'unterminated quoted string') {
      yield* this.process.write(2, `${this.name}: ${where}unexpected EOF while looking for matching \`${/'/.test(text) ? "'" : '"'}'\n`)
      return
    }
    const what = near ? `syntax error near unexpected token \`${near}'` : 'syntax error: unexpected end of file'
    yield* this.process.write(2, `${this.name}: ${where}${what}\n`)
    if (near) yield* this.process.write(2, `${this.name}: ${where}\`${text.split('\n')[error.line - 1] ?? text}'\n`)
  }

  trap(signal: Signal, action: string | null): void {
    if (action === null) {
      this.traps.delete(signal)
      this.process.handlers.delete(signal)
      return
    }
    this.traps.set(signal, action)
    this.process.handlers.set(signal, () => {
      if (action === '') return
      this.signals.push(signal)
      this.onSignal?.()
    })
  }

  hasSignal(): boolean {
    return this.signals.length > 0
  }
}
