/** busybox's programs that read text and print text. */
import { type Program, type ProgramRun, readAll } from './program-run.ts'
import { resolvePath } from './shell/files.ts'

/** Words that are no options, from where they begin. */
const operands = (argv: readonly string[]): string[] => argv.slice(1).filter((word) => !/^-./.test(word))

/** Reads the files that are named, or standard input where none is. */
function readInput(run: ProgramRun, names: readonly string[], then: (text: string, code: number) => void): void {
  if (names.length === 0) return readAll(run, (text) => then(text, 0))
  let text = ''
  let code = 0
  for (const name of names) {
    const found = run.environment.files.get(resolvePath(name, run.folder))
    if (found === undefined) {
      run.output.stderr(`${run.argv[0]}: ${name}: No such file or directory\n`)
      code = 1
    } else text += found
  }
  then(text, code)
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/** A program that picks or changes lines. */
function filter(names: (argv: string[]) => string[], change: (lines: string[], argv: string[]) => string[], codeWhenEmpty = 0): Program {
  return (run) =>
    readInput(run, names(run.argv), (text, code) => {
      const lines = change(linesOf(text), run.argv)
      if (!run.argv.includes('-q')) run.output.stdout(lines.map((line) => `${line}\n`).join(''))
      run.done(code || (lines.length === 0 ? codeWhenEmpty : 0))
    })
}

function count(argv: readonly string[]): number {
  const flag = argv.slice(1).find((word) => /^-n?\d+$/.test(word))
  const after = argv.indexOf('-n')
  return flag ? Number(flag.replace(/^-n?/, '')) : after > 0 ? Number(argv[after + 1]) : 10
}

/** Operands but the argument of `-n`. */
const withoutCount = (argv: string[]): string[] => operands(argv).filter((word) => argv[argv.indexOf(word) - 1] !== '-n')

function grep(lines: string[], argv: string[]): string[] {
  const flags = argv
    .slice(1)
    .filter((word) => /^-\w+$/.test(word))
    .join('')
  const [pattern = ''] = operands(argv)
  const source = flags.includes('F')
    ? pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    : flags.includes('E')
      ? pattern
      : basicPattern(pattern)
  const expression = new RegExp(source, flags.includes('i') ? 'i' : '')
  const found = lines.filter((line) => expression.test(line) !== flags.includes('v'))
  if (flags.includes('c')) return [String(found.length)]
  return flags.includes('o') ? found.map((line) => expression.exec(line)?.[0] ?? '') : found
}

/** A basic regular expression in JavaScript's form: `\(` groups, `(` is a letter. */
function basicPattern(pattern: string): string {
  return pattern.replace(
    /\\([(){}|+?])|([(){}|+?])/g,
    (_all, escaped: string | undefined, plain: string | undefined) => escaped ?? `\\${plain}`,
  )
}

/** `sed s/a/b/g`, `sed -n Np`, `sed Nd`. */
function sed(run: ProgramRun): void {
  const words = operands(run.argv)
  const [script = '', ...names] = words
  const substitute = /^s(.)(.*?[^\\]|)\1(.*?)\1([gi]*)$/.exec(script)
  const addressed = /^(\d+|\$)([pd])$/.exec(script)
  if (!substitute && !addressed) {
    run.output.stderr(`sed: unsupported command ${script}\n`)
    return run.done(1)
  }
  readInput(run, names, (text, code) => {
    let lines = linesOf(text)
    if (substitute) {
      const [, , pattern = '', replacement = '', flags = ''] = substitute
      const source = run.argv.some((word) => /^-\w*[Er]/.test(word)) ? pattern : basicPattern(pattern)
      const expression = new RegExp(source, flags)
      const to = replacement
        .replace(/\$/g, '$$$$')
        .replace(/\\(\d)/g, '$$$1')
        .replace(/(?<!\\)&/g, '$$&')
      lines = lines.map((line) => line.replace(expression, to))
    } else if (addressed) {
      const at = addressed[1] === '$' ? lines.length : Number(addressed[1])
      lines = lines.filter((_line, index) => (index + 1 === at) === (addressed[2] === 'p'))
    }
    run.output.stdout(lines.map((line) => `${line}\n`).join(''))
    run.done(code)
  })
}

function tr(run: ProgramRun): void {
  const [from = '', to = ''] = operands(run.argv)
  const set = (text: string): string[] => [...text.replace(/\\n/g, '\n').replace(/(.)-(.)/g, (_all, a: string, b: string) => range(a, b))]
  const letters = set(from)
  const targets = set(to)
  readAll(run, (text) => {
    const drop = run.argv.includes('-d')
    run.output.stdout(
      [...text]
        .map((letter) => {
          const at = letters.indexOf(letter)
          if (at < 0) return letter
          return drop ? '' : (targets[Math.min(at, targets.length - 1)] ?? '')
        })
        .join(''),
    )
    run.done(0)
  })
}

function range(from: string, to: string): string {
  let out = ''
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) out += String.fromCharCode(code)
  return out
}

