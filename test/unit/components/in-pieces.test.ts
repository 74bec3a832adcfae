import { describe, expect, it } from 'vitest'
import { inPieces } from '../../../components/lab/in-pieces.ts'
import { MAX_INPUT, parseClientMessage } from '../../../server/protocol/messages.ts'

describe('a paste', () => {
  it('goes whole where it is short', () => {
    expect(inPieces('echo hi')).toEqual(['echo hi'])
    expect(inPieces('')).toEqual([])
  })

  it('goes in pieces that the bridge takes, with nothing lost', () => {
    const paste = 'echo ' + '가나다x'.repeat(60_000)
    const pieces = inPieces(paste)
    expect(pieces.length).toBe(Math.ceil(paste.length / MAX_INPUT))
    expect(pieces.join('')).toBe(paste)
    for (const data of pieces) expect(parseClientMessage(JSON.stringify({ t: 'input', lab: 'talk', data }))).not.toHaveProperty('error')
  })

  it('tears no character that takes two code units', () => {
    expect(inPieces('a😀b😀', 2)).toEqual(['a', '😀', 'b', '😀'])
  })
})
