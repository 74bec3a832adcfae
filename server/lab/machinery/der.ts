/** As much of DER as a certificate request and a certificate take (X.690). */

export class NoDer extends Error {}

const SEQUENCE = 0x30
const TIME_LIMIT = 2050

/** One value with its tag and length. */
export function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  const size = length < 0x100 ? [length] : [length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length, ...size]), content])
}

export function sequence(...parts: Buffer[]): Buffer {
  return tagged(SEQUENCE, Buffer.concat(parts))
}

export function set(...parts: Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts))
}

/** A positive integer, given as its bytes. */
export function integer(bytes: Buffer): Buffer {
  return tagged(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

export function identifier(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const parts = rest.flatMap((part) => {
    const bytes = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80)
    return bytes
  })
  return tagged(0x06, Buffer.from([first * 40 + second, ...parts]))
}

export function bits(content: Buffer, unused = 0): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unused]), content]))
}

/** `at` in ms: two digits for the year until 2049, four from then on. */
export function time(at: number): Buffer {
  const digits = `${new Date(at).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = new Date(at).getUTCFullYear() < TIME_LIMIT
  return tagged(isShort ? 0x17 : 0x18, Buffer.from(isShort ? digits.slice(2) : digits))
}

/** What a constructed value is made of, each part with its tag. Throws {@link NoDer}. */
export function partsOf(value: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let [at, end] = spanOf(value, 0)
  for (; at < end;) {
    const [, next] = spanOf(value, at)
    parts.push(value.subarray(at, next))
    at = next
  }
  return parts
}

/** Where the content of the value at `at` begins, and where it ends. */
function spanOf(value: Buffer, at: number): [begin: number, end: number] {
  const first = value[at + 1]
  if (first === undefined) throw new NoDer('the bytes end within a value')
  const extra = first < 0x80 ? 0 : first & 0x7f
  if (extra > 4 || at + 2 + extra > value.length) throw new NoDer('a length is cut off')
  const length = extra === 0 ? first : value.readUIntBE(at + 2, extra)
  const begin = at + 2 + extra
  if (begin + length > value.length) throw new NoDer('the bytes end within a value')
  return [begin, begin + length]
}
