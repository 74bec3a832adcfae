/**
 * A small POSIX-like shell over a handful of busybox's programs: enough for what people type into `kubectl exec` and into a pod's command. Words,
 * quotes, `;`, `&&`, `||`, `|`, `>`, variables, `$?`, `if`-less. What it does not know it refuses in busybox's words.
 */
import { Input } from './input.ts'
import type { ShellEnvironment, ShellOutput } from './program-run.ts'
import { type Program, PROGRAMS } from './programs.ts'
import { parseLine, type Pipeline, ShellSyntaxError } from './shell-syntax.ts'

/** Programs that the shell has in itself, whatever is on PATH. */
const BUILTINS = new Set(['echo', 'true', 'false', 'pwd'])

export class Shell {
  readonly variables: Record<string, string>
  private readonly environment: ShellEnvironment
  private lastCode = 0
  private stops: (() => void)[] = []
  /** Goes on after the program that runs now. */
  private onEnd: ((code: number) => void) | null = null
  private interrupted = false
  private killed = false
  exited: number | null = null

  constructor(environment: ShellEnvironment) {
    this.environment = environment
    this.variables = { ...environment.context.container.env }
  }

  kill(): void {
    this.killed = true
    for (const stop of this.stops.splice(0)) stop()
  }

  /** Ctrl-C: the program that runs ends by SIGINT, and so does the rest of the line. Returns whether one ran. */
  interrupt(): boolean {
    const { onEnd } = this
    if (onEnd === null) return false
    this.interrupted = true
    for (const stop of this.stops.splice(0)) stop()
    onEnd(130)
    return true
  }

  whenKilled(stop: () => void): void {
    this.stops.push(stop)
  }

  /** Runs a script; `done` gets the exit code of its last command, or that of `exit`. */
  run(script: string, stdin: Input, output: ShellOutput, done: (code: number) => void): void {
    this.interrupted = false
    let pipelines: Pipeline[]
    try {
      pipelines = parseLine(script)
    } catch (error) {
      if (!(error instanceof ShellSyntaxError)) throw error
      output.stderr(`sh: syntax error: ${error.message}\n`)
      return done(2)
    }
    const next = (index: number): void => {
      const pipeline = pipelines[index]
      if (this.killed) return
      if (this.exited !== null) return done(this.exited)
      if (!pipeline || this.interrupted) return done(this.lastCode)
      const skip = (pipeline.when === '&&' && this.lastCode !== 0) || (pipeline.when === '||' && this.lastCode === 0)
      if (skip) return next(index + 1)
      this.runPipeline(pipeline, stdin, output, (code) => {
        this.lastCode = code
        next(index + 1)
      })
    }
    next(0)
  }

  private runPipeline(pipeline: Pipeline, stdin: Input, output: ShellOutput, done: (code: number) => void): void {
    const step = (index: number, input: Input): void => {
      const command = pipeline.commands[index]
      if (!command) return done(0)
      const last = index === pipeline.commands.length - 1
      let collected = ''
      const into: ShellOutput = {
        stdout: (data) => {
          if (!last || command.redirect) collected += data
          else output.stdout(data)
        },
        stderr: (data) => (command.errorsToOutput ? into.stdout(data) : command.errorsTo === '/dev/null' ? undefined : output.stderr(data)),
      }
      const argv = command.words.map((word) => this.expand(word))
      this.runCommand(argv, input, into, (code) => {
        if (command.redirect) this.write(command.redirect, this.expand(command.redirect.file), collected)
        if (last) done(code)
        else step(index + 1, Input.of(command.redirect ? '' : collected))
      })
    }
    step(0, stdin)
  }

  /** Goes on with `done` after a program, once, whether it ends by itself or by Ctrl-C. */
  private foreground(done: (code: number) => void): (code: number) => void {
    const end = (code: number): void => {
      if (this.onEnd !== end || this.killed) return
      this.onEnd = null
      this.stops = []
      done(code)
    }
    this.onEnd = end
    return end
  }

