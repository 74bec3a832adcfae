import { describe, expect, test } from 'vitest'
import type { CastHeader } from '../../../server/protocol/asciicast.ts'
import { decodeCast, encodeCast } from '../../../server/protocol/asciicast.ts'
import { startRecorder } from '../../../server/recording/recorder.ts'

const header: CastHeader = {
  version: 3,
  term: { cols: 80, rows: 24 },
  lab: {
    id: 'talk',
    steps: [{ id: 'talk.1', command: 'echo 1' }],
    cluster: { source: 'embedded', kubernetes: 'v1.35.4', preset: 'today' },
  },
}

describe('the recorder', () => {
  test('puts output, markers, exit codes and topology changes on one clock that starts with the first of them', () => {
    let now = 100
    const recorder = startRecorder(header, () => now)
    recorder.stepBegins('talk.1')
    now = 100.5
    recorder.output('hello')
    now = 101
    recorder.topology([{ op: 'clear' }])
    now = 101.25
    recorder.stepEnds(0)
    expect(recorder.cast().events).toEqual([
      { at: 0, code: 'm', step: 'talk.1' },
      { at: 0.5, code: 'o', data: 'hello' },
      { at: 1, code: 'k', changes: [{ op: 'clear' }] },
      { at: 1.25, code: 'x', exit: 0 },
    ])
  })

  test('joins pieces of output that a pty cut, and keeps apart what a person would see one after the other', () => {
    let now = 0
    const recorder = startRecorder(header, () => now)
    recorder.output('NA')
    now = 0.004
    recorder.output('ME\r\n')
    now = 0.1
    recorder.output('m-k8s')
    expect(recorder.cast().events).toEqual([
      { at: 0, code: 'o', data: 'NAME\r\n' },
      { at: 0.1, code: 'o', data: 'm-k8s' },
    ])
  })

  test('never joins output over a marker, so that a step begins where it began', () => {
    const recorder = startRecorder(header, () => 0)
    recorder.output('$ ')
    recorder.stepBegins('talk.1')
    recorder.output('ls')
    expect(recorder.cast().events.map((event) => event.code)).toEqual(['o', 'm', 'o'])
  })

  test('writes no exit code for a step that was interrupted', () => {
    const recorder = startRecorder(header, () => 0)
    recorder.stepBegins('talk.1')
    recorder.stepEnds(null)
    expect(recorder.cast().events).toHaveLength(1)
  })

  test('gives what a reader reads back', () => {
    const recorder = startRecorder(header, () => 3)
    recorder.output('가나다\r\n')
    recorder.topology([{ op: 'power', node: 'w1-k8s', on: false, at: 7 }])
    const cast = recorder.cast()
    expect(decodeCast(encodeCast(cast))).toEqual({ cast })
  })
})
