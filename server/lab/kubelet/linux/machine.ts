/** One container: files, processes, a clock, a network. */
import type { ContainerContext } from '../image.ts'
import { type Entry, FileTree, makeDirectory, makeFile, makeLink } from '../kernel/files.ts'
import { type ImageFiles, layoutOf, unpack } from './image-files.ts'
import { type Machine, Process, type ProcessOptions, type Program, type User, type Userland } from './process.ts'
import { procEntries } from './proc.ts'
import { type Routine, wait, type Wait } from '../kernel/routine.ts'
import { Descriptor, sink, type Stream, textStream } from '../kernel/streams.ts'
import { volumeEntry, subEntry } from '../kernel/volumes.ts'

/** What processes do between two looks at the clock: a loop that never waits must not stop the lab. */
const WORK_PER_MILLISECOND = 20

/** What an image's programs run in. */
export interface LinuxImage {
  files: ImageFiles
  env: Record<string, string>
  workingDirectory: string
  user: User
  userland: Userland
  /** When it was made. */
  builtAt: number
}

export const ROOT: User = { uid: 0, gid: 0, name: 'root', group: 'root', groups: [[0, 'root']], home: '/root' }

const layouts = new WeakMap<LinuxImage, ReturnType<typeof layoutOf>>()

/** The machine that a container's processes run on. */
export class ContainerMachine implements Machine {
  readonly context: ContainerContext
  readonly image: LinuxImage
  readonly user: User
  readonly processes = new Map<number, Process>()
  private nextPid = 1
  private work = 0
  private tree: FileTree | null = null
  private closed = false

  constructor(context: ContainerContext, image: LinuxImage) {
    this.context = context
    this.image = image
    this.user = userOf(context, image)
  }

  /** Made when somebody first looks: most containers never do. */
  get files(): FileTree {
    this.tree ??= this.makeTree()
    return this.tree
  }

  after(ms: number): Wait<void> {
    return (resume) => {
      const timer = this.context.clock.after(ms, () => resume())
      return () => timer.cancel()
    }
  }

  *breathe(): Routine<void> {
    if (++this.work < WORK_PER_MILLISECOND) return
    this.work = 0
    yield* wait(this.after(1))
  }

  create(options: ProcessOptions): Process {
    const process = new Process(this, this.nextPid++, options)
    this.processes.set(process.pid, process)
    const { terminal } = process
    if (terminal) terminal.signal = (group, signal) => this.signalGroup(group, signal)
    return process
  }

  skipPids(upTo: number): void {
    this.nextPid = Math.max(this.nextPid, upTo)
  }

  forget(process: Process): void {
    this.processes.delete(process.pid)
  }

  signalGroup(group: number, signal: Parameters<Process['signal']>[0]): void {
    for (const process of [...this.processes.values()]) if (process.group === group) process.signal(signal)
  }

  /** Process 1 is gone, and all others with it. */
  close(): void {
    if (this.closed) return
    this.closed = true
    for (const process of [...this.processes.values()]) process.kill()
  }

  /** The environment of a new process that the runtime starts. */
  environment(terminal: boolean): Map<string, string> {
    const env = new Map(Object.entries(this.image.env))
    const own = this.context.container.env
    if (!env.has('PATH')) env.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
    const ordered = new Map<string, string>([['PATH', env.get('PATH') as string]])
    ordered.set('HOSTNAME', this.context.hostname)
    if (terminal && this.context.container.tty) ordered.set('TERM', 'xterm')
    for (const [name, value] of [...env, ...Object.entries(own)]) ordered.set(name, value)
    if (terminal) ordered.set('TERM', 'xterm')
    if (!ordered.has('HOME')) ordered.set('HOME', this.user.home)
    return ordered
  }

  findProgram(name: string, path: string, cwd: string): { path: string; entry: Entry } | undefined {
    const candidates = name.includes('/') ? [name] : path.split(':').map((folder) => `${folder || '.'}/${name}`)
    for (const candidate of candidates) {
      const entry = this.files.find(candidate, cwd)
      if (entry?.kind === 'file' && (entry.mode & 0o111) !== 0) return { path: candidate, entry }
      if (entry && name.includes('/')) return { path: candidate, entry }
    }
    return undefined
  }

  programOf(entry: Entry): Program | undefined {
    // whatever runs on a machine was put there as an image's program
    return entry.kind === 'file' ? (entry.program as Program | undefined) : undefined
  }

  open(process: Process, path: string, how: 'read' | 'write' | 'append'): Descriptor {
    const { files } = this
    const standard = /^\/dev\/(?:std(in|out|err)|fd\/(\d+)|tty)$/.exec(path)
    if (standard) {
      if (path === '/dev/tty' && process.terminal) return new Descriptor(process.terminal.stream)
      const number = standard[2] ? Number(standard[2]) : ['in', 'out', 'err'].indexOf(standard[1] ?? '')
      const known = process.descriptors.get(number)
      if (known) return known.copy()
    }
    if (how === 'read') {
      const entry = files.get(path, process.cwd, true, process.pid)
      if (entry.kind === 'device') return new Descriptor(entry.stream)
      if (entry.kind === 'directory') return new Descriptor({})
      return new Descriptor(textStream(files.read(path, process.cwd, process.pid)))
    }
    const file = files.open(path, process.cwd, process.pid, how === 'append')
    if (file.kind === 'device') return new Descriptor(file.stream)
    return new Descriptor(sink((text) => files.append(file, text)))
  }

