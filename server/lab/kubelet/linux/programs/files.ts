/** Programs about files, in busybox's words and in those of Debian's coreutils. */
import {
  type Entry,
  entriesOf,
  EXISTS,
  FileError,
  IS_DIRECTORY,
  makeDirectory,
  makeLink,
  NO_DIRECTORY,
  NO_ENTRY,
  NOT_EMPTY,
  type Place,
  sizeOf,
  textOf,
} from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { matches } from '../patterns.ts'
import { flagsOf, isBusybox } from './kit.ts'

/** Does for each path what may throw a FileError; `told` words it. Returns the exit code. */
function* forEach(
  process: Process,
  paths: readonly string[],
  what: (path: string) => void,
  told: (path: string, why: string) => string,
): Routine<number> {
  let code = 0
  for (const path of paths) {
    const done = yield* attempt(
      process,
      () => what(path),
      (why) => told(path, why),
    )
    if (!done) code = 1
  }
  return code
}

/** Runs for one path what may throw a FileError; `told` words it. Returns whether it went well. */
function* attempt(process: Process, what: () => void, told: (why: string) => string): Routine<boolean> {
  try {
    what()
    return true
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    yield* process.complain(told(error.message))
    return false
  }
}

/** Writes out all that can still be read, as it comes. */
function* pour(process: Process, descriptor: number, shown = (text: string): string => text): Routine<void> {
  for (let more = yield* process.read(descriptor); more !== null; more = yield* process.read(descriptor)) yield* process.out(shown(more))
}

export const cat: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  let code = 0
  let number = 0
  const shown = (text: string): string =>
    flags.has('n')
      ? text.replace(/^.*(?:\n|(?!^)$)/gm, (line) => (line === '' ? '' : `${String(++number).padStart(6)}\t${line}`))
      : flags.has('e') || flags.has('A')
        ? text.replaceAll('\n', '$\n')
        : text
  for (const path of words.length > 0 ? words : ['-']) {
    if (path === '-') {
      yield* pour(process, 0, shown)
      continue
    }
    try {
      const entry = process.machine.files.get(path, process.cwd, true, process.pid)
      if (entry.kind === 'directory') throw new FileError(IS_DIRECTORY)
      if (entry.kind === 'device' || /^\/dev\/(std|fd|tty)/.test(path)) {
        const descriptor = process.machine.open(process, path, 'read')
        process.descriptors.set(9, descriptor)
        yield* pour(process, 9)
        process.descriptors.delete(9)
        descriptor.close()
      } else if (entry.kind === 'file') yield* process.out(shown(textOf(entry)))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      const directory = error.message === IS_DIRECTORY
      yield* process.complain(
        !isBusybox(process)
          ? `${path}: ${error.message}`
          : directory
            ? `read error: ${IS_DIRECTORY}`
            : `can't open '${path}': ${error.message}`,
      )
      code = 1
    }
  }
  return code
}

export const mkdir: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv, 'm')
  const make = (path: string): void => {
    const { files } = process.machine
    if (!flags.has('p')) return files.makeDirectory(path, process.cwd, process.pid)
    let at = path.startsWith('/') ? '' : process.cwd
    for (const part of path.split('/').filter(Boolean)) {
      at = `${at === '/' ? '' : at}/${part}`
      const entry = files.find(at)
      if (!entry) files.makeDirectory(at)
      else if (entry.kind !== 'directory') throw new FileError(EXISTS)
    }
  }
  return yield* forEach(
    process,
    words,
    make,
    (path, why) => `${isBusybox(process) ? "can't" : 'cannot'} create directory '${path}': ${why}`,
  )
}

export const rmdir: Program = function* (process, argv) {
  const remove = (path: string): void => {
    const place = process.machine.files.locate(path.replace(/(?<=.)\/+$/, ''), process.cwd, false)
    if (place.entry && place.entry.kind !== 'directory') throw new FileError(NO_DIRECTORY)
    if (place.entry && entriesOf(place.entry).size > 0) throw new FileError(NOT_EMPTY)
    process.machine.files.remove(place)
  }
  return yield* forEach(
    process,
    flagsOf(argv).words,
    remove,
    (path, why) => `${isBusybox(process) ? '' : 'failed to remove '}'${path}': ${why}`,
  )
}

