/** Runs a shell's commands in a process: ash of busybox, dash of Debian, and so much of bash as people type into `kubectl exec`. */
import { IS_DIRECTORY, NO_ENTRY } from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import { type Routine, wait } from '../../kernel/routine.ts'
import { copyOf, Descriptor, Pipe, sink, textStream } from '../../kernel/streams.ts'
import { BUILTINS, SPECIAL } from './builtins.ts'
import { compound, traced } from './compound.ts'
import { FunctionReturn, Interrupted, LoopJump, ShellExit } from './jumps.ts'
import { Expander, ExpansionError } from './expansion.ts'
import { parseScript } from './parser.ts'
import { applyRedirects, replace } from './redirects.ts'
import type { RunningShell } from './running-shell.ts'
import { CommandError, type Flavour, ShellState, type Variable } from './state.ts'
import { type AndOr, type Command, type Pipeline, type Redirect, type Script, ShellSyntaxError } from './syntax.ts'

export class Shell extends ShellState implements RunningShell {
  readonly expand: Expander

  constructor(process: Process, flavour: Flavour, name: string) {
    super(process, flavour, name)
    this.expand = new Expander(this)
  }

  *source(text: string): Routine<number> {
    let script: Script
    try {
      script = parseScript(text)
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      yield* this.syntaxError(error, text)
      this.lastCode = 2
      if (!this.interactive) throw new ShellExit(2)
      return 2
    }
    yield* this.script(script)
    return this.lastCode
  }

  *script(script: Script): Routine<void> {
    for (const item of script) yield* this.andOr(item)
  }

  private *andOr(item: AndOr): Routine<void> {
    if (item.background) return yield* this.inBackground(item)
    const last = item.rest.at(-1)?.pipeline ?? item.first
    yield* this.pipeline(item.first, last !== item.first)
    for (const { operator, pipeline } of item.rest) {
      if ((operator === '&&') !== (this.lastCode === 0)) continue
      yield* this.pipeline(pipeline, pipeline !== last)
    }
  }

  private *inBackground(item: AndOr): Routine<void> {
    const process = this.fork((shell) => shell.andOr({ ...item, background: false }))
    if (!this.interactive) {
      process.descriptors.get(0)?.close()
      process.descriptors.set(0, new Descriptor(textStream('')))
    }
    this.lastBackground = process.pid
    this.lastCode = 0
    const number = (this.jobs.at(-1)?.number ?? 0) + 1
    this.jobs.push({ number, process, source: item.source })
    if (this.interactive && this.flavour === 'bash') yield* this.process.write(2, `[${number}] ${process.pid}\n`)
    yield* this.machine.breathe()
  }

  private *pipeline({ commands, negated }: Pipeline, tested: boolean): Routine<void> {
    if (tested || negated) this.tested++
    try {
      const [only] = commands
      if (commands.length === 1 && only) yield* this.command(only)
      else yield* this.piped(commands)
    } finally {
      if (tested || negated) this.tested--
    }
    if (negated) this.lastCode = this.lastCode === 0 ? 1 : 0
    else if (this.lastCode !== 0 && !tested) this.failIfWanted()
    yield* this.runTraps()
  }

  failIfWanted(): void {
    if (this.options.has('e') && this.tested === 0) throw new ShellExit(this.lastCode)
  }

  private *piped(commands: Command[]): Routine<void> {
    const processes: Process[] = []
    let input: Descriptor | null = null
    const group = this.interactive ? undefined : this.process.group
    for (const [index, command] of commands.entries()) {
      const last = index === commands.length - 1
      const pipe = new Pipe()
      const descriptors = copyOf(this.process.descriptors)
      if (input) replace(descriptors, 0, input)
      if (!last) replace(descriptors, 1, new Descriptor(pipe.writing))
      input = last ? null : new Descriptor(pipe.reading)
      const process = this.fork((shell) => shell.command(command), descriptors, group ?? processes[0]?.pid)
      processes.push(process)
    }
    yield* this.waitFor(processes)
  }

  /** Waits for what runs in the foreground; the code is the last one's. */
  private *waitFor(processes: readonly Process[]): Routine<void> {
    const { terminal } = this.process
    const own = terminal?.foreground ?? 0
    if (this.interactive && terminal) terminal.foreground = processes[0]?.group ?? own
    for (const process of processes) this.lastCode = yield* wait(process.ended)
    if (this.interactive && terminal) {
      terminal.foreground = own
      if (this.lastCode === 130) throw new Interrupted()
      if (this.lastCode === 131 || this.lastCode === 143 || this.lastCode === 137)
        yield* this.process.write(2, `${{ 131: 'Quit (core dumped)', 143: 'Terminated', 137: 'Killed' }[this.lastCode] ?? ''}\n`)
    }
  }

