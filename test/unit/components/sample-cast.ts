import type { Cast, CastEvent } from '../../../server/protocol/asciicast.ts'
import type { TopologyChange } from '../../../server/protocol/topology.ts'

export const node = (name: string): TopologyChange => ({
  op: 'node',
  node: { name, address: '10.0.0.1', controlPlane: false, ready: 'True', readySince: null, schedulable: true, speaker: 'none' } as never,
})

/** A prompt, then two steps; the second has a long pause in it and a topology change at its end. */
const EVENTS: CastEvent[] = [
  { at: 0, code: 'o', data: '$ ' },
  { at: 0.5, code: 'k', changes: [node('a')] },
  { at: 10, code: 'm', step: 'talk.1' },
  { at: 10.1, code: 'o', data: 'one\r\n' },
  { at: 10.3, code: 'x', exit: 0 },
  { at: 10.4, code: 'o', data: '$ ' },
  { at: 20, code: 'm', step: 'talk.2' },
  { at: 20.5, code: 'o', data: 'two\r\n' },
  { at: 50.5, code: 'k', changes: [node('b')] },
  { at: 50.6, code: 'o', data: 'end\r\n' },
]

export function sampleCast(events: CastEvent[] = EVENTS): Cast {
  return {
    header: {
      version: 3,
      term: { cols: 80, rows: 24 },
      lab: {
        id: 'talk',
        steps: ['talk.1', 'talk.2'].map((id) => ({ id, command: id })),
        cluster: { source: 'embedded', kubernetes: 'v1.35.4', preset: 'today' },
      },
    },
    events,
  }
}
