/** Programs that read text and write text. */
import { createHash } from 'node:crypto'
import { byteLength, decodeBytes, encodeText } from '../../../machinery/bytes.ts'
import { FileError } from '../files.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../routine.ts'
import { flagsOf, inputOf, isBusybox, linesOf } from './kit.ts'

/** Runs something over each named input, standard input where none is named. */
function* overInputs(process: Process, words: readonly string[], each: (text: string, path: string) => Routine<void>): Routine<number> {
  let code = 0
  for (const path of words.length > 0 ? words : ['-']) {
    const text = yield* inputOf(process, path)
    if (text === null) code = 1
    else yield* each(text, path)
  }
  return code
}

export const head: Program = function* (process, argv) {
  const { values, words } = flagsOf(
    argv.map((word) => (/^-\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
    'nc',
  )
  const count = Number(values.get('n') ?? 10)
  if (words.length === 0 && !values.has('c') && count >= 0) {
    for (let left = count; left > 0; left--) {
      const line = yield* process.readLine()
      if (line === null) break
      yield* process.out(line.text + (line.cut ? '' : '\n'))
    }
    return 0
  }
  const several = words.length > 1
  let first = true
  return yield* overInputs(process, words, function* (text, path) {
    if (several) yield* process.out(`${first ? '' : '\n'}==> ${path} <==\n`)
    first = false
    if (values.has('c')) return yield* process.out(decodeBytes(encodeText(text).subarray(0, Number(values.get('c')))))
    const lines = text.split(/(?<=\n)/)
    yield* process.out(lines.slice(0, count).join(''))
  })
}

export const tail: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(
    argv.map((word) => (/^-\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
    'ncs',
  )
  const wanted = values.get('n') ?? '10'
  const last = (text: string): string => {
    if (values.has('c')) return decodeBytes(encodeText(text).subarray(-Number(values.get('c'))))
    const lines = text.split(/(?<=\n)/)
    return (wanted.startsWith('+') ? lines.slice(Number(wanted) - 1) : Number(wanted) === 0 ? [] : lines.slice(-Number(wanted))).join('')
  }
  const several = words.length > 1
  let first = true
  const code = yield* overInputs(process, words, function* (text, path) {
    if (several) yield* process.out(`${first ? '' : '\n'}==> ${path} <==\n`)
    first = false
    yield* process.out(last(text))
  })
  const [path] = words
  if ((!flags.has('f') && !flags.has('F')) || path === undefined || code !== 0) return code
  const { files } = process.machine
  let shown = files.find(path, process.cwd)?.kind === 'file' ? files.read(path, process.cwd).length : 0
  for (;;) {
    yield* process.sleep(1000)
    let text = ''
    try {
      text = files.read(path, process.cwd)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
    if (text.length < shown) shown = 0
    if (text.length > shown) yield* process.out(text.slice(shown))
    shown = text.length
  }
}

export const wc: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const kinds = ['l', 'w', 'm', 'c'].filter((flag) => flags.has(flag))
  const shown = kinds.length > 0 ? kinds : ['l', 'w', 'c']
  const total = shown.map(() => 0)
  const print = function* (counts: number[], name: string): Routine<void> {
    const single = counts.length === 1
    const width = isBusybox(process) ? 9 : Math.max(7, 0)
    const text = single ? String(counts[0]) : counts.map((count) => String(count).padStart(width)).join(isBusybox(process) ? ' ' : ' ')
    yield* process.out(`${single || !isBusybox(process) ? text : text}${name === '-' ? '' : ` ${name}`}\n`)
  }
  const code = yield* overInputs(process, words, function* (text, path) {
    const counts = shown.map((kind) =>
      kind === 'l'
        ? text.split('\n').length - 1
        : kind === 'w'
          ? text.split(/\s+/).filter(Boolean).length
          : kind === 'm'
            ? [...text].length
            : byteLength(text),
    )
    counts.forEach((count, index) => (total[index] = (total[index] ?? 0) + count))
    yield* print(counts, words.length === 0 ? '-' : path)
  })
  if (words.length > 1) yield* print(total, 'total')
  return code
}

/** Basic regular expressions to JavaScript's. */
function expression(pattern: string, flags: Set<string>, extended: boolean): RegExp {
  let source = pattern
  if (flags.has('F')) source = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  else if (!extended)
    source = pattern.replace(/\\([(){}|+?])|([(){}|+?])/g, (_all, escaped?: string, plain?: string) => escaped ?? `\\${plain}`)
  source = source.replace(
    /\[:(\w+):\]/g,
    (_all, name: string) => ({ alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', space: '\\s', upper: 'A-Z', lower: 'a-z' })[name] ?? '',
  )
  if (flags.has('w')) source = `\\b(?:${source})\\b`
  if (flags.has('x')) source = `^(?:${source})$`
  return new RegExp(source, flags.has('i') ? 'i' : '')
}

export const grep: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'emABC')
  const pattern = values.get('e') ?? words.shift()
  if (pattern === undefined) {
    yield* process.write(
      2,
      isBusybox(process)
        ? `${process.machine.image.userland.busybox}\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n`
        : "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
    )
    return 2
  }
  let regex: RegExp
  try {
    regex = expression(pattern, flags, argv[0] === 'egrep' || flags.has('E'))
  } catch {
    yield* process.complain(`bad regex '${pattern}'`)
    return 2
  }
  let found = false
  const named = (words.length > 1 || flags.has('r') || flags.has('H')) && !flags.has('h')
  const lines = function* (text: string, path: string): Routine<void> {
    let count = 0
    for (const [index, line] of linesOf(text).entries()) {
      if (regex.test(line) === flags.has('v')) continue
      found = true
      count++
      if (flags.has('q') || flags.has('c') || flags.has('l')) continue
      const shown = flags.has('o') ? (line.match(new RegExp(regex, 'g')) ?? []) : [line]
      for (const each of shown) yield* process.out(`${named ? `${path}:` : ''}${flags.has('n') ? `${index + 1}:` : ''}${each}\n`)
      if (count >= Number(values.get('m') ?? Infinity)) break
    }
    if (flags.has('c')) yield* process.out(`${named ? `${path}:` : ''}${count}\n`)
    if (flags.has('l') && count > 0) yield* process.out(`${path}\n`)
  }
  if (words.length === 0 && !flags.has('r')) {
    // line by line, as they come
    for (let line = yield* process.readLine(), number = 1; line !== null; line = yield* process.readLine(), number++) {
      if (flags.has('c')) {
        yield* lines(`${line.text}\n${yield* process.readAll()}`, '(standard input)')
        break
      }
      if (regex.test(line.text) === flags.has('v')) continue
      found = true
      if (flags.has('q')) return 0
      const shown = flags.has('o') ? (line.text.match(new RegExp(regex, 'g')) ?? []) : [line.text]
      for (const each of shown) yield* process.out(`${flags.has('n') ? `${number}:` : ''}${each}\n`)
    }
    return found ? 0 : 1
  }
  const paths = flags.has('r') || flags.has('R') ? words.flatMap((path) => filesBelow(process, path)) : words
  const code = yield* overInputs(process, paths, lines)
  return code === 0 ? (found ? 0 : 1) : 2
}

function filesBelow(process: Process, path: string): string[] {
  const entry = process.machine.files.find(path, process.cwd, true, process.pid)
  if (entry?.kind !== 'directory') return [path]
  return process.machine.files
    .list(path, process.cwd, process.pid)
    .flatMap(([name, each]) => (each.kind === 'link' ? [] : filesBelow(process, `${path.replace(/\/$/, '')}/${name}`)))
}

export const sort: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'kto')
  const all: string[] = []
  const code = yield* overInputs(process, words, function* (text) {
    all.push(...linesOf(text))
    yield* process.machine.breathe()
  })
  const field = Number.parseInt(values.get('k') ?? '', 10)
  const separator = values.get('t') ?? /\s+/
  const key = (line: string): string => (Number.isNaN(field) ? line : (line.trimStart().split(separator)[field - 1] ?? ''))
  const numeric = flags.has('n') || /n/.test(values.get('k') ?? '')
  const compare = (a: string, b: string): number => {
    if (numeric) return (Number.parseFloat(key(a)) || 0) - (Number.parseFloat(key(b)) || 0) || (a < b ? -1 : a > b ? 1 : 0)
    const [x, y] = flags.has('f') ? [key(a).toLowerCase(), key(b).toLowerCase()] : [key(a), key(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  const sorted = all.toSorted(compare)
  if (flags.has('r')) sorted.reverse()
  yield* process.out(
    (flags.has('u') ? sorted.filter((line, index) => index === 0 || line !== sorted[index - 1]) : sorted)
      .map((line) => `${line}\n`)
      .join(''),
  )
  return code === 0 ? 0 : 2
}

export const uniq: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  return yield* overInputs(process, words.slice(0, 1), function* (text) {
    const groups: { line: string; count: number }[] = []
    for (const line of linesOf(text)) {
      const last = groups.at(-1)
      if (last?.line === line) last.count++
      else groups.push({ line, count: 1 })
    }
    for (const { line, count } of groups) {
      if ((flags.has('d') && count < 2) || (flags.has('u') && count > 1)) continue
      yield* process.out(`${flags.has('c') ? `${String(count).padStart(7)} ` : ''}${line}\n`)
    }
  })
}

function ranges(list: string): [number, number][] {
  return list.split(',').map((part) => {
    const [from = '', to] = part.split('-')
    return [Number(from || 1), to === undefined ? Number(from) : Number(to || Infinity)]
  })
}

export const cut: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'dfcb')
  const list = values.get('f') ?? values.get('c') ?? values.get('b')
  if (list === undefined) {
    yield* process.complain(
      isBusybox(process) ? 'expected a list of bytes, characters, or fields' : 'you must specify a list of bytes, characters, or fields',
    )
    return 1
  }
  const wanted = ranges(list)
  const pick = (items: string[]): string[] =>
    items.filter((_item, index) => wanted.some(([from, to]) => index + 1 >= from && index + 1 <= to))
  const delimiter = values.get('d') ?? '\t'
  return yield* overInputs(process, words, function* (text) {
    for (const line of linesOf(text)) {
      if (!values.has('f')) yield* process.out(`${pick([...line]).join('')}\n`)
      else if (line.includes(delimiter)) yield* process.out(`${pick(line.split(delimiter)).join(delimiter)}\n`)
      else if (!flags.has('s')) yield* process.out(`${line}\n`)
    }
  })
}

function letterSet(text: string): string[] {
  const plain = text
    .replace(
      /\[:(\w+):\]/g,
      (_all, name: string) =>
        ({ upper: 'A-Z', lower: 'a-z', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', space: ' \\t\\n' })[name] ?? '',
    )
    .replace(/\\([nt\\0r])/g, (_all, letter: string) => ({ n: '\n', t: '\t', '0': '\0', r: '\r' })[letter] ?? letter)
  return [
    ...plain.replace(/(.)-(.)/gsu, (_all, from: string, to: string) => {
      let letters = ''
      for (let code = from.codePointAt(0) as number; code <= (to.codePointAt(0) as number); code++) letters += String.fromCodePoint(code)
      return letters
    }),
  ]
}

export const tr: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const from = letterSet(words[0] ?? '')
  const to = letterSet(words[1] ?? '')
  const isIn = (letter: string): boolean => from.includes(letter) !== (flags.has('c') || flags.has('C'))
  for (let text = yield* process.read(); text !== null; text = yield* process.read()) {
    let out = ''
    for (const letter of text) {
      if (!isIn(letter)) out += letter
      else if (flags.has('d')) continue
      else {
        const index = flags.has('c') ? to.length - 1 : from.indexOf(letter)
        const next = words.length > 1 ? (to[index] ?? to.at(-1) ?? letter) : letter
        if (flags.has('s') && out.endsWith(next)) continue
        out += next
      }
    }
    yield* process.out(out)
  }
  return 0
}

interface Edit {
  address: { line?: number; last?: boolean; regex?: RegExp } | null
  until: { line?: number; last?: boolean; regex?: RegExp } | null
  negated: boolean
  command: string
  regex?: RegExp
  replacement?: string
  print?: boolean
  text?: string
}

/** sed's s, p, d, q, =, a, i, c, y-less. null: a command that is not known. */
function parseEdits(script: string, extended: boolean): Edit[] | null {
  const edits: Edit[] = []
  let rest = script.trim()
  const address = (): Edit['address'] => {
    const number = /^(\d+|\$)/.exec(rest)
    if (number) {
      rest = rest.slice(number[0].length)
      return number[0] === '$' ? { last: true } : { line: Number(number[0]) }
    }
    const regex = /^\/((?:\\.|[^/\\])*)\//.exec(rest)
    if (!regex) return null
    rest = rest.slice(regex[0].length)
    return { regex: expression(regex[1] as string, new Set(), extended) }
  }
  while (rest !== '') {
    const begin = address()
    let until: Edit['until'] = null
    if (rest.startsWith(',')) {
      rest = rest.slice(1)
      until = address()
    }
    rest = rest.trimStart()
    const negated = rest.startsWith('!')
    if (negated) rest = rest.slice(1).trimStart()
    const command = rest[0] ?? ''
    rest = rest.slice(1)
    const edit: Edit = { address: begin, until, negated, command }
    if (command === 's') {
      const mark = (rest[0] ?? '/').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      const parts = new RegExp(`^${mark}((?:\\\\.|[^\\\\${mark}])*)${mark}((?:\\\\.|[^\\\\${mark}])*)${mark}([gpiI0-9]*)`, 's').exec(rest)
      if (!parts) return null
      rest = rest.slice(parts[0].length)
      const [, pattern = '', replacement = '', flags = ''] = parts
      const regex = expression(pattern, new Set(/i/i.test(flags) ? ['i'] : []), extended)
      edit.regex = new RegExp(regex, regex.flags + (flags.includes('g') ? 'g' : ''))
      edit.replacement = replacement
      edit.print = flags.includes('p')
    } else if ('aic'.includes(command) && command !== '') {
      edit.text = rest.replace(/^\\?\n?\s*/, '')
      rest = ''
    } else if (!'pdq='.includes(command) || command === '') return null
    edits.push(edit)
    rest = rest.replace(/^[\s;]+/, '')
  }
  return edits
}

export const sed: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'e', ['expression'])
  const script = values.get('e') ?? words.shift()
  const extended = flags.has('E') || flags.has('r')
  const edits = script === undefined ? null : parseEdits(script, extended)
  if (edits === null) {
    yield* process.complain(script === undefined ? 'no script' : `unsupported command ${script}`)
    return 1
  }
  const open = new Set<Edit>()
  const edited = (text: string): string => {
    let out = ''
    const lines = linesOf(text)
    for (const [index, original] of lines.entries()) {
      const number = index + 1
      const fits = (address: Edit['address'], line: string): boolean =>
        address !== null &&
        (address.line === number || (address.last === true && number === lines.length) || address.regex?.test(line) === true)
      let line = original
      let deleted = false
      let after = ''
      let quit = false
      for (const edit of edits) {
        let applies = edit.address === null || fits(edit.address, line)
        if (edit.until) {
          if (open.has(edit)) {
            applies = true
            if (fits(edit.until, line)) open.delete(edit)
          } else if (applies && !(edit.until.line !== undefined && edit.until.line <= number)) open.add(edit)
        }
        if (applies === edit.negated) continue
        if (edit.command === 's' && edit.regex) {
          const { replacement = '' } = edit
          let done = false
          line = line.replace(edit.regex, (...args: unknown[]) => {
            done = true
            return replacement.replace(/\\(\d)|\\n|\\(.)|&/g, (piece, group?: string, other?: string) =>
              group !== undefined
                ? String(args[Number(group)] ?? '')
                : piece === '&'
                  ? String(args[0])
                  : piece === '\\n'
                    ? '\n'
                    : (other ?? piece),
            )
          })
          if (done && edit.print) out += `${line}\n`
        } else if (edit.command === 'p') out += `${line}\n`
        else if (edit.command === '=') out += `${number}\n`
        else if (edit.command === 'd') {
          deleted = true
          break
        } else if (edit.command === 'q') {
          quit = true
          break
        } else if (edit.command === 'a') after += `${edit.text}\n`
        else if (edit.command === 'i') out += `${edit.text}\n`
        else if (edit.command === 'c') {
          out += `${edit.text}\n`
          deleted = true
          break
        }
      }
      if (!deleted && !flags.has('n')) out += `${line}\n`
      out += after
      if (quit) break
    }
    return text.endsWith('\n') || text === '' ? out : out.replace(/\n$/, '')
  }
  return yield* overInputs(process, words, function* (text, path) {
    if (!flags.has('i') || path === '-') return yield* process.out(edited(text))
    try {
      process.machine.files.write(path, edited(text), process.cwd)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(`can't create temp file '${path}XXXXXX': ${error.message}`)
    }
  })
}

