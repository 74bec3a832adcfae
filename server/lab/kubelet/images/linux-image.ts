/** Images whose containers run the lab's small Linux: what their first process is, and how exec starts others beside it. */
import type { Timer } from '../../clock.ts'
import type { ExecOutput, ExecProcess } from '../../contracts/exec.ts'
import { execFailure, NO_PROCESS } from '../exec.ts'
import type { ContainerImage, RunningContainer } from '../image.ts'
import { FileError } from '../kernel/files.ts'
import { ContainerMachine, type LinuxImage } from '../linux/machine.ts'
import type { Process, Program } from '../linux/process.ts'
import type { Signal } from '../kernel/signals.ts'
import { Descriptor, Pipe, sink, type Stream } from '../kernel/streams.ts'
import { Terminal } from '../kernel/terminal.ts'

/** Thrown by an image's start where the command does not exist; the runtime makes StartError of it. */
export class ExecutableNotFound extends Error {}

export interface LinuxImageSpec extends Omit<ContainerImage, 'start'> {
  /** Made when its first container starts: a lab runs few of the images that it has. */
  linux: () => LinuxImage
  entrypoint: string[]
  command: string[]
  /** What a runtime sends to end it; TERM where absent. */
  stopSignal?: Signal
}

export function linuxImage({ linux, entrypoint, command, stopSignal = 'TERM', ...image }: LinuxImageSpec): ContainerImage {
  let made: LinuxImage | null = null
  return {
    ...image,
    start(context) {
      const own = context.container
      const argv = own.command.length > 0 ? [...own.command, ...own.args] : [...entrypoint, ...(own.args.length > 0 ? own.args : command)]
      made ??= linux()
      return startMachine(new ContainerMachine(context, made), argv, stopSignal)
    },
  }
}

/** What an image's command line runs, or the runtime's words for why it cannot. */
function programFor(machine: ContainerMachine, argv: readonly string[], env: ReadonlyMap<string, string>, cwd: string): Program | string {
  const [name = ''] = argv
  const found = machine.findProgram(name, env.get('PATH') ?? '', cwd)
  if (!found)
    return name.includes('/')
      ? `exec: "${name}": stat ${name}: no such file or directory`
      : `exec: "${name}": executable file not found in $PATH`
  const { entry } = found
  if (entry.kind === 'directory') return `exec: "${name}": is a directory`
  if (entry.kind !== 'file' || (entry.mode & 0o111) === 0) return `exec: "${name}": permission denied`
  const program = machine.programOf(entry)
  if (program) return program
  const shell = machine.findProgram('sh', '/bin:/usr/bin', cwd)
  const interpreter = shell && machine.programOf(shell.entry)
  if (!interpreter) return `exec: "${name}": exec format error`
  return (process, words) => interpreter(process, ['/bin/sh', found.path, ...words.slice(1)])
}

/** The directory that processes start in; the runtime makes it where it is missing. */
function workingDirectory(machine: ContainerMachine): string {
  const cwd = machine.context.container.workingDir || machine.image.workingDirectory || '/'
  if (cwd === '/') return cwd
  if (machine.context.container.workingDir && !machine.files.find(cwd)) {
    try {
      machine.files.makeDirectory(cwd)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
  }
  return cwd
}

function standard(input: Stream, output: Stream, errors: Stream): Map<number, Descriptor> {
  return new Map([
    [0, new Descriptor(input)],
    [1, new Descriptor(output)],
    [2, new Descriptor(errors)],
  ])
}

type Written = Pick<ExecOutput, 'stdout' | 'stderr'>

interface Launched {
  process: Process
  /** Its standard input: a terminal's keys, or a pipe. */
  input: NonNullable<RunningContainer['input']>
  /** Starts it, in a moment. */
  timer: Timer
}

/** Makes the process that a command line asks for, with its input and output; the runtime's words where it cannot. */
function launch(machine: ContainerMachine, argv: string[], env: Map<string, string>, tty: boolean, output: Written): Launched | string {
  const cwd = workingDirectory(machine)
  const program = programFor(machine, argv, env, cwd)
  if (typeof program === 'string') return program
  const terminal = tty ? new Terminal((text) => output.stdout(text)) : null
  const pipe = new Pipe()
  const descriptors = terminal
    ? standard(terminal.stream, terminal.stream, terminal.stream)
    : standard(
        pipe.reading,
        sink((text) => output.stdout(text)),
        sink((text) => output.stderr(text)),
      )
  const process = machine.create({ argv, env, cwd, descriptors, parent: null, terminal })
  if (terminal) terminal.foreground = process.group
  return {
    process,
    input: {
      write: (data) => (terminal ? terminal.type(data) : pipe.push(data)),
      close: () => (terminal ? terminal.hangUp() : pipe.end()),
      resize: (columns, rows) => void Object.assign(terminal ?? {}, { columns, rows }),
    },
    timer: machine.context.clock.after(0, () => process.start(program)),
  }
}

function startMachine(machine: ContainerMachine, argv: string[], stopSignal: Signal): RunningContainer {
  const { context } = machine
  const { stdin, tty } = context.container
  const launched = launch(machine, argv, machine.environment(false), tty, {
    stdout: (text) => context.write('stdout', text),
    stderr: (text) => context.write('stderr', text),
  })
  if (typeof launched === 'string') throw new ExecutableNotFound(launched)
  const { process, input, timer } = launched
  // a terminal that nobody sits before is no end of the input
  if (!stdin && !tty) input.close()
  process.ended((code) => context.exit(code))
  return {
    terminate: () => process.signal(stopSignal),
    dispose() {
      timer.cancel()
      machine.close()
    },
    ...(stdin ? { input } : {}),
    exec: (command, onTerminal, output) => execIn(machine, command, onTerminal, output),
  }
}

/** Starts a command in a running container, as `kubectl exec` does. */
function execIn(machine: ContainerMachine, argv: string[], tty: boolean, output: ExecOutput): ExecProcess {
  const { context } = machine
  const launched = launch(machine, argv, machine.environment(tty), tty, output)
  if (typeof launched === 'string') {
    output.fail(execFailure(() => context.random(), launched))
    return NO_PROCESS
  }
  const { process, input, timer } = launched
  process.ended((code) => output.exit(code))
  return {
    stdin: input.write,
    closeStdin: input.close,
    resize: input.resize,
    kill() {
      timer.cancel()
      killTree(machine, process)
    },
  }
}

function killTree(machine: ContainerMachine, root: Process): void {
  for (const process of [...machine.processes.values()]) {
    for (let at: Process | null = process; at !== null; at = at.parent) if (at === root) process.kill()
  }
}