export const rm: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const recursive = flags.has('r') || flags.has('R')
  let code = 0
  for (const path of words) {
    try {
      const place = process.machine.files.locate(path.replace(/(?<=.)\/+$/, ''), process.cwd, false)
      if (place.entry?.kind === 'directory' && !recursive) {
        yield* process.complain(isBusybox(process) ? `'${path}' is a directory` : `cannot remove '${path}': ${IS_DIRECTORY}`)
        code = 1
        continue
      }
      process.machine.files.remove(place)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      if (flags.has('f') && error.message.startsWith('No such')) continue
      yield* process.complain(`${isBusybox(process) ? "can't" : 'cannot'} remove '${path}': ${error.message}`)
      code = 1
    }
  }
  return code
}

export const touch: Program = function* (process, argv) {
  const { files, context } = process.machine
  const touchOne = (path: string): void => {
    if (files.find(path, process.cwd)?.kind === 'directory') return
    files.open(path, process.cwd, process.pid, true).changedAt = context.clock.now()
  }
  return yield* forEach(process, flagsOf(argv, 'dtr').words, touchOne, (path, why) =>
    isBusybox(process) ? `${path}: ${why}` : `cannot touch '${path}': ${why}`,
  )
}

function copyEntry(entry: Entry, now: number): Entry {
  if (entry.kind === 'directory') {
    const copy = makeDirectory(now, entry.mode)
    for (const [name, each] of entriesOf(entry)) entriesOf(copy).set(name, copyEntry(each, now))
    return copy
  }
  return entry.kind === 'file' ? { ...entry, text: textOf(entry), changedAt: now, readOnly: false } : { ...entry }
}

/** Where something that is copied or moved to `target` comes to stand: in it, where it is a directory. */
function destination(process: Process, source: string, target: string): Place {
  const { files } = process.machine
  const inside = files.find(target, process.cwd)?.kind === 'directory'
  return files.locate(
    inside ? `${target.replace(/\/+$/, '')}/${source.replace(/\/+$/, '').replace(/^.*\//, '')}` : target,
    process.cwd,
    !inside,
  )
}

export const cp: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const target = words.pop()
  if (target === undefined || words.length === 0) {
    yield* process.complain(
      words.length === 0 && target !== undefined ? `missing destination file operand after '${target}'` : 'missing file operand',
    )
    return 1
  }
  let code = 0
  for (const path of words) {
    const { files, context } = process.machine
    const source = files.find(path, process.cwd, !(flags.has('a') || flags.has('d')))
    if (!source) {
      yield* process.complain(
        isBusybox(process) ? `can't stat '${path}': No such file or directory` : `cannot stat '${path}': No such file or directory`,
      )
      code = 1
    } else if (source.kind === 'directory' && !['r', 'R', 'a'].some((flag) => flags.has(flag))) {
      yield* process.complain(isBusybox(process) ? `omitting directory '${path}'` : `-r not specified; omitting directory '${path}'`)
      code = 1
    } else {
      const copy = (): void => {
        const place = destination(process, path, target)
        if (place.entry?.kind === 'file' && source.kind === 'file') files.write(place.path, textOf(source))
        else files.put(place, copyEntry(source, context.clock.now()))
      }
      if (
        !(yield* attempt(
          process,
          copy,
          (why) => `${isBusybox(process) ? `can't create '${target}'` : `cannot create regular file '${target}'`}: ${why}`,
        ))
      )
        code = 1
    }
  }
  return code
}

export const mv: Program = function* (process, argv) {
  const { words } = flagsOf(argv)
  const target = words.pop()
  if (target === undefined || words.length === 0) {
    yield* process.complain('missing file operand')
    return 1
  }
  const move = (path: string): void => {
    const { files } = process.machine
    const from = files.locate(path, process.cwd, false)
    if (!from.entry) throw new FileError(NO_ENTRY)
    files.put(destination(process, path, target), from.entry)
    files.remove(from)
  }
  return yield* forEach(process, words, move, (path, why) => `${isBusybox(process) ? "can't rename" : 'cannot stat'} '${path}': ${why}`)
}

