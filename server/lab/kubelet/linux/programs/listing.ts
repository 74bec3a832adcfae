/** ls, as busybox and as coreutils print it. */
import { type Entry, entriesOf, FileError, sizeOf } from '../../kernel/files.ts'
import type { Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { widthOf } from '../../kernel/width.ts'
import { MONTHS } from './dates.ts'
import { flagsOf, isBusybox } from './kit.ts'

type Named = [name: string, entry: Entry]

export function modeText(entry: Entry): string {
  const kind = { directory: 'd', link: 'l', device: 'c', file: '-' }[entry.kind]
  const bits = [...'rwxrwxrwx'].map((letter, index) => ((entry.mode >> (8 - index)) & 1 ? letter : '-')).join('')
  return kind + (entry.mode & 0o1000 ? bits.replace(/.$/, (last) => (last === 'x' ? 't' : 'T')) : bits)
}

export const ls: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv, 'w')
  const busy = isBusybox(process)
  const { files, user } = process.machine
  const long = flags.has('l')
  const onTerminal = process.isTerminal(1)
  const color = busy && onTerminal
  const now = process.machine.context.clock.now()
  let code = 0
  const named: Named[] = []
  const folders: Named[] = []
  for (const path of words.length > 0 ? words : ['.']) {
    try {
      const entry = files.get(path, process.cwd, !long || path.endsWith('/'), process.pid)
      if (entry.kind === 'directory' && !flags.has('d')) folders.push([path, entry])
      else named.push([path, entry])
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(busy ? `${path}: ${error.message}` : `cannot access '${path}': ${error.message}`)
      code = busy ? 1 : 2
    }
  }
  const shown = (name: string, entry: Entry): string => {
    const mark =
      flags.has('F') || flags.has('p') ? (entry.kind === 'directory' ? '/' : flags.has('F') && entry.kind === 'link' ? '@' : '') : ''
    if (!color) return name + mark
    const style = { directory: '1;34', link: '1;36', device: '1;33', file: entry.mode & 0o111 ? '1;32' : '0;0' }[entry.kind]
    return `\u001b[${style}m${name}${mark}\u001b[m`
  }
  const ownerOf = (entry: Entry): string => {
    const uid = entry.owner ?? 0
    if (flags.has('n')) return String(uid)
    return (uid === user.uid ? user.name : uid === 0 && files.find('/etc/passwd') ? 'root' : '') || String(uid)
  }
  const print = function* (list: Named[]): Routine<void> {
    const sorted = list.toSorted(
      ([a, x], [b, y]) =>
        (flags.has('t') ? y.changedAt - x.changedAt : flags.has('S') ? sizeOf(y) - sizeOf(x) : 0) || (a < b ? -1 : a > b ? 1 : 0),
    )
    if (flags.has('r')) sorted.reverse()
    if (long) {
      const sizes = sorted.map(([, entry]) =>
        entry.kind === 'device'
          ? `${entry.major}, ${String(entry.minor).padStart(3)}`
          : flags.has('h')
            ? human(sizeOf(entry))
            : String(sizeOf(entry)),
      )
      const width = Math.max(0, ...sizes.map((size) => size.length))
      const owners = Math.max(0, ...sorted.map(([, entry]) => ownerOf(entry).length))
      for (const [index, [name, entry]] of sorted.entries()) {
        const links = entry.kind === 'directory' ? 2 : 1
        const target = entry.kind === 'link' ? ` -> ${typeof entry.target === 'string' ? entry.target : entry.target(process.pid)}` : ''
        const owner = ownerOf(entry)
        const size = sizes[index] as string
        const left = busy
          ? `${modeText(entry)} ${String(links).padStart(4)} ${owner.padEnd(8)} ${owner.padEnd(8)} ${size.padStart(9)}`
          : `${modeText(entry)} ${links} ${owner.padEnd(owners)} ${owner.padEnd(owners)} ${size.padStart(width)}`
        yield* process.out(`${left} ${when(entry.changedAt, now)} ${shown(name, entry)}${target}\n`)
      }
      return
    }
    const names = sorted.map(([name, entry]) => ({ text: shown(name, entry), width: widthOf(name) }))
    if (!onTerminal || flags.has('1')) {
      yield* process.out(names.map(({ text }) => `${text}\n`).join(''))
      return
    }
    yield* process.out(inColumns(names, process.terminal?.columns || 80))
  }
  if (named.length > 0) yield* print(named)
  const several = folders.length + named.length > 1 || flags.has('R')
  const list = function* (path: string, entry: Entry & { kind: 'directory' }, first: boolean): Routine<void> {
    if (several) yield* process.out(`${first ? '' : '\n'}${path}:\n`)
    const all: Named[] = [...entriesOf(entry)].filter(([name]) => flags.has('a') || flags.has('A') || !name.startsWith('.'))
    if (flags.has('a')) all.push(['.', entry], ['..', entry])
    if (long)
      yield* process.out(
        `total ${all.reduce((sum, [, each]) => sum + (each.kind === 'file' || each.kind === 'directory' ? Math.ceil(sizeOf(each) / 4096) * 4 : 0), 0)}\n`,
      )
    yield* print(all)
    if (!flags.has('R')) return
    for (const [name, each] of all)
      if (each.kind === 'directory' && name !== '.' && name !== '..') yield* list(`${path.replace(/\/$/, '')}/${name}`, each, false)
  }
  for (const [index, [path, entry]] of folders.entries()) yield* list(path, entry as never, index === 0 && named.length === 0)
  return code
}

function human(size: number): string {
  if (size < 1024) return String(size)
  let value = size
  for (const unit of 'KMGT') {
    value /= 1024
    if (value < 1024) return `${value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : Math.ceil(value)}${unit}`
  }
  return `${value}P`
}

function when(at: number, now: number): string {
  const date = new Date(at)
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`
  return now - at > 182 * 86_400_000 || at > now ? `${day}  ${date.getUTCFullYear()}` : `${day} ${date.toISOString().slice(11, 16)}`
}

function inColumns(names: { text: string; width: number }[], columns: number): string {
  if (names.length === 0) return ''
  const widest = Math.max(...names.map(({ width }) => width)) + 2
  const count = Math.max(1, Math.floor((columns + 2) / widest))
  const rows = Math.ceil(names.length / count)
  let out = ''
  for (let row = 0; row < rows; row++) {
    const line = names.filter((_name, index) => index % rows === row)
    out += `${line.map(({ text, width }, index) => (index === line.length - 1 ? text : text + ' '.repeat(widest - width))).join('')}\n`
  }
  return out
}
