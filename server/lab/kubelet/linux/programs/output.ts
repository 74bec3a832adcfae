/** echo and printf, of the shells and of the images. */
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'

const ESCAPES: Record<string, string> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', e: '\u001b' }

/** Backslash sequences; `\c` ends the output. */
function unescape(text: string): { text: string; stopped: boolean } {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      out += text[at]
      continue
    }
    const next = text[at + 1] ?? ''
    const octal = /^0?([0-7]{1,3})/.exec(text.slice(at + 1))
    const hex = /^x([\da-fA-F]{1,2})/.exec(text.slice(at + 1))
    if (next === 'c') return { text: out, stopped: true }
    if (octal) {
      out += String.fromCharCode(Number.parseInt(octal[1] as string, 8))
      at += octal[0].length
    } else if (hex) {
      out += String.fromCharCode(Number.parseInt(hex[1] as string, 16))
      at += hex[0].length
    } else if (next in ESCAPES) {
      out += ESCAPES[next]
      at++
    } else out += '\\'
  }
  return { text: out, stopped: false }
}

export function* echo(
  process: Process,
  argv: string[],
  flavour: string = process.machine.image.userland.busybox ? 'ash' : 'bash',
): Routine<number> {
  let words = argv.slice(1)
  let bare = false
  let escapes = flavour === 'dash'
  for (;;) {
    const [word] = words
    if (word === undefined || !(flavour === 'dash' ? /^-n$/ : /^-[neE]+$/).test(word)) break
    if (word.includes('n')) bare = true
    if (word.includes('e')) escapes = true
    if (word.includes('E')) escapes = false
    words = words.slice(1)
  }
  const joined = words.join(' ')
  const { text, stopped } = escapes ? unescape(joined) : { text: joined, stopped: false }
  yield* process.out(text + (bare || stopped ? '' : '\n'))
  return 0
}

export const echoProgram: Program = (process, argv) => echo(process, argv)

export function* printf(process: Process, argv: string[]): Routine<number> {
  const [format, ...rest] = argv.slice(argv[1] === '--' ? 2 : 1)
  if (format === undefined) {
    yield* process.complain('usage: printf format [arg ...]')
    return 2
  }
  let code = 0
  let out = ''
  const queue = [...rest]
  do {
    const before = queue.length
    const pattern = /%%|%([-+ #0]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z])|\\(?:0?[0-7]{1,3}|x[\da-fA-F]{1,2}|.)|[^%\\]+|%|\\/gsu
    for (const [piece, flags = '', width, precision, kind] of format.matchAll(pattern)) {
      if (piece === '%%') out += '%'
      else if (kind !== undefined) {
        const columns = width === '*' ? Number(queue.shift() ?? 0) : Number(width ?? 0)
        const { text, bad } = formatted(kind, queue.shift() ?? '', flags, precision)
        if (bad !== null) {
          yield* process.complain(`${bad}: invalid number`.replace(/^/, process.machine.image.userland.busybox ? '' : 'printf: '))
          code = 1
        }
        out += flags.includes('-') ? text.padEnd(columns) : text.padStart(columns, flags.includes('0') && kind !== 's' ? '0' : ' ')
      } else out += piece.startsWith('\\') ? unescape(piece).text : piece
    }
    if (queue.length === before) break
  } while (queue.length > 0)
  yield* process.out(out)
  return code
}

function formatted(kind: string, argument: string, flags: string, precision: string | undefined): { text: string; bad: string | null } {
  switch (kind) {
    case 's':
      return { text: precision === undefined ? argument : argument.slice(0, Number(precision)), bad: null }
    case 'b':
      return { text: unescape(argument).text, bad: null }
    case 'c':
      return { text: argument.slice(0, 1), bad: null }
    case 'q':
      return { text: /^[\w./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`, bad: null }
    default: {
      const value = /^['"]/.test(argument) ? (argument.codePointAt(1) ?? 0) : argument === '' ? 0 : Number(argument)
      const bad = Number.isNaN(value) ? argument : null
      const number = bad === null ? value : Number.parseFloat(argument) || 0
      if ('feEgG'.includes(kind))
        return {
          text: kind.toLowerCase() === 'e' ? number.toExponential(Number(precision ?? 6)) : number.toFixed(Number(precision ?? 6)),
          bad,
        }
      const whole = Math.trunc(number)
      const text =
        kind === 'x'
          ? whole.toString(16)
          : kind === 'X'
            ? whole.toString(16).toUpperCase()
            : kind === 'o'
              ? whole.toString(8)
              : String(whole)
      return { text: (flags.includes('+') && whole >= 0 ? '+' : '') + text.padStart(Number(precision ?? 0), '0'), bad }
    }
  }
}

export const printfProgram: Program = (process, argv) => printf(process, argv)
