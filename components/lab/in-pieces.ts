import { MAX_INPUT } from '../../server/protocol/messages.ts'

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff

/** What was typed or pasted, in pieces that the bridge takes: a longer one would cost the page its connection. No character is torn. */
export function inPieces(data: string, longest = MAX_INPUT): string[] {
  const pieces: string[] = []
  for (let from = 0; from < data.length;) {
    let to = Math.min(from + longest, data.length)
    if (to < data.length && isHighSurrogate(data.charCodeAt(to - 1))) to--
    pieces.push(data.slice(from, to))
    from = to
  }
  return pieces
}
