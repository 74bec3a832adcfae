/** A container's file system: a tree in memory over what its image brings, with mounts in it. */
import type { Routine } from './routine.ts'
import type { Stream } from './streams.ts'
import { byteLength } from '../../machinery/bytes.ts'

/** A program as the tree keeps it: which process it can run in, only the machine knows. */
export type Runnable = (process: never, argv: string[]) => Routine<number>

interface Common {
  mode: number
  /** Lab time, ms. */
  changedAt: number
  owner?: number
}

export interface Directory extends Common {
  kind: 'directory'
  /** What is in it; a function where that changes by itself. */
  entries: Map<string, Entry> | (() => Map<string, Entry>)
  /** Nothing in it and below may be written. */
  readOnly?: boolean
  /** What it was mounted from, as /proc/mounts shows it. */
  mount?: { source: string; type: string; options: string }
}

export interface File extends Common {
  kind: 'file'
  text: string | (() => string)
  /** What runs when it is executed. */
  program?: Runnable
  /** Bytes, where the text does not tell. */
  size?: number
  readOnly?: boolean
}

export interface Link extends Common {
  kind: 'link'
  target: string | ((pid: number) => string)
}

export interface Device extends Common {
  kind: 'device'
  major: number
  minor: number
  stream: Stream
}

export type Entry = Directory | File | Link | Device

export const NO_ENTRY = 'No such file or directory'
export const NO_DIRECTORY = 'Not a directory'
export const IS_DIRECTORY = 'Is a directory'
export const EXISTS = 'File exists'
export const READ_ONLY = 'Read-only file system'
export const DENIED = 'Permission denied'
export const NOT_EMPTY = 'Directory not empty'

/** An error number, as strerror words it. */
export class FileError extends Error {}

export interface Place {
  /** Absolute, without links where they were followed. */
  path: string
  parent: Directory
  name: string
  entry: Entry | undefined
  readOnly: boolean
}

export function entriesOf(directory: Directory): Map<string, Entry> {
  return typeof directory.entries === 'function' ? directory.entries() : directory.entries
}

export function textOf(file: File): string {
  return typeof file.text === 'function' ? file.text() : file.text
}

export function sizeOf(entry: Entry): number {
  switch (entry.kind) {
    case 'file':
      return entry.size ?? byteLength(textOf(entry))
    case 'directory':
      return 4096
    case 'link':
      return typeof entry.target === 'string' ? entry.target.length : 0
    default:
      return 0
  }
}

export function makeDirectory(changedAt: number, mode = 0o755): Directory {
  return { kind: 'directory', mode, changedAt, entries: new Map() }
}

export function makeFile(text: File['text'], changedAt: number, mode = 0o644): File {
  return { kind: 'file', mode, changedAt, text }
}

export function makeLink(target: Link['target'], changedAt: number): Link {
  return { kind: 'link', mode: 0o777, changedAt, target }
}