export const tee: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  let code = 0
  const targets = []
  for (const path of words) {
    try {
      targets.push(process.machine.open(process, path, flags.has('a') ? 'append' : 'write'))
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(`${path}: ${error.message}`)
      code = 1
    }
  }
  for (let text = yield* process.read(); text !== null; text = yield* process.read()) {
    yield* process.out(text)
    for (const { stream } of targets) stream.write?.(text)
  }
  return code
}

export const rev: Program = function* (process, argv) {
  return yield* overInputs(process, argv.slice(1), (text) =>
    process.out(
      linesOf(text)
        .map((line) => `${[...line].toReversed().join('')}\n`)
        .join(''),
    ),
  )
}

export const tac: Program = function* (process, argv) {
  return yield* overInputs(process, argv.slice(1), (text) =>
    process.out(
      linesOf(text)
        .toReversed()
        .map((line) => `${line}\n`)
        .join(''),
    ),
  )
}

export const base64: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv, 'w')
  return yield* overInputs(process, words, function* (text) {
    if (flags.has('d')) return yield* process.out(decodeBytes(Buffer.from(text, 'base64')))
    const encoded = encodeText(text).toString('base64')
    yield* process.out(flags.has('w') ? encoded : encoded.replace(/.{1,76}/g, '$&\n'))
  })
}

