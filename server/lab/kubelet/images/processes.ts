/** What images with a shell share: their first process and the commands that exec starts beside it. */
import type { ExecOutput, ExecProcess } from '../../context.ts'
import type { ContainerContext, RunningContainer } from '../image.ts'
import type { ShellEnvironment, ShellOutput } from './program-run.ts'
import { Input } from './input.ts'
import { findProgram } from './programs.ts'
import { isShell, runLines, runProgram, runShell } from './shell/interpreter.ts'
import { Job, ShellState, type Streams } from './shell/state.ts'
import { Terminal } from './terminal.ts'

/** Thrown by an image's start where the command does not exist; the runtime makes StartError of it. */
export class ExecutableNotFound extends Error {
  readonly executable: string

  constructor(executable: string) {
    super(`exec: "${executable}": executable file not found in $PATH`)
    this.executable = executable
  }
}

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
    folders: new Set(),
  }
}

/** A process: what it reads, and what ends it. */
interface Process {
  input: Input
  /** Ctrl-C. */
  interrupt(): void
  /** SIGTERM, which only a shell with a trap acts on. */
  terminate(): void
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
  const state = new ShellState(terminal ? { ...environment, terminal } : environment)
  const job = new Job()
  const input = new Input()
  const streams: Streams = { stdin: input, stdout: output.stdout, stderr: output.stderr }
  const [name = '', ...args] = argv
  const prompts = tty && isShell(name) && args.length === 0
  const prompt = (unfinished: boolean): void => output.stdout(unfinished ? '> ' : PROMPT)
  const start = (): void => {
    if (!isShell(name)) return runProgram(argv, state, streams, job, done)
    if (!prompts) return runShell(args, state, streams, job, done)
    output.stdout(BANNER)
    runLines(state, streams, job, prompt, done)
  }
  const timer = environment.context.clock.after(0, start)
  return {
    input,
    interrupt() {
      const { foreground } = state
      if (foreground) {
        foreground.job.kill()
        foreground.go?.()
      } else if (prompts) prompt(false)
      else {
        job.kill()
        done(130)
      }
    },
    terminate() {
      if (!state.traps.has('TERM')) return
      state.signal.pending = 'TERM'
      state.onSignal?.()
    },
    resize: (columns, rows) => void Object.assign(terminal ?? {}, { columns, rows }),
    kill() {
      timer.cancel()
      job.kill()
      for (const each of state.background) each.job.kill()
    },
  }
}

const PROMPT = '/ # '
const BANNER = "\n\nBusyBox v1.36.1 () built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n"

function isExecutable(environment: ShellEnvironment, argv: string[]): boolean {
  const [name = ''] = argv
  return isShell(name) || findProgram(environment, name) !== undefined
}

/** A first process that is a command line. Process 1 does not act on SIGTERM unless it has a trap for it, so it is killed when its grace period is over. */
export function runCommandLine(environment: ShellEnvironment, argv: string[]): RunningContainer {
  const { context } = environment
  const { stdin, tty } = context.container
  if (!isExecutable(environment, argv)) throw new ExecutableNotFound(argv[0] ?? '')
  const output: ShellOutput = { stdout: (data) => context.write('stdout', data), stderr: (data) => context.write('stderr', data) }
  const process = startProcess(environment, argv, { tty }, output, (code) => context.exit(code))
  const terminal = new Terminal(process.input, output.stdout, () => {
    // the kernel spares process 1 of signals that it does not handle
    if (isShell(argv[0] ?? '')) process.interrupt()
  })
  if (!stdin && !tty) process.input.close()
  return {
    terminate: () => process.terminate(),
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
