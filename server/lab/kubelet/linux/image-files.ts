/** An image's files: written down once, shared by all containers; a container gets entries of its own directory by directory, as it looks at them. */
import { type Directory, type Entry, makeLink } from '../kernel/files.ts'
import type { Program } from './process.ts'

export type ImageFile =
  | string
  | { program: Program; size?: number }
  | { link: string }
  | { directory: true; mode?: number }
  | { text: string; mode?: number }

/** Paths and what is there. */
export type ImageFiles = Record<string, ImageFile>

type Layout = Map<string, Layout | ImageFile>

export function layoutOf(files: ImageFiles): Layout {
  const root: Layout = new Map()
  for (const [path, file] of Object.entries(files)) {
    const parts = path.split('/').filter(Boolean)
    let at = root
    for (const part of parts.slice(0, -1)) {
      const next = at.get(part)
      if (next instanceof Map) at = next
      else {
        const made: Layout = new Map()
        at.set(part, made)
        at = made
      }
    }
    const name = parts.at(-1) as string
    if (!(at.get(name) instanceof Map))
      at.set(name, typeof file === 'object' && 'directory' in file && file.mode === undefined ? new Map() : file)
  }
  return root
}

/** A container's own copy. `builtAt`: when the image was made, ms. */
export function unpack(layout: Layout, builtAt: number): Directory {
  let own: Map<string, Entry> | null = null
  return {
    kind: 'directory',
    mode: 0o755,
    changedAt: builtAt,
    get entries() {
      own ??= new Map([...layout].map(([name, file]) => [name, entryOf(file, builtAt)]))
      return own
    },
    set entries(_entries) {
      throw new Error('the entries of a directory are changed, not replaced')
    },
  }
}

function entryOf(file: Layout | ImageFile, changedAt: number): Entry {
  if (file instanceof Map) return unpack(file, changedAt)
  if (typeof file === 'string') return { kind: 'file', mode: 0o644, changedAt, text: file }
  if ('link' in file) return makeLink(file.link, changedAt)
  if ('directory' in file) return { kind: 'directory', mode: file.mode ?? 0o755, changedAt, entries: new Map() }
  if ('text' in file) return { kind: 'file', mode: file.mode ?? 0o644, changedAt, text: file.text }
  const { program, size = 0 } = file
  return { kind: 'file', mode: 0o755, changedAt, text: '', program, size }
}