  private makeTree(): FileTree {
    const { context, image } = this
    const { clock } = context
    const now = (): number => clock.now()
    let layout = layouts.get(image)
    if (!layout) {
      layout = layoutOf(image.files)
      layouts.set(image, layout)
    }
    const root = unpack(layout, image.builtAt)
    if (context.container.securityContext.readOnlyRootFilesystem) root.readOnly = true
    const tree = new FileTree(root, now, this.user.uid)
    const home = image.user.uid === 0 ? undefined : tree.find(image.user.home)
    if (home) home.owner = image.user.uid
    const started = now()
    const mounted = (path: string, entry: Entry): void => tree.mount(path, entry)
    mounted('/proc', {
      kind: 'directory',
      mode: 0o555,
      changedAt: started,
      readOnly: true,
      entries: () => procEntries(this),
      mount: { source: 'proc', type: 'proc', options: 'rw,nosuid,nodev,noexec,relatime' },
    })
    mounted('/dev', this.devices(started))
    mounted('/sys', {
      ...makeDirectory(started, 0o555),
      readOnly: true,
      mount: { source: 'sysfs', type: 'sysfs', options: 'ro,nosuid,nodev,noexec,relatime' },
    })
    for (const [path, text] of Object.entries(context.files.managed)) mounted(path, { ...makeFile(text, started), readOnly: false })
    mounted(context.files.terminationLogPath, context.files.terminationLog)
    for (const { mountPath, volume, subPath, readOnly } of context.files.mounts) {
      const whole = volumeEntry(volume, context.files.facts)
      const entry = subPath ? subEntry(whole, subPath, started) : whole
      if (readOnly && entry.kind === 'directory') mounted(mountPath, { ...entry, readOnly: true })
      else mounted(mountPath, entry)
    }
    return tree
  }

  private devices(now: number): Entry {
    const device = (major: number, minor: number, stream: Stream): Entry => ({
      kind: 'device',
      mode: 0o666,
      changedAt: now,
      major,
      minor,
      stream,
    })
    const nothing: Stream = { read: () => (resume) => (resume(null), () => {}), write: () => null }
    const zeros = (): Stream => ({ read: () => (resume) => (resume('\0'.repeat(512)), () => {}), write: () => null })
    const noise = (): Stream => ({
      read: () => (resume) => {
        let text = ''
        for (let i = 0; i < 128; i++) text += String.fromCharCode(0xdc80 + Math.floor(this.context.random() * 128))
        resume(text)
        return () => {}
      },
      write: () => null,
    })
    const link = (target: string): Entry => makeLink(target, now)
    const directory = makeDirectory(now)
    directory.mount = { source: 'tmpfs', type: 'tmpfs', options: 'rw,nosuid,size=65536k,mode=755' }
    directory.entries = new Map<string, Entry>([
      ['null', device(1, 3, nothing)],
      ['zero', device(1, 5, zeros())],
      ['full', device(1, 7, zeros())],
      ['random', device(1, 8, noise())],
      ['urandom', device(1, 9, noise())],
      ['tty', device(5, 0, nothing)],
      ['fd', link('/proc/self/fd')],
      ['stdin', link('/proc/self/fd/0')],
      ['stdout', link('/proc/self/fd/1')],
      ['stderr', link('/proc/self/fd/2')],
      ['pts', makeDirectory(now)],
      ['shm', makeDirectory(now, 0o1777)],
      ['mqueue', makeDirectory(now, 0o1777)],
    ])
    return directory
  }
}

/** Whom a container runs as: its security context before its pod's before its image's. */
function userOf({ container, pod }: ContainerContext, { user }: LinuxImage): User {
  const own = container.securityContext
  const whole = pod.spec?.securityContext ?? {}
  const uid: number = own['runAsUser'] ?? whole.runAsUser ?? user.uid
  const gid: number = own['runAsGroup'] ?? whole.runAsGroup ?? (uid === user.uid ? user.gid : 0)
  const more: number[] = [...(whole.supplementalGroups ?? []), ...(whole.fsGroup === undefined ? [] : [whole.fsGroup])]
  if (uid === user.uid && gid === user.gid && more.length === 0) return user
  const same = uid === user.uid
  const group = gid === user.gid ? user.group : gid === 0 ? 'root' : ''
  return {
    uid,
    gid,
    name: same ? user.name : uid === 0 ? 'root' : '',
    group,
    // the kernel keeps them sorted
    groups: [
      [gid, group] as [number, string],
      ...(same ? user.groups.filter(([each]) => each !== gid) : []),
      ...more.filter((each) => each !== gid).map((each): [number, string] => [each, '']),
    ].toSorted(([a], [b]) => a - b),
    home: same ? user.home : uid === 0 ? '/root' : '/',
  }
}
