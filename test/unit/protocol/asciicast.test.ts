import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { TopologyChange } from '../../../server/protocol/topology.ts'
import { decodeCast, encodeCast, type Cast, type CastEvent } from '../../../server/protocol/asciicast.ts'

const header: Cast['header'] = {
  version: 3,
  term: { cols: 150, rows: 14 },
  lab: {
    id: 'talk',
    steps: [{ id: 'talk.1', command: 'echo 1' }],
    cluster: { source: 'embedded', kubernetes: 'v1.35.4', preset: 'today' },
  },
}

const event: fc.Arbitrary<CastEvent> = fc.oneof(
  fc.record({ at: fc.constant(0), code: fc.constant('o' as const), data: fc.string({ unit: 'grapheme' }) }),
  fc.record({ at: fc.constant(0), code: fc.constant('m' as const), step: fc.constantFrom('talk.1', 'talk.2') }),
  fc.record({ at: fc.constant(0), code: fc.constant('x' as const), exit: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ at: fc.constant(0), code: fc.constant('k' as const), changes: fc.constant<TopologyChange[]>([{ op: 'clear' }]) }),
)

describe('a recording', () => {
  test('reads back as it was written, to the millisecond', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.integer({ min: 0, max: 60_000 }))), (rows) => {
        let at = 0
        const events = rows.map(([one, wait]) => {
          at += wait
          return { ...one, at: at / 1000 }
        })
        expect(decodeCast(encodeCast({ header, events }))).toEqual({ cast: { header, events } })
      }),
    )
  })

  test('keeps its time over events with codes of others and over comments', () => {
    const text = [JSON.stringify(header), '[1, "i", "typed"]', '# a comment', '[0.5, "o", "out"]'].join('\n')
    expect(decodeCast(text)).toEqual({ cast: { header, events: [{ at: 1.5, code: 'o', data: 'out' }] } })
  })

  test.each([
    ['', 1, 'the header is not JSON'],
    ['{"version":2}', 1, 'the header says version 2, expected 3'],
    ['{"version":3}', 1, 'the header has no term.cols and term.rows'],
    ['{"version":3,"term":{"cols":80,"rows":24}}', 1, 'the header has no lab.id and lab.steps: this is no recording of a lab'],
    [
      '{"version":3,"term":{"cols":80,"rows":24},"lab":{"id":"talk","steps":["talk.1"]}}',
      1,
      'the header has a lab.steps whose entries are not all of {"id", "command"}',
    ],
    [`${JSON.stringify(header)}\n[0, "o", "x"]\nnonsense`, 3, 'the line is not JSON'],
    [`${JSON.stringify(header)}\n[0, "o"]`, 2, 'expected [interval, code, data]'],
    [`${JSON.stringify(header)}\n[-1, "o", "x"]`, 2, 'the interval is not a number of seconds'],
    [`${JSON.stringify(header)}\n[0, "x", "zero"]`, 2, 'exit code "zero" is not a number'],
    [`${JSON.stringify(header)}\n[0, "k", "{}"]`, 2, 'the topology changes are not a list'],
  ])('that is broken names the line and what is wrong: %j', (text, line, message) => {
    expect(decodeCast(text)).toEqual({ error: { line, message } })
  })
})
