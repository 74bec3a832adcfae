import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MarkScanner, type Piece } from '../../../server/terminal/marks.ts'

const NONCE = 'f00d'
const mark = (rest: string, nonce = NONCE): string => `\u001b]133;${rest};${nonce}\u0007`

function scanAll(chunks: string[]): Piece[] {
  const scanner = new MarkScanner(NONCE)
  return chunks.flatMap((chunk) => scanner.scan(chunk))
}

/** Neighbouring text joined, as a reader of the stream sees it. */
function joined(pieces: Piece[]): Piece[] {
  return pieces.reduce<Piece[]>((all, piece) => {
    const last = all.at(-1)
    if (last && 'text' in last && 'text' in piece) return [...all.slice(0, -1), { text: last.text + piece.text }]
    return [...all, piece]
  }, [])
}

describe('the scanner of shell marks', () => {
  it('takes the marks out and keeps their place', () => {
    expect(scanAll([`a${mark('D;0')}$ ${mark('B')}`])).toEqual([
      { text: 'a' },
      { mark: 'ended', exit: 0 },
      { text: '$ ' },
      { mark: 'prompt' },
    ])
  })

  it('tells the exit code, the continuation and the start of a command', () => {
    expect(scanAll([mark('D;130') + mark('P') + mark('C')])).toEqual([
      { mark: 'ended', exit: 130 },
      { mark: 'continuation' },
      { mark: 'begins' },
    ])
  })

  it('leaves marks with another nonce to the terminal', () => {
    const foreign = mark('D;0', 'beef')
    expect(scanAll([foreign])).toEqual([{ text: foreign }])
  })

  it('never ends a piece in the middle of an escape sequence', () => {
    for (const sequence of ['\u001b[38;5;12m', '\u001b]0;title\u0007', '\u001bP1$r0m\u001b\\', '\u001b(B', '\u001b7']) {
      for (let cut = 1; cut < sequence.length; cut++) {
        const scanner = new MarkScanner(NONCE)
        expect(scanner.scan('x' + sequence.slice(0, cut))).toEqual([{ text: 'x' }])
        expect(scanner.scan(sequence.slice(cut) + 'y')).toEqual([{ text: sequence + 'y' }])
      }
    }
  })

  it('lets a sequence without an end pass once it is too long to wait for', () => {
    const picture = '\u001bP' + 'q'.repeat(10_000)
    expect(joined(scanAll([picture.slice(0, 5_000), picture.slice(5_000)]))).toEqual([{ text: picture }])
  })

  it('finds the same whichever way the stream is cut', () => {
    const stream = `a\u001b[1mb${mark('D;1')}\u001b]0;t\u0007$ ${mark('B')}ls\r\n${mark('C')}한글\u001b[0m${mark('D;0')}`
    const whole = joined(scanAll([stream]))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
        const chunks = at.slice(1).map((end, index) => stream.slice(at[index], end))
        expect(joined(scanAll(chunks))).toEqual(whole)
      }),
    )
  })
})