export const ln: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const [source = '', target = source.replace(/^.*\//, '')] = words
  const link = (): void => {
    const { files, context } = process.machine
    const place = destination(process, source, target)
    if (place.entry && !flags.has('f')) throw new FileError(EXISTS)
    files.put(place, flags.has('s') ? makeLink(source, context.clock.now()) : files.get(source, process.cwd))
  }
  return (yield* attempt(process, link, (why) => (isBusybox(process) ? `${target}: ${why}` : `failed to create link '${target}': ${why}`)))
    ? 0
    : 1
}

export const chmod: Program = function* (process, argv) {
  const [mode = '', ...paths] = flagsOf(argv).words
  const change = (path: string): void => {
    const entry = process.machine.files.get(path, process.cwd)
    if (/^[0-7]+$/.test(mode)) entry.mode = Number.parseInt(mode, 8)
    for (const [, who = '', sign, what = ''] of mode.matchAll(/([ugoa]*)([-+=])([rwx]*)/g)) {
      const classes = who === '' || who.includes('a') ? 'ugo' : who
      for (const each of classes) {
        const bits = [...what].reduce((sum, letter) => sum | { r: 4, w: 2, x: 1 }[letter as 'r'], 0) << { u: 6, g: 3, o: 0 }[each as 'u']
        entry.mode = sign === '-' ? entry.mode & ~bits : entry.mode | bits
      }
    }
  }
  return yield* forEach(process, paths, change, (path, why) => (isBusybox(process) ? `${path}: ${why}` : `cannot access '${path}': ${why}`))
}

export const pwd: Program = function* (process) {
  yield* process.out(`${process.cwd}\n`)
  return 0
}

export const readlink: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const [path = ''] = words
  const { files } = process.machine
  try {
    if (flags.has('f') || argv[0] === 'realpath') {
      yield* process.out(`${files.locate(path, process.cwd, true, process.pid).path}\n`)
      return 0
    }
    const entry = files.get(path, process.cwd, false, process.pid)
    if (entry.kind !== 'link') return 1
    yield* process.out(`${typeof entry.target === 'string' ? entry.target : entry.target(process.pid)}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (argv[0] === 'realpath') yield* process.complain(`${path}: ${error.message}`)
    return 1
  }
}

export const find: Program = function* (process, argv) {
  const words = argv.slice(1)
  const roots: string[] = []
  while (words.length > 0 && !(words[0] as string).startsWith('-')) roots.push(words.shift() as string)
  const option = (name: string): string | undefined => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined)
  const kind = { f: 'file', d: 'directory', l: 'link', c: 'device' }[option('-type') ?? '']
  const pattern = option('-name')
  const depth = Number(option('-maxdepth') ?? Infinity)
  let code = 0
  for (const root of roots.length > 0 ? roots : ['.']) {
    const walk = function* (path: string, entry: Entry, level: number): Routine<void> {
      const name = path.replace(/(?<=.)\/+$/, '').replace(/^.*\/(?=.)/, '')
      if ((!kind || entry.kind === kind) && (pattern === undefined || matches(pattern, name))) yield* process.out(`${path}\n`)
      if (entry.kind !== 'directory' || level >= depth) return
      for (const [child, each] of entriesOf(entry)) yield* walk(`${path === '/' ? '' : path}/${child}`, each, level + 1)
    }
    const entry = process.machine.files.find(root, process.cwd, false, process.pid)
    if (entry) yield* walk(root, entry, 0)
    else {
      yield* process.complain(isBusybox(process) ? `${root}: No such file or directory` : `'${root}': No such file or directory`)
      code = 1
    }
  }
  return code
}

export const stat: Program = function* (process, argv) {
  let code = 0
  for (const path of flagsOf(argv, 'c').words) {
    const entry = process.machine.files.find(path, process.cwd, false, process.pid)
    if (!entry) {
      yield* process.complain(
        isBusybox(process) ? `can't stat '${path}': No such file or directory` : `cannot statx '${path}': No such file or directory`,
      )
      code = 1
      continue
    }
    const size = sizeOf(entry)
    yield* process.out(
      `  File: ${path}\n  Size: ${String(size).padEnd(15)} Blocks: ${String(Math.ceil(size / 512)).padEnd(10)} IO Block: 4096   ${entry.kind === 'file' ? 'regular file' : entry.kind}\n`,
    )
  }
  return code
}