  /** Another process that goes on as a copy of this shell. */
  fork(what: (shell: Shell) => Routine<unknown>, descriptors = copyOf(this.process.descriptors), group?: number): Process {
    const parent = this.process
    const process = parent.child(parent.argv, new Map(parent.env), descriptors)
    if (group !== undefined) process.group = group
    else if (this.interactive) process.group = process.pid
    const shell = new Shell(process, this.flavour, this.name)
    shell.variables.clear()
    for (const [name, variable] of this.variables) shell.variables.set(name, { ...variable })
    for (const [name, body] of this.functions) shell.functions.set(name, body)
    for (const option of this.options) shell.options.add(option)
    shell.positional = [...this.positional]
    shell.lastCode = this.lastCode
    shell.lastBackground = this.lastBackground
    shell.mainPid = this.mainPid
    shell.line = this.line
    shell.loops = this.loops
    shell.calls = this.calls
    shell.tested = this.tested
    process.start(() => shell.toEnd(what(shell)))
    return process
  }

  /** Runs to the end of the process, EXIT trap included. */
  *toEnd(what: Routine<unknown>): Routine<number> {
    let code: number
    try {
      yield* what
      code = this.lastCode
    } catch (error) {
      code = yield* this.endOf(error)
    }
    const trap = this.traps.get('EXIT')
    if (trap === undefined) return code
    this.traps.delete('EXIT')
    this.lastCode = code
    try {
      yield* this.source(trap)
    } catch (error) {
      return yield* this.endOf(error)
    }
    return code
  }

  private *endOf(error: unknown): Routine<number> {
    if (error instanceof ShellExit || error instanceof FunctionReturn) return error.code
    if (error instanceof LoopJump) return this.lastCode
    if (error instanceof ExpansionError) {
      yield* this.complain(error.message)
      return this.flavour === 'bash' ? 1 : 2
    }
    throw error
  }

  *runTraps(): Routine<void> {
    while (this.signals.length > 0) {
      const action = this.traps.get(this.signals.shift() as string)
      if (action === undefined) continue
      const code = this.lastCode
      yield* this.source(action)
      this.lastCode = code
    }
  }

  private *command(command: Command): Routine<void> {
    yield* this.machine.breathe()
    switch (command.kind) {
      case 'simple':
        return yield* this.simple(command)
      case 'function':
        this.functions.set(command.name, command.body)
        this.lastCode = 0
        return
      case 'subshell': {
        const process = this.fork((shell) => shell.redirected(command.redirects, () => shell.script(command.body)))
        return yield* this.waitFor([process])
      }
      default:
        return yield* this.redirected(command.redirects, () => compound(this, command))
    }
  }

  private *simple(command: Extract<Command, { kind: 'simple' }>): Routine<void> {
    this.line = command.line
    try {
      const argv = yield* this.expand.words(command.words)
      if (this.options.has('x')) yield* this.process.write(2, `+ ${argv.map(traced).join(' ')}\n`)
      const [name] = argv
      if (name === undefined) {
        const code = this.lastCode
        this.lastCode = 0
        for (const { name: variable, value } of command.assignments) this.set(variable, yield* this.expand.text(value))
        if (command.redirects.length > 0) yield* this.redirected(command.redirects, function* () {})
        if (command.assignments.length === 0 && command.redirects.length === 0) this.lastCode = code
        return
      }
      const assigned = new Map<string, string>()
      for (const { name: variable, value } of command.assignments) assigned.set(variable, yield* this.expand.text(value))
      const own = this.functions.get(name)
      if (own) return yield* this.redirected(command.redirects, () => this.withVariables(assigned, () => this.call(own, argv.slice(1))))
      const builtin = BUILTINS[name]
      if (builtin) {
        if (SPECIAL.has(name)) for (const [variable, value] of assigned) this.set(variable, value)
        return yield* this.redirected(
          command.redirects,
          () =>
            this.withVariables(
              SPECIAL.has(name) ? new Map() : assigned,
              function* (this: Shell): Routine<void> {
                this.lastCode = yield* builtin(this, argv)
              }.bind(this),
            ),
          name === 'exec' && argv.length === 1,
        )
      }
      yield* this.external(argv, assigned, command.redirects)
    } catch (error) {
      if (error instanceof CommandError) {
        yield* this.complain(error.message)
        this.lastCode = error.code
        if (error.code === 2 && !this.interactive) throw new ShellExit(2)
      } else if (error instanceof ExpansionError && this.interactive) {
        yield* this.complain(error.message)
        this.lastCode = this.flavour === 'bash' ? 1 : 2
      } else throw error
    }
  }