  private write(redirect: { append: boolean }, file: string, text: string): void {
    if (file === '/dev/null') return
    const { files } = this.environment
    files.set(file, (redirect.append ? (files.get(file) ?? '') : '') + text)
  }

  private expand(word: { parts: { text: string; literal: boolean }[] }): string {
    return word.parts
      .map(({ text, literal }) =>
        literal
          ? text
          : text.replace(/\$(\?|\$|\{\w+\}|\w+)/g, (_all, name: string) => {
              if (name === '?') return String(this.lastCode)
              if (name === '$') return '1'
              return this.variables[name.replace(/[{}]/g, '')] ?? ''
            }),
      )
      .join('')
  }

  private runCommand(argv: string[], stdin: Input, output: ShellOutput, done: (code: number) => void): void {
    const words = [...argv]
    const assigned: Record<string, string> = {}
    while (words.length > 0 && /^[A-Za-z_]\w*=/.test(words[0] as string)) {
      const [name = '', ...value] = (words.shift() as string).split('=')
      assigned[name] = value.join('=')
    }
    const [name] = words
    if (name === undefined) {
      Object.assign(this.variables, assigned)
      return done(0)
    }
    if (name === 'exit') {
      this.exited = words[1] === undefined ? this.lastCode : Number(words[1]) & 255
      return done(this.exited)
    }
    if (name === 'export') {
      for (const word of words.slice(1)) {
        const [key = '', value] = word.split('=')
        if (value !== undefined) this.variables[key] = value
      }
      return done(0)
    }
    if (name === 'cd' || name === ':' || name === 'set' || name === 'trap') return done(0)
    if (name === 'exec') return this.runCommand(words.slice(1), stdin, output, done)
    if (name === 'sh' || name === '/bin/sh' || name === 'ash') {
      const inner = new Shell(this.environment)
      Object.assign(inner.variables, this.variables)
      this.stops.push(() => inner.kill())
      return runShell(inner, words.slice(1), stdin, output, this.foreground(done))
    }
    const program = BUILTINS.has(name) ? PROGRAMS[name] : findProgram(this.environment, name)
    if (!program) {
      output.stderr(`sh: ${name}: not found\n`)
      return done(127)
    }
    program({
      environment: this.environment,
      argv: words,
      variables: { ...this.variables, ...assigned },
      stdin,
      output,
      done: this.foreground(done),
      onKill: (stop) => this.stops.push(stop),
    })
  }
}

/** What `sh ARGUMENTS` does, after the shell itself is found. */
export function runShell(shell: Shell, args: string[], stdin: Input, output: ShellOutput, done: (code: number) => void): void {
  const [first, second] = args
  if (first === '-c') {
    if (second === undefined) {
      output.stderr('sh: -c requires an argument\n')
      return done(2)
    }
    return shell.run(second, stdin, output, done)
  }
  if (first !== undefined && !first.startsWith('-')) {
    output.stderr(`/bin/sh: can't open '${first}': No such file or directory\n`)
    return done(2)
  }
  runScript(shell, stdin, output, done)
}

/** A script on standard input: each line runs as soon as it is there, and what it runs may read the lines after it. */
function runScript(shell: Shell, stdin: Input, output: ShellOutput, done: (code: number) => void): void {
  let code = 0
  const next = (): void =>
    shell.whenKilled(
      stdin.readLine((line) => {
        if (line === null) return done(code)
        shell.run(line, stdin, output, (last) => {
          code = last
          if (shell.exited !== null) done(shell.exited)
          else next()
        })
      }),
    )
  next()
}

/** A program by its name or path, where the image has it. */
export function findProgram(environment: ShellEnvironment, name: string): Program | undefined {
  const base = name.replace(/^\/(usr\/)?(local\/)?s?bin\//, '')
  if (base.includes('/')) return undefined
  return environment.programs.includes(base) ? PROGRAMS[base] : undefined
}