function option(argv: readonly string[], flag: string): string | undefined {
  const joined = argv.find((word) => word.startsWith(flag) && word.length > flag.length)
  return joined?.slice(flag.length) ?? (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined)
}

function cut(run: ProgramRun): void {
  const delimiter = option(run.argv, '-d') ?? '\t'
  const fields = (option(run.argv, '-f') ?? '1').split(',').flatMap((part) => {
    const [from = 1, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  readAll(run, (text) => {
    for (const line of linesOf(text)) {
      const parts = line.split(delimiter)
      run.output.stdout(
        `${
          parts.length === 1
            ? line
            : fields
                .map((field) => parts[field - 1])
                .filter((part) => part !== undefined)
                .join(delimiter)
        }\n`,
      )
    }
    run.done(0)
  })
}

function seq({ argv, output, done }: ProgramRun): void {
  const numbers = argv.slice(1).map(Number)
  const first = numbers.length > 1 ? (numbers[0] as number) : 1
  const step = numbers.length > 2 ? (numbers[1] as number) : 1
  const last = numbers.at(-1) ?? 1
  let out = ''
  for (let number = first; step > 0 ? number <= last : number >= last; number += step || 1) out += `${number}\n`
  output.stdout(out)
  done(0)
}

function expr({ argv, output, done }: ProgramRun): void {
  const [a = '', operator, b = ''] = argv.slice(1)
  const [x, y] = [Number(a), Number(b)]
  const value =
    operator === undefined
      ? a
      : ({
          '+': x + y,
          '-': x - y,
          '*': x * y,
          '/': Math.trunc(x / y),
          '%': x % y,
          '=': Number(a === b),
          '<': Number(x < y),
          '>': Number(x > y),
        }[operator] ?? 0)
  output.stdout(`${value}\n`)
  done(value === 0 || value === '' ? 1 : 0)
}

export const TEXT_PROGRAMS: Record<string, Program> = {
  cut,
  expr,
  grep: filter((argv) => operands(argv).slice(1), grep, 1),
  head: filter(withoutCount, (lines, argv) => lines.slice(0, count(argv))),
  rev: filter(operands, (lines) => lines.map((line) => [...line].toReversed().join(''))),
  sed,
  seq,
  sort: filter(operands, (lines, argv) => {
    const flags = argv.slice(1).join('')
    const sorted = lines.toSorted(
      (a, b) => (flags.includes('n') ? Number.parseFloat(a) - Number.parseFloat(b) : 0) || (a < b ? -1 : a > b ? 1 : 0),
    )
    const ordered = flags.includes('r') ? sorted.toReversed() : sorted
    return flags.includes('u') ? [...new Set(ordered)] : ordered
  }),
  tail: filter(withoutCount, (lines, argv) => lines.slice(-count(argv))),
  tr,
  uniq: filter(operands, (lines, argv) => {
    const groups: [string, number][] = []
    for (const line of lines) {
      const last = groups.at(-1)
      if (last?.[0] === line) last[1]++
      else groups.push([line, 1])
    }
    return groups.map(([line, times]) => (argv.includes('-c') ? `${String(times).padStart(7)} ${line}` : line))
  }),
  wc: (run) =>
    readInput(run, operands(run.argv), (text, code) => {
      const lines = (text.match(/\n/g) ?? []).length
      const words = text.split(/\s+/).filter(Boolean).length
      const { argv } = run
      const asked = argv.includes('-l')
        ? String(lines)
        : argv.includes('-w')
          ? String(words)
          : argv.includes('-c')
            ? String(text.length)
            : null
      run.output.stdout(`${asked ?? [lines, words, text.length].map((each) => String(each).padStart(9)).join(' ')}\n`)
      run.done(code)
    }),
}
