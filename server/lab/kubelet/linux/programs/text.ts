/** Programs that read text and write text. */
import { createHash } from 'node:crypto'
import { byteLength, decodeBytes, encodeText } from '../../../machinery/bytes.ts'
import { FileError } from '../../kernel/files.ts'
import type { Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { flagsOf, isBusybox, linesOf, overInputs } from './kit.ts'

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
    const width = counts.length === 1 ? 0 : isBusybox(process) ? 9 : 7
    const text = counts.map((count) => String(count).padStart(width)).join(' ')
    yield* process.out(`${text}${name === '-' ? '' : ` ${name}`}\n`)
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
