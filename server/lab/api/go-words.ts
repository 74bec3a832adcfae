/** Texts as Go's strconv writes and reads them, for errors that quote what a client sent. */
import { badRequest } from '../store/api-error.ts'

const ESCAPES: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

/** As unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the plain space. */
export function isPrintable(letter: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(letter)
}

/** As strconv.Quote. */
export function goQuote(text: string): string {
  const letters = [...text].map((letter) => {
    const short = ESCAPES[letter]
    if (short) return short
    if (isPrintable(letter)) return letter
    const code = letter.codePointAt(0) as number
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
  return `"${letters.join('')}"`
}

const MOST = 2n ** 63n - 1n

/** A query's int64, null where it is not given. Throws BadRequest with strconv's words. */
export function parseInteger(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null) return null
  const fail = (why: string): never => {
    throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: ${why}`)
  }
  if (!/^[+-]?\d+$/.test(text)) return fail('invalid syntax')
  const value = BigInt(text.replace('+', ''))
  return value > MOST || value < -MOST - 1n ? fail('value out of range') : Number(value)
}

/** A query's boolean: whatever is not `false` or `0` is true, also nothing at all (Convert_Slice_string_To_bool of apimachinery's conversion.go). */
export function parseFlag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text !== null && text !== '0' && text.toLowerCase() !== 'false'
}
