import { describe, expect, it } from 'vitest'
import { readRecording } from '../../../components/lab/recordings.ts'
import { encodeCast } from '../../../server/protocol/asciicast.ts'
import { labOf, stepOf } from '../support/sample-lab.ts'
import { sampleCast } from './sample-cast.ts'

const lab = labOf([stepOf(1, 'talk.1'), stepOf(2, 'talk.2')])
const text = encodeCast(sampleCast())

describe('a recording', () => {
  it('is read', () => {
    expect(readRecording(text, 'recordings/talk.cast', lab)).toMatchObject({ index: { segments: { length: 3 } } })
  })

  it.each([
    ['is empty', '', '녹화를 읽을 수 없습니다: recordings/talk.cast 1행'],
    ['is broken in a line', text.replace('"x"', 'x'), '녹화를 읽을 수 없습니다: recordings/talk.cast 6행'],
    ['lacks a step', encodeCast(sampleCast([])), '녹화가 이 덱과 맞지 않습니다: recordings/talk.cast의 단계 talk.1'],
    [
      'ran another command',
      text.replace('"command":"talk.2"', '"command":"date"'),
      '녹화가 이 덱과 맞지 않습니다: recordings/talk.cast의 단계 talk.2',
    ],
  ])('that %s is one clear line with a remedy', (_what, broken, message) => {
    const result = readRecording(broken, 'recordings/talk.cast', lab)
    expect(result).toEqual({ error: expect.stringContaining(message) })
    expect(result).toEqual({ error: expect.stringMatching(/^[^\n]*npm run record[^\n]*$/) })
  })
})