  private *withVariables(assigned: Map<string, string>, what: () => Routine<void>): Routine<void> {
    const before = new Map<string, Variable | undefined>()
    for (const [name, value] of assigned) {
      const known = this.variables.get(name)
      before.set(name, known && { ...known })
      this.variables.set(name, { value, exported: true, readOnly: false })
    }
    try {
      yield* what()
    } finally {
      this.restore(before)
    }
  }

  private restore(before: ReadonlyMap<string, Variable | undefined>): void {
    for (const [name, variable] of before) {
      if (variable) this.variables.set(name, variable)
      else this.variables.delete(name)
    }
  }

  private *call(body: Command, args: string[]): Routine<void> {
    const { positional } = this
    if (this.calls >= 200) throw new ExpansionError('maximum function recursion depth exceeded')
    this.positional = args
    this.calls++
    this.locals.push(new Map())
    const { loops } = this
    this.loops = 0
    try {
      yield* this.command(body)
    } catch (error) {
      if (!(error instanceof FunctionReturn)) throw error
      this.lastCode = error.code
    } finally {
      this.restore(this.locals.pop() ?? new Map())
      this.positional = positional
      this.calls--
      this.loops = loops
    }
  }

  private *external(argv: string[], assigned: Map<string, string>, redirects: Redirect[]): Routine<void> {
    const [name = ''] = argv
    const found = this.find(name)
    if ('missing' in found) {
      // what it would write goes where it was told to
      return yield* this.redirected(
        redirects,
        function* (this: Shell): Routine<void> {
          yield* this.complain(found.missing)
          this.lastCode = found.code
        }.bind(this),
      )
    }
    const env = this.environment()
    for (const [variable, value] of assigned) env.set(variable, value)
    const descriptors = copyOf(this.process.descriptors)
    try {
      yield* applyRedirects(this, redirects, descriptors)
    } catch (error) {
      for (const descriptor of descriptors.values()) descriptor.close()
      throw error
    }
    const process = this.process.child(argv, env, descriptors)
    if (this.interactive) process.group = process.pid
    const { terminal } = this.process
    if (this.interactive && terminal) terminal.foreground = process.group
    const own = this.process.group
    process.start(found.program)
    if (this.interactive && terminal) terminal.foreground = own
    yield* this.waitFor([process])
  }

  find(name: string): { program: Program; path: string } | { missing: string; code: number } {
    const { flavour } = this
    const found = this.machine.findProgram(name, this.get('PATH') ?? '', this.process.cwd)
    const applet = found ? undefined : this.machine.image.userland.applets?.[name]
    if (applet) return { program: applet, path: name }
    if (!found) {
      const words = flavour === 'bash' ? (name.includes('/') ? NO_ENTRY : 'command not found') : 'not found'
      return { missing: `${name}: ${words}`, code: 127 }
    }
    const { entry, path } = found
    if (entry.kind === 'directory') return { missing: `${name}: ${flavour === 'bash' ? IS_DIRECTORY : 'Permission denied'}`, code: 126 }
    if (entry.kind !== 'file' || (entry.mode & 0o111) === 0) return { missing: `${name}: Permission denied`, code: 126 }
    return { program: this.machine.programOf(entry) ?? scriptProgram(path, flavour), path }
  }

  /** Runs something with redirections. `kept`: they stay (`exec >file`). */
  *redirected(redirects: readonly Redirect[], what: () => Routine<unknown>, kept = false): Routine<void> {
    if (redirects.length === 0) {
      yield* what()
      return
    }
    const { descriptors } = this.process
    const before = copyOf(descriptors)
    const restore = (): void => {
      for (const descriptor of descriptors.values()) descriptor.close()
      descriptors.clear()
      for (const [number, descriptor] of before) descriptors.set(number, descriptor)
    }
    try {
      yield* applyRedirects(this, redirects, descriptors)
    } catch (error) {
      restore()
      if (!(error instanceof CommandError)) throw error
      yield* this.complain(error.message)
      this.lastCode = error.code
      return
    }
    if (kept) {
      for (const descriptor of before.values()) descriptor.close()
      yield* what()
      return
    }
    try {
      yield* what()
    } finally {
      if (this.process.code === null) restore()
    }
  }

  *capture(script: Script): Routine<string> {
    let text = ''
    const descriptors = copyOf(this.process.descriptors)
    replace(descriptors, 1, new Descriptor(sink((more) => (text += more))))
    const process = this.fork((shell) => shell.script(script), descriptors, this.process.group)
    this.lastCode = yield* wait(process.ended)
    return text
  }
}

/** A file of text that is executable: a script for the shell. */
function scriptProgram(path: string, flavour: Flavour): Program {
  return function* script(process, argv) {
    const shell = new Shell(process, flavour, path)
    shell.positional = argv.slice(1)
    const text = process.machine.files.read(path, process.cwd)
    return yield* shell.toEnd(shell.source(text))
  }
}
