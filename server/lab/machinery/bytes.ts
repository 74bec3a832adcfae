/**
 * Bytes as text and back without loss: what is no UTF-8 becomes lone surrogates (U+DC80 to U+DCFF), as Python's surrogateescape does. So programs of
 * the lab work on text, and an archive still passes through a pipe unharmed.
 */
import { isUtf8 } from 'node:buffer'

const ESCAPED = /[\udc80-\udcff]/

/** How long the UTF-8 character is that begins with this byte; 0 where none does. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1
  if (byte >= 0xc2 && byte < 0xe0) return 2
  if (byte >= 0xe0 && byte < 0xf0) return 3
  return byte >= 0xf0 && byte < 0xf5 ? 4 : 0
}

/** Decodes a stream of bytes; a character may be cut between two chunks. */
export class ByteDecoder {
  private rest: Buffer = Buffer.alloc(0)

  write(chunk: Buffer): string {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk
    const cut = incompleteTail(bytes)
    this.rest = Buffer.from(bytes.subarray(bytes.length - cut))
    return decodeBytes(bytes.subarray(0, bytes.length - cut))
  }

  /** What is left at the end of the stream. */
  end(): string {
    const text = decodeBytes(this.rest)
    this.rest = Buffer.alloc(0)
    return text
  }
}

function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if ((byte & 0xc0) === 0x80) continue
    return lengthOf(byte) > back ? back : 0
  }
  return 0
}

export function decodeBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = lengthOf(bytes[at] as number)
    const character = bytes.subarray(at, at + length)
    if (length > 0 && character.length === length && isUtf8(character)) {
      text += character.toString('utf8')
      at += length
    } else {
      text += String.fromCharCode(0xdc00 + (bytes[at] as number))
      at++
    }
  }
  return text
}

export function encodeText(text: string): Buffer {
  if (!ESCAPED.test(text)) return Buffer.from(text)
  const parts: Buffer[] = []
  let plain = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code < 0xdc80 || code > 0xdcff) {
      plain += character
      continue
    }
    parts.push(Buffer.from(plain), Buffer.from([code - 0xdc00]))
    plain = ''
  }
  return Buffer.concat([...parts, Buffer.from(plain)])
}

export function byteLength(text: string): number {
  return ESCAPED.test(text) ? encodeText(text).length : Buffer.byteLength(text)
}
