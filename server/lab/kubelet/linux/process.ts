/** A process of a container, and what holds it: descriptors, environment, signals. */
import type { ContainerContext } from '../image.ts'
import type { Entry, FileTree } from '../kernel/files.ts'
import { type Routine, run, wait, type Wait } from '../kernel/routine.ts'
import { type Signal, SIGNALS } from '../kernel/signals.ts'
import { BrokenPipe, copyOf, type Descriptor } from '../kernel/streams.ts'
import type { Terminal } from '../kernel/terminal.ts'

export type Program = (process: Process, argv: string[]) => Routine<number>

/** How the programs of an image are built: what they are called in their own words. */
export interface Userland {
  /** `BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.`; null: not busybox. */
  busybox: string | null
  /** What /bin/sh is. */
  shell: 'ash' | 'dash'
  /** Its shell introduces itself at a prompt, as Debian's build of busybox does. */
  banner?: boolean
  /** Its wget reads -T and has nowhere to put it, as Debian's build of busybox, which has no time-outs: it dies of a segmentation fault. */
  wgetDiesOfTimeouts?: boolean
  /** Programs that its shell runs by name whether the image links to them or not, as Debian's build of busybox does. */
  applets?: Record<string, Program>
}

/** Signals that do nothing where nobody handles them. */
const HARMLESS = new Set<Signal>(['CHLD', 'CONT', 'WINCH'])

/** Thrown by a program to end its process at once. */
class ProcessEnd extends Error {
  readonly code: number

  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

export interface User {
  uid: number
  gid: number
  name: string
  group: string
  /** All groups, the first one included, as `id` shows them. */
  groups: [gid: number, name: string][]
  home: string
}

/** The container as its processes see it: files, processes, a clock, a network. */
export interface Machine {
  readonly context: ContainerContext
  readonly image: { readonly env: Record<string, string>; readonly userland: Userland }
  readonly user: User
  readonly processes: ReadonlyMap<number, Process>
  readonly files: FileTree
  after(ms: number): Wait<void>
  /** Called for each thing that a process does. */
  breathe(): Routine<void>
  create(options: ProcessOptions): Process
  /** Pids that helpers of the image's start took before. */
  skipPids(upTo: number): void
  forget(process: Process): void
  /** What a name without a slash stands for on a PATH, or a path: the program's file. */
  findProgram(name: string, path: string, cwd: string): { path: string; entry: Entry } | undefined
  programOf(entry: Entry): Program | undefined
  /** Opens a file for a process. Throws FileError. */
  open(process: Process, path: string, how: 'read' | 'write' | 'append'): Descriptor
}

export interface ProcessOptions {
  argv: string[]
  env: Map<string, string>
  cwd: string
  /** Owned by the new process, which closes them. */
  descriptors: Map<number, Descriptor>
  parent: Process | null
  terminal: Terminal | null
}

export class Process {
  readonly machine: Machine
  readonly pid: number
  readonly parent: Process | null
  argv: string[]
  env: Map<string, string>
  cwd: string
  readonly descriptors: Map<number, Descriptor>
  readonly terminal: Terminal | null
  /** Processes that Ctrl-C reaches together. */
  group: number
  readonly startedAt: number
  readonly handlers = new Map<Signal, () => void>()
  code: number | null = null
  private stop: () => void = () => {}
  private readonly waiting: ((code: number) => void)[] = []

  constructor(machine: Machine, pid: number, options: ProcessOptions) {
    this.machine = machine
    this.pid = pid
    this.parent = options.parent
    this.argv = options.argv
    this.env = options.env
    this.cwd = options.cwd
    this.descriptors = options.descriptors
    this.terminal = options.terminal
    this.group = options.parent?.group ?? pid
    this.startedAt = machine.context.clock.now()
  }

  start(program: Program): void {
    const stop = run(
      program(this, this.argv),
      (code) => this.end(code & 255),
      (error) => {
        if (error instanceof ProcessEnd) return this.end(error.code & 255)
        if (error instanceof BrokenPipe) return this.end(128 + SIGNALS.PIPE)
        this.end(139)
        throw error
      },
    )
    if (this.code === null) this.stop = stop
    else stop()
  }

  /** Ends it from outside, by a signal; process 1 is spared of what it does not handle, as the kernel does. */
  signal(signal: Signal): void {
    if (this.code !== null) return
    const handler = this.handlers.get(signal)
    if (handler && signal !== 'KILL') return handler()
    if (HARMLESS.has(signal) || (this.pid === 1 && signal !== 'KILL')) return
    this.kill(signal)
  }

  /** As the kernel does to all that is left when process 1 has ended. */
  kill(signal: Signal = 'KILL'): void {
    if (this.code !== null) return
    this.stop()
    this.end(128 + SIGNALS[signal])
  }

  /** A process below this one: where this one is, on its terminal, and by default with all that it has open. */
  child(argv: string[], env: Map<string, string>, descriptors = copyOf(this.descriptors)): Process {
    return this.machine.create({ argv, env, cwd: this.cwd, descriptors, parent: this, terminal: this.terminal })
  }

  /** Its exit code, once it has ended. */
  readonly ended: Wait<number> = (resume) => {
    if (this.code !== null) {
      resume(this.code)
      return () => {}
    }
    this.waiting.push(resume)
    return () => void this.waiting.splice(this.waiting.indexOf(resume) >>> 0, 1)
  }

  private end(code: number): void {
    if (this.code !== null) return
    this.code = code
    for (const descriptor of this.descriptors.values()) descriptor.close()
    this.descriptors.clear()
    this.machine.forget(this)
    for (const resume of this.waiting.splice(0)) resume(code)
  }

  // --- what programs are written with

  get name(): string {
    return (this.argv[0] ?? '').replace(/^.*\//, '')
  }

  *write(descriptor: number, text: string): Routine<void> {
    if (text === '') return
    const pending = this.descriptors.get(descriptor)?.stream.write?.(text)
    if (pending) yield* wait(pending)
    yield* this.machine.breathe()
  }

  out(text: string): Routine<void> {
    return this.write(1, text)
  }

  /** `NAME: message` on standard error. */
  complain(message: string): Routine<void> {
    return this.write(2, `${this.name}: ${message}\n`)
  }

  *read(descriptor = 0): Routine<string | null> {
    const pending = this.descriptors.get(descriptor)?.stream.read?.()
    return pending ? yield* wait(pending) : null
  }

  /** All that is left. */
  *readAll(descriptor = 0): Routine<string> {
    let text = ''
    for (;;) {
      const more = yield* this.read(descriptor)
      if (more === null) return text
      text += more
    }
  }

  /** One line without its end; null at the end of the input. The last line may lack its newline: `cut` tells. */
  *readLine(descriptor = 0): Routine<{ text: string; cut: boolean } | null> {
    const stream = this.descriptors.get(descriptor)?.stream
    let text = ''
    for (;;) {
      const more = yield* this.read(descriptor)
      if (more === null) return text === '' ? null : { text, cut: true }
      const at = more.indexOf('\n')
      if (at < 0) {
        text += more
        continue
      }
      if (at + 1 < more.length) stream?.unread?.(more.slice(at + 1))
      return { text: text + more.slice(0, at), cut: false }
    }
  }

  sleep(ms: number): Routine<void> {
    return wait(this.machine.after(ms))
  }

  isTerminal(descriptor: number): boolean {
    return this.descriptors.get(descriptor)?.stream.isTerminal === true
  }
}
