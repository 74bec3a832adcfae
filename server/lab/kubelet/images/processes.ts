/** What images with a shell share: their first process and the commands that exec starts beside it. */
import type { ExecOutput, ExecProcess } from '../../context.ts'
import type { ContainerContext, RunningContainer } from '../image.ts'
import type { ShellEnvironment, ShellOutput } from './program-run.ts'
import { Input } from './input.ts'
import { findProgram, runShell, Shell } from './shell.ts'
import { Terminal } from './terminal.ts'

/** Thrown by an image's start where the command does not exist; the runtime makes StartError of it. */
export class ExecutableNotFound extends Error {
  readonly executable: string

  constructor(executable: string) {
    super(`exec: "${executable}": executable file not found in $PATH`)
    this.executable = executable
  }
}

const SHELLS = new Set(['sh', '/bin/sh', 'ash', '/bin/ash'])

export function createEnvironment(
  context: ContainerContext,
  programs: readonly string[],
  files: Record<string, string> = {},
): ShellEnvironment {
  const address = context.pod.status?.podIP ?? '127.0.0.1'
  return {
    context,
    programs,
    files: new Map(
      Object.entries({
        '/etc/hostname': `${context.hostname}\n`,
        '/etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${context.hostname}\n`,
        '/etc/resolv.conf': `search ${context.pod.metadata.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
        ...files,
      }),
    ),
  }
}

/** A process: what it reads, and what ends it. */
interface Process {
  input: Input
  interrupt(): void
  resize(columns: number, rows: number): void
  kill(): void
}

/** Starts a command line that exists ({@link isExecutable}). On a terminal a shell without arguments prompts. */
function startProcess(
  environment: ShellEnvironment,
  argv: string[],
  { tty }: { tty: boolean },
  output: ShellOutput,
  done: (code: number) => void,
): Process {
  const terminal = tty ? { columns: 0, rows: 0 } : undefined
  const shell = new Shell(terminal ? { ...environment, terminal } : environment)
  const input = new Input()
  const [name = ''] = argv
  const start = (): void => {
    if (!SHELLS.has(name)) shell.run(argv.map(quote).join(' '), input, output, done)
    else if (tty && argv[1] === undefined) interact(shell, input, output, done)
    else runShell(shell, argv.slice(1), input, output, done)
  }
  const timer = environment.context.clock.after(0, start)
  return {
    input,
    interrupt() {
      const prompting = tty && SHELLS.has(name) && argv[1] === undefined
      if (!shell.interrupt() && prompting) output.stdout(PROMPT)
    },
    resize: (columns, rows) => void Object.assign(terminal ?? {}, { columns, rows }),
    kill() {
      timer.cancel()
      shell.kill()
    },
  }
}

const PROMPT = '/ # '

/** A shell at a prompt: line after line, until `exit` or the end of the input. */
function interact(shell: Shell, input: Input, output: ShellOutput, done: (code: number) => void): void {
  let code = 0
  const next = (): void => {
    output.stdout(PROMPT)
    shell.whenKilled(
      input.readLine((line) => {
        if (line === null) return done(code)
        shell.run(line, input, output, (last) => {
          code = last
          if (shell.exited !== null) done(shell.exited)
          else next()
        })
      }),
    )
  }
  next()
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'"'"'`)}'`
}

function isExecutable(environment: ShellEnvironment, argv: string[]): boolean {
  const [name = ''] = argv
  return SHELLS.has(name) || findProgram(environment, name) !== undefined
}

/** A first process that is a command line. A shell as process 1 does not act on SIGTERM, so it is killed when its grace period is over. */
export function runCommandLine(environment: ShellEnvironment, argv: string[]): RunningContainer {
  const { context } = environment
  const { stdin, tty } = context.container
  if (!isExecutable(environment, argv)) throw new ExecutableNotFound(argv[0] ?? '')
  const output: ShellOutput = { stdout: (data) => context.write('stdout', data), stderr: (data) => context.write('stderr', data) }
  const process = startProcess(environment, argv, { tty }, output, (code) => context.exit(code))
  const terminal = new Terminal(process.input, output.stdout, () => {
    // the kernel spares process 1 of signals that it does not handle
    if (SHELLS.has(argv[0] ?? '')) process.interrupt()
  })
  if (!stdin && !tty) process.input.close()
  return {
    terminate() {},
    dispose: () => process.kill(),
    ...(stdin
      ? {
          input: {
            write: (data: string) => (tty ? terminal.type(data) : process.input.push(data)),
            close: () => process.input.close(),
            resize: process.resize,
          },
        }
      : {}),
    exec: (command, onTerminal, into) => execIn(environment, command, onTerminal, into),
  }
}

/** Starts a command in a running container, as `kubectl exec` does. */
export function execIn(environment: ShellEnvironment, argv: string[], tty: boolean, output: ExecOutput): ExecProcess {
  if (!isExecutable(environment, argv)) {
    output.fail(
      `failed to exec in container: failed to start exec "${randomId(environment)}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0] ?? ''}": executable file not found in $PATH: unknown`,
    )
    return { stdin() {}, closeStdin() {}, resize() {}, kill() {} }
  }
  const stdout = (data: string): void => output.stdout(tty ? data.replace(/\r?\n/g, '\r\n') : data)
  const into: ShellOutput = { stdout, stderr: tty ? stdout : (data) => output.stderr(data) }
  const process = startProcess(environment, argv, { tty }, into, output.exit)
  const terminal = new Terminal(process.input, output.stdout, () => process.interrupt())
  return {
    stdin: (data) => (tty ? terminal.type(data) : process.input.push(data)),
    closeStdin: () => process.input.close(),
    resize: process.resize,
    kill: () => process.kill(),
  }
}

function randomId(environment: ShellEnvironment): string {
  let id = ''
  while (id.length < 64) id += Math.floor(environment.context.random() * 16).toString(16)
  return id
}