export function absolute(path: string, cwd: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

const MOST_LINKS = 40

export class FileTree {
  readonly root: Directory
  private readonly now: () => number
  private readonly uid: number

  /** `uid`: whose files new ones are, and who may write only what its owner or anybody may. */
  constructor(root: Directory, now: () => number, uid: number) {
    this.root = root
    this.now = now
    this.uid = uid
  }

  private mayWrite({ mode, owner = 0 }: Entry): boolean {
    return this.uid === 0 || (mode & (owner === this.uid ? 0o200 : 0o002)) !== 0
  }

  private owned<T extends Entry>(entry: T): T {
    if (this.uid !== 0) entry.owner = this.uid
    return entry
  }

  /** Walks to a path. Throws {@link FileError} where a directory on the way is missing; the last part may be. */
  locate(path: string, cwd = '/', follow = true, pid = 1, links = 0): Place {
    if (path === '') throw new FileError(NO_ENTRY)
    const parts = (path.startsWith('/') ? path : `${cwd}/${path}`).split('/').filter((part) => part !== '' && part !== '.')
    const way: { name: string; directory: Directory }[] = []
    let directory = this.root
    let readOnly = this.root.readOnly === true
    const here = (): string => `/${way.map(({ name }) => name).join('/')}`
    for (const [index, name] of parts.entries()) {
      const last = index === parts.length - 1
      if (name === '..') {
        way.pop()
        directory = way.at(-1)?.directory ?? this.root
        readOnly = this.root.readOnly === true || way.some((each) => each.directory.readOnly)
        continue
      }
      const entry = entriesOf(directory).get(name)
      const mustBeDirectory = last && path.endsWith('/')
      if (entry?.kind === 'link' && (!last || follow || mustBeDirectory)) {
        if (links >= MOST_LINKS) throw new FileError('Too many levels of symbolic links')
        const target = typeof entry.target === 'string' ? entry.target : entry.target(pid)
        const rest = parts.slice(index + 1).join('/')
        return this.locate(rest ? `${target}/${rest}` : target, here(), follow, pid, links + 1)
      }
      if (last) {
        if (mustBeDirectory && entry && entry.kind !== 'directory') throw new FileError(NO_DIRECTORY)
        const at = here()
        const own = entry && 'readOnly' in entry && entry.readOnly === true
        return { path: `${at === '/' ? '' : at}/${name}`, parent: directory, name, entry, readOnly: readOnly || own === true }
      }
      if (!entry) throw new FileError(NO_ENTRY)
      if (entry.kind !== 'directory') throw new FileError(NO_DIRECTORY)
      way.push({ name, directory: entry })
      directory = entry
      readOnly ||= entry.readOnly === true
    }
    const name = way.at(-1)?.name ?? ''
    return { path: here(), parent: way.at(-2)?.directory ?? this.root, name, entry: directory, readOnly }
  }

  find(path: string, cwd = '/', follow = true, pid = 1): Entry | undefined {
    try {
      return this.locate(path, cwd, follow, pid).entry
    } catch (error) {
      if (error instanceof FileError) return undefined
      throw error
    }
  }

  /** Throws {@link FileError}. */
  get(path: string, cwd = '/', follow = true, pid = 1): Entry {
    const { entry } = this.locate(path, cwd, follow, pid)
    if (!entry) throw new FileError(NO_ENTRY)
    return entry
  }

  read(path: string, cwd = '/', pid = 1): string {
    const entry = this.get(path, cwd, true, pid)
    if (entry.kind === 'directory') throw new FileError(IS_DIRECTORY)
    return entry.kind === 'file' ? textOf(entry) : ''
  }

  list(path: string, cwd = '/', pid = 1): [string, Entry][] {
    const entry = this.get(path, cwd, true, pid)
    if (entry.kind !== 'directory') throw new FileError(NO_DIRECTORY)
    return [...entriesOf(entry)]
  }

  /** A file to write into: an empty one, or what stands there. */
  open(path: string, cwd = '/', pid = 1, keep = false): File | Device {
    const place = this.locate(path, cwd, true, pid)
    if (place.entry?.kind === 'directory') throw new FileError(IS_DIRECTORY)
    if (place.entry?.kind === 'device') return place.entry
    if (place.readOnly) throw new FileError(READ_ONLY)
    if (place.entry?.kind === 'file') {
      if (!this.mayWrite(place.entry)) throw new FileError(DENIED)
      if (!keep) Object.assign(place.entry, { text: '', size: undefined, program: undefined, changedAt: this.now() })
      return place.entry
    }
    const file = this.owned(makeFile('', this.now()))
    this.put(place, file)
    return file
  }

  append(file: File, text: string): void {
    file.text = textOf(file) + text
    file.changedAt = this.now()
  }

  write(path: string, text: string, cwd = '/', pid = 1): void {
    const file = this.open(path, cwd, pid)
    if (file.kind === 'file') file.text = text
  }

  /** Puts an entry where nothing stands, or in the place of what does. */
  put(place: Place, entry: Entry): void {
    if (place.readOnly) throw new FileError(READ_ONLY)
    if (typeof place.parent.entries === 'function' || !this.mayWrite(place.parent)) throw new FileError(DENIED)
    place.parent.entries.set(place.name, entry)
    place.parent.changedAt = this.now()
  }

  remove(place: Place): void {
    if (!place.entry) throw new FileError(NO_ENTRY)
    if (place.readOnly) throw new FileError(READ_ONLY)
    if (place.entry.kind === 'directory' && place.entry.mount) throw new FileError('Resource busy')
    if (typeof place.parent.entries === 'function' || !this.mayWrite(place.parent)) throw new FileError(DENIED)
    place.parent.entries.delete(place.name)
    place.parent.changedAt = this.now()
  }

  makeDirectory(path: string, cwd = '/', pid = 1): void {
    const place = this.locate(path.replace(/(?<=.)\/+$/, ''), cwd, true, pid)
    if (place.entry) throw new FileError(EXISTS)
    this.put(place, this.owned(makeDirectory(this.now())))
  }

  /** Mounts an entry, with the directories that lead to it: as a container's runtime prepares its root. */
  mount(path: string, entry: Entry): void {
    const parts = absolute(path, '/').split('/').filter(Boolean)
    let directory = this.root
    for (const name of parts.slice(0, -1)) {
      const entries = entriesOf(directory)
      let next = entries.get(name)
      if (next?.kind === 'link') next = this.find(String(next.target), '/')
      if (next?.kind !== 'directory') {
        next = makeDirectory(this.now())
        entries.set(name, next)
      }
      directory = next
    }
    entriesOf(directory).set(parts.at(-1) ?? '', entry)
  }
}