/** md5sum, sha1sum, sha256sum, sha512sum. */
export const digest: Program = function* (process, argv) {
  const kind = (argv[0] ?? '').replace(/^.*\//, '').replace(/sum$/, '')
  return yield* overInputs(process, argv.slice(1), (text, path) =>
    process.out(`${createHash(kind).update(encodeText(text)).digest('hex')}  ${path}\n`),
  )
}

export const seq: Program = function* (process, argv) {
  const numbers = argv.slice(1).map(Number)
  if (numbers.length === 0 || numbers.some(Number.isNaN)) {
    yield* process.complain(
      numbers.length === 0 ? 'missing operand' : `invalid number '${argv.slice(1).find((word) => Number.isNaN(Number(word)))}'`,
    )
    return 1
  }
  const [from, step, to] =
    numbers.length === 1
      ? [1, 1, numbers[0] as number]
      : numbers.length === 2
        ? [numbers[0] as number, 1, numbers[1] as number]
        : (numbers as [number, number, number])
  for (let value = from; step > 0 ? value <= to : value >= to; value += step) yield* process.out(`${value}\n`)
  return 0
}

export const yes: Program = function* (process, argv) {
  const text = `${argv.slice(1).join(' ') || 'y'}\n`
  for (;;) yield* process.out(text)
}
