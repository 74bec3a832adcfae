/** What Go's encoding/json says of a text that is no JSON: the first byte that does not fit, and where it stands (scanner.go). */

/** Deepest nesting that is read: what walks an object does so by recursion. Go reads ten times as much. */
export const MAX_DEPTH = 1_000

/** Thrown by the scanner below, and caught there. */
class Unexpected extends Error {}

const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const ESCAPES = new Set([...'bfnrt\\/"'].map((letter) => letter.charCodeAt(0)))

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean => isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)

/** A byte as Go quotes it in these messages: as the character of that number. */
function quoted(byte: number): string {
  if (byte === 0x27) return "'\\''"
  if (byte === 0x22) return "'\"'"
  if (byte === 0x5c) return "'\\\\'"
  const short = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }[byte]
  if (short) return `'${short}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  if ((byte >= 0x80 && byte <= 0xa0) || byte === 0xad) return `'\\u00${byte.toString(16)}'`
  return `'${String.fromCharCode(byte)}'`
}

/** Whether lists and objects are nested more deeply than is read. */
export function isTooDeep(value: unknown, left = MAX_DEPTH): boolean {
  if (value === null || typeof value !== 'object') return false
  return left === 0 || Object.values(value).some((member) => isTooDeep(member, left - 1))
}

/** The message of a syntax error; null where the text is JSON. */
export function goSyntaxError(text: Buffer): string | null {
  try {
    scan(text)
    return null
  } catch (error) {
    if (error instanceof Unexpected) return error.message
    throw error
  }
}

type Place = 'value' | 'first item' | 'first key' | 'key' | 'colon' | 'after value'

function scan(text: Buffer): void {
  let at = 0
  const fail = (context: string): never => {
    if (at >= text.length) throw new Unexpected('unexpected end of JSON input')
    throw new Unexpected(`invalid character ${quoted(text[at] as number)} ${context}`)
  }
  const space = (): void => {
    while (SPACE.has(text[at] as number)) at++
  }

  const hexadecimal = (): void => {
    for (let digit = 0; digit < 4; digit++) {
      at++
      if (!isHex(text[at] ?? 0)) fail('in \\u hexadecimal character escape')
    }
  }
  const string = (): void => {
    for (at++; text[at] !== 0x22; at++) {
      const byte = text[at]
      if (byte === undefined || byte < 0x20) fail('in string literal')
      if (byte !== 0x5c) continue
      at++
      if (text[at] === 0x75) hexadecimal()
      else if (!ESCAPES.has(text[at] as number)) fail('in string escape code')
    }
    at++
  }
  const digits = (): void => {
    while (isDigit(text[at])) at++
  }
  const number = (): void => {
    if (text[at] === 0x2d) at++
    if (!isDigit(text[at])) fail('in numeric literal')
    if (text[at] === 0x30) at++
    else digits()
    if (text[at] === 0x2e) {
      at++
      if (!isDigit(text[at])) fail('after decimal point in numeric literal')
      digits()
    }
    if (text[at] === 0x65 || text[at] === 0x45) {
      at++
      if (text[at] === 0x2b || text[at] === 0x2d) at++
      if (!isDigit(text[at])) fail('in exponent of numeric literal')
      digits()
    }
  }
  const literal = (word: string): void => {
    at++
    for (let letter = 1; letter < word.length; letter++, at++) {
      if (text[at] !== word.charCodeAt(letter)) fail(`in literal ${word} (expecting '${word[letter]}')`)
    }
  }

  /** The containers around this place: true for an object. */
  const around: boolean[] = []
  let place = 'value' as Place
  const open = (isObject: boolean): void => {
    around.push(isObject)
    if (around.length > MAX_DEPTH) fail('exceeded max depth')
    at++
    place = isObject ? 'first key' : 'first item'
  }
  const close = (): void => {
    around.pop()
    at++
    place = 'after value'
  }

  const value = (): void => {
    place = 'after value'
    switch (text[at]) {
      case 0x7b:
        return open(true)
      case 0x5b:
        return open(false)
      case 0x22:
        return string()
      case 0x74:
        return literal('true')
      case 0x66:
        return literal('false')
      case 0x6e:
        return literal('null')
      default:
        if (text[at] === 0x2d || isDigit(text[at])) return number()
        fail('looking for beginning of value')
    }
  }

  const step = (): boolean => {
    space()
    const byte = text[at]
    if (place === 'after value' && around.length === 0) {
      if (at < text.length) fail('after top-level value')
      return false
    }
    if (place === 'value') value()
    else if (place === 'first item') {
      if (byte === 0x5d) close()
      else value()
    } else if (place === 'first key' || place === 'key') {
      if (place === 'first key' && byte === 0x7d) close()
      else {
        if (byte !== 0x22) fail('looking for beginning of object key string')
        string()
        place = 'colon'
      }
    } else if (place === 'colon') {
      if (byte !== 0x3a) fail('after object key')
      at++
      place = 'value'
    } else if (around.at(-1)) {
      if (byte === 0x7d) close()
      else if (byte === 0x2c) {
        at++
        place = 'key'
      } else fail('after object key:value pair')
    } else if (byte === 0x5d) close()
    else if (byte === 0x2c) {
      at++
      place = 'value'
    } else fail('after array element')
    return true
  }
  while (step());
}
