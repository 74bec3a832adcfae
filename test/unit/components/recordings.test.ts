import { describe, expect, it } from 'vitest'
import { readRecording } from '../../../components/lab/recordings.ts'
import { encodeCast } from '../../../server/protocol/asciicast.ts'
import type { Lab } from '../../../server/protocol/lab.ts'
import { sampleCast } from './sample-cast.ts'

const lab = (...ids: string[]): Lab => ({
  id: 'talk',
  preset: null,
  cols: 80,
  rows: 24,
  blocks: [
    {
      id: 'talk/1',
      lab: 'talk',
      slide: 1,
      file: 'slides.md',
      line: 1,
      steps: ids.map((id) => ({ id, command: id, keepsRunning: false, checks: [], file: 'slides.md', line: 1 })),
    },
  ],
})
const text = encodeCast(sampleCast())

describe('a recording', () => {
  it('is read', () => {
    expect(readRecording(text, 'recordings/talk.cast', lab('talk.1', 'talk.2'))).toMatchObject({ index: { segments: { length: 3 } } })
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
    const result = readRecording(broken, 'recordings/talk.cast', lab('talk.1', 'talk.2'))
    expect(result).toEqual({ error: expect.stringContaining(message) })
    expect(result).toEqual({ error: expect.stringMatching(/^[^\n]*npm run record[^\n]*$/) })
  })
})
