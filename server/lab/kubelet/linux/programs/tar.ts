/** tar, as kubectl cp and people use it: c, x, t with f, C, v, m; plain archives, no compression. */
import { byteLength, decodeBytes, encodeText } from '../../../machinery/bytes.ts'
import { type Entry, entriesOf, FileError, makeDirectory, makeFile, makeLink, textOf } from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { flagsOf, isBusybox, usageOf } from './kit.ts'
import { modeText } from './listing.ts'

const BLOCK = 512

function header(path: string, entry: Entry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const name = entry.kind === 'directory' ? `${path.replace(/\/$/, '')}/` : path
  const cut = Buffer.byteLength(name) > 100 ? name.lastIndexOf('/', 154) : -1
  block.write(cut > 0 ? name.slice(cut + 1) : name, 0, 100)
  if (cut > 0) block.write(name.slice(0, cut), 345, 155)
  const octal = (value: number, at: number, length: number): void =>
    void block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, length, 'latin1')
  octal(entry.mode & 0o7777, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(entry.changedAt / 1000), 136, 12)
  block.write('        ', 148, 8)
  block.write(entry.kind === 'directory' ? '5' : entry.kind === 'link' ? '2' : '0', 156)
  if (entry.kind === 'link') block.write(String(entry.target), 157, 100)
  block.write('ustar\u000000', 257, 8, 'latin1')
  block.write('root', 265)
  block.write('root', 297)
  let sum = 0
  for (const byte of block) sum += byte
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1')
  return block
}

export const tar: Program = function* (process, argv) {
  const bundled = argv[1] !== undefined && !argv[1].startsWith('-') ? [argv[0] ?? 'tar', `-${argv[1]}`, ...argv.slice(2)] : argv
  const { flags, values, words } = flagsOf(bundled, 'fCTX', ['directory', 'file'])
  const file = values.get('f') ?? values.get('file') ?? '-'
  const folder = values.get('C') ?? values.get('directory') ?? '.'
  if (flags.has('z') || flags.has('j') || flags.has('J')) {
    yield* process.complain('the lab packs and unpacks plain archives alone')
    return 1
  }
  if (flags.has('c')) return yield* create(process, file, folder, words, flags.has('v'))
  if (flags.has('x') || flags.has('t')) return yield* extract(process, file, folder, flags, words)
  if (isBusybox(process))
    yield* usageOf(process, 'tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...')
  else
    yield* process.write(
      2,
      "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n",
    )
  return isBusybox(process) ? 1 : 2
}

function* create(process: Process, file: string, folder: string, words: string[], verbose: boolean): Routine<number> {
  let code = 0
  let out = ''
  const add = function* (path: string, name: string): Routine<void> {
    let entry: Entry
    try {
      entry = process.machine.files.get(path, process.cwd, false, process.pid)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(isBusybox(process) ? `${name}: ${error.message}` : `${name}: Cannot stat: ${error.message}`)
      code = isBusybox(process) ? 1 : 2
      return
    }
    const plain = name.replace(/^\/+/, '')
    if (verbose) yield* process.write(file === '-' ? 2 : 1, `${plain}\n`)
    if (entry.kind === 'directory') {
      if (plain !== '') out += decodeBytes(header(plain, entry, 0))
      for (const child of entriesOf(entry).keys()) yield* add(`${path.replace(/\/$/, '')}/${child}`, `${name.replace(/\/$/, '')}/${child}`)
      return
    }
    if (entry.kind === 'device') return
    const text = entry.kind === 'file' ? textOf(entry) : ''
    const size = byteLength(text)
    out += decodeBytes(header(plain, entry, size)) + text + '\0'.repeat((BLOCK - (size % BLOCK)) % BLOCK)
    yield* process.machine.breathe()
  }
  for (const word of words) {
    const known = process.machine.files.find(word.startsWith('/') ? word : `${folder}/${word}`, process.cwd, false) !== undefined
    if (word.startsWith('/') && known)
      yield* process.complain(isBusybox(process) ? "removing leading '/' from member names" : "Removing leading `/' from member names")
    yield* add(word.startsWith('/') ? word : `${folder}/${word}`, word)
  }
  if (code !== 0)
    yield* process.complain(
      isBusybox(process) ? 'error exit delayed from previous errors' : 'Exiting with failure status due to previous errors',
    )
  out += '\0'.repeat(2 * BLOCK)
  if (file === '-') yield* process.out(out)
  else {
    try {
      process.machine.files.write(file, out, process.cwd)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(`can't open '${file}': ${error.message}`)
      return 1
    }
  }
  return code
}

