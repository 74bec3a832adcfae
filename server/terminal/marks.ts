/**
 * Shell integration: the shell marks its prompts and commands with OSC 133 sequences (as FinalTerm, VS Code and iTerm2 do), here with a secret of the
 * session at the end, so that no program and no file that is printed can pass for the shell.
 *
 *     ESC ] 133 ; D ; EXIT ; NONCE BEL    the command before has ended (also at the first prompt and after an empty line)
 *     ESC ] 133 ; B ; NONCE BEL           the prompt stands: a command can be typed
 *     ESC ] 133 ; P ; NONCE BEL           the continuation prompt stands
 *     ESC ] 133 ; C ; NONCE BEL           the command begins
 *
 * The scanner takes the marks out of the stream and never lets a piece end in the middle of an escape sequence, so that a screen that is taken between two
 * pieces and the piece after it always fit together.
 */
export type Mark = { mark: 'ended'; exit: number } | { mark: 'prompt' } | { mark: 'continuation' } | { mark: 'begins' }

/** A piece of output, or a mark at its place in the stream. */
export type Piece = { text: string } | Mark

/** Longest escape sequence that is held back until it is whole. A longer one (a picture in a DCS) passes through in parts. */
const LONGEST_HELD = 8_192

/** Index behind the escape sequence that starts at `start`, or -1 where its end is not in `text` yet. */
function sequenceEnd(text: string, start: number): number {
  const kind = text.charCodeAt(start + 1)
  if (Number.isNaN(kind)) return -1
  let i = start + 2
  // CSI: parameters and intermediates, then one final byte
  if (kind === 0x5b) {
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x40 && code <= 0x7e) return i + 1
      if (code < 0x20 || code > 0x3f) return i
    }
    return -1
  }
  // OSC, DCS, SOS, PM, APC: a string up to BEL or ST; CAN and SUB abort it
  if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f) {
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0x07 || code === 0x18 || code === 0x1a) return i + 1
      if (code === 0x1b) return i + 1 === text.length ? -1 : text.charCodeAt(i + 1) === 0x5c ? i + 2 : i
    }
    return -1
  }
  // intermediates, then one final byte: ESC ( B
  if (kind >= 0x20 && kind <= 0x2f) {
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x20 || code > 0x2f) return i + 1
    }
    return -1
  }
  // an escape that is followed by another escape ends there
  return kind === 0x1b ? start + 1 : i
}

/** Splits a shell's output into text and marks. One scanner per shell. */
export class MarkScanner {
  private held = ''
  private readonly prefix = '\u001b]133;'
  private readonly suffix: string

  constructor(nonce: string) {
    this.suffix = `;${nonce}\u0007`
  }

  /** Takes the next piece of output. Neighbouring text comes as one piece. */
  scan(chunk: string): Piece[] {
    const text = this.held + chunk
    this.held = ''
    if (!text.includes('\u001b')) return text === '' ? [] : [{ text }]
    const pieces: Piece[] = []
    let from = 0
    let at = text.indexOf('\u001b')
    while (at !== -1) {
      const end = sequenceEnd(text, at)
      if (end === -1) {
        if (text.length - at > LONGEST_HELD) break
        this.held = text.slice(at)
        break
      }
      const mark = this.markOf(text.slice(at, end))
      if (mark) {
        if (at > from) pieces.push({ text: text.slice(from, at) })
        pieces.push(mark)
        from = end
      }
      at = text.indexOf('\u001b', end)
    }
    const rest = text.slice(from, text.length - this.held.length)
    if (rest !== '') pieces.push({ text: rest })
    return pieces
  }

  private markOf(sequence: string): Mark | null {
    if (!sequence.startsWith(this.prefix) || !sequence.endsWith(this.suffix)) return null
    const [kind, exit] = sequence.slice(this.prefix.length, -this.suffix.length).split(';')
    switch (kind) {
      case 'D':
        return { mark: 'ended', exit: Number(exit) }
      case 'B':
        return { mark: 'prompt' }
      case 'P':
        return { mark: 'continuation' }
      case 'C':
        return { mark: 'begins' }
      default:
        return null
    }
  }
}
