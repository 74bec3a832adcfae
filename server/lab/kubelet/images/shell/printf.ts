/** printf: `%s %d %x %c %b %%` with widths, and the backslash escapes. */

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', a: '\u0007', b: '\b', '"': '"', "'": "'" }
const CONVERSION = /%(-?)(0?)(\d*)(?:\.(\d+))?([sdiuxXcb%])/g

function unescape(text: string): string {
  return text.replace(/\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|[\s\S])/g, (all, code: string) => {
    if (code.startsWith('x') && code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return ESCAPES[code] ?? all
  })
}

/** The format is used again until the arguments are used up. */
export function formatText(format: string, args: readonly string[]): string {
  const text = unescape(format)
  const left = [...args]
  const once = (): string =>
    text.replace(CONVERSION, (_all, minus: string, zero: string, width: string, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%'
      const value = left.shift() ?? ''
      const shown = convert(kind, value, precision)
      return minus ? shown.padEnd(Number(width)) : shown.padStart(Number(width), zero && kind !== 's' ? '0' : ' ')
    })
  let out = once()
  while (left.length > 0) {
    const before = left.length
    out += once()
    if (left.length === before) break
  }
  return out
}

function convert(kind: string, value: string, precision: string | undefined): string {
  switch (kind) {
    case 's':
      return precision === undefined ? value : value.slice(0, Number(precision))
    case 'b':
      return unescape(value)
    case 'c':
      return value.slice(0, 1)
    case 'x':
      return (Number(value) || 0).toString(16)
    case 'X':
      return (Number(value) || 0).toString(16).toUpperCase()
    default:
      return String(Math.trunc(Number(value) || 0))
  }
}