function* extract(process: Process, file: string, folder: string, flags: Set<string>, wanted: string[]): Routine<number> {
  const { files } = process.machine
  let text: string
  try {
    text = file === '-' ? yield* process.readAll() : files.read(file, process.cwd)
    if (folder !== '.' && files.get(folder, process.cwd).kind !== 'directory') throw new FileError('Not a directory')
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const subject = file !== '-' && !files.find(file, process.cwd) ? `can't open '${file}'` : `can't change directory to '${folder}'`
    yield* process.complain(isBusybox(process) ? `${subject}: ${error.message}` : `${folder}: Cannot open: ${error.message}`)
    return isBusybox(process) ? 1 : 2
  }
  const bytes = encodeText(text)
  if (bytes.length < BLOCK) {
    yield* process.complain(isBusybox(process) ? 'short read' : 'This does not look like a tar archive')
    return isBusybox(process) ? 1 : 2
  }
  let code = 0
  let longName = ''
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const block = bytes.subarray(at, at + BLOCK)
    at += BLOCK
    if (block[0] === 0) break
    const string = (from: number, length: number): string => {
      const end = block.indexOf(0, from)
      return decodeBytes(block.subarray(from, end < 0 || end > from + length ? from + length : end))
    }
    const size = Number.parseInt(string(124, 12), 8) || 0
    const content = bytes.subarray(at, at + size)
    at += Math.ceil(size / BLOCK) * BLOCK
    const kind = String.fromCharCode(block[156] ?? 0)
    if (kind === 'L') {
      longName = decodeBytes(content).replace(/\0+$/, '')
      continue
    }
    if (kind === 'x' || kind === 'g') {
      longName = /\d+ path=(.*)\n/.exec(decodeBytes(content))?.[1] ?? ''
      continue
    }
    const prefix = string(345, 155)
    const name = (longName || (prefix ? `${prefix}/${string(0, 100)}` : string(0, 100))).replace(/^\/+/, '')
    longName = ''
    if (wanted.length > 0 && !wanted.some((each) => name === each || name.startsWith(`${each.replace(/\/$/, '')}/`))) continue
    const mode = Number.parseInt(string(100, 8), 8) & 0o7777
    if (flags.has('t')) {
      yield* process.out(
        flags.has('v')
          ? `${modeText({ kind: kind === '5' ? 'directory' : 'file', mode } as Entry)} root/root ${String(size).padStart(9)} ${name}\n`
          : `${name}\n`,
      )
      continue
    }
    if (flags.has('v')) yield* process.out(`${name}\n`)
    try {
      unpackOne(
        process,
        `${folder}/${name}`,
        kind,
        mode,
        content,
        string(157, 100),
        flags.has('m') ? process.machine.context.clock.now() : Number.parseInt(string(136, 12), 8) * 1000,
      )
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(isBusybox(process) ? `can't open '${name}': ${error.message}` : `${name}: Cannot open: ${error.message}`)
      code = isBusybox(process) ? 1 : 2
      if (isBusybox(process)) return code
    }
    yield* process.machine.breathe()
  }
  if (code !== 0) yield* process.complain('Exiting with failure status due to previous errors')
  return code
}

function unpackOne(process: Process, path: string, kind: string, mode: number, content: Buffer, target: string, changedAt: number): void {
  const { files } = process.machine
  const parts = path.replace(/\/+$/, '').split('/')
  for (let length = 1; length < parts.length; length++) {
    const parent = parts.slice(0, length).join('/') || '/'
    if (!files.find(parent, process.cwd)) files.makeDirectory(parent, process.cwd)
  }
  const place = files.locate(parts.join('/'), process.cwd, false)
  if (kind === '5') {
    if (!place.entry) files.put(place, makeDirectory(changedAt, mode))
    return
  }
  if (kind === '2') return files.put(place, makeLink(target, changedAt))
  if (place.entry?.kind === 'directory') throw new FileError('Is a directory')
  files.put(place, makeFile(decodeBytes(content), changedAt, mode || 0o644))
}
