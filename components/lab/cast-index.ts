/** A recording cut at its step markers, so that the state after any step is a look-up and playing one is a walk through its events. */
import type { Cast, CastEvent } from '../../server/protocol/asciicast.ts'
import type { StepState } from '../../server/protocol/messages.ts'
import { applyChange, emptyTopology, type Topology } from '../../server/protocol/topology.ts'

/** Longest silence that is played, in seconds: the audience sees that time passes, and no more. */
export const LONGEST_PAUSE = 1.2

/** An event with the time at which it is played, in seconds from the start of its segment, long pauses cut. */
export interface TimedEvent {
  at: number
  event: CastEvent
}

/** What was recorded for one step: from its marker to the next one. Segment 0 is what came before the first step. */
export interface Segment {
  step: string | null
  events: TimedEvent[]
  /** Seconds that playing it takes. */
  duration: number
  /** The exit code at its end, or null. */
  exit: number | null
}

export interface CastIndex {
  cast: Cast
  /** segments[n] is the n-th step of the lab, n from 1; segments[0] the beginning. */
  segments: Segment[]
}

/** Cuts a recording. Step ids follow in the order in which they were recorded. */
export function indexCast(cast: Cast): CastIndex {
  const segments: Segment[] = [{ step: null, events: [], duration: 0, exit: null }]
  let before = 0
  for (const event of cast.events) {
    if (event.code === 'm') {
      segments.push({ step: event.step, events: [], duration: 0, exit: null })
      before = event.at
      continue
    }
    const segment = segments.at(-1) as Segment
    segment.duration += Math.min(event.at - before, LONGEST_PAUSE)
    before = event.at
    if (event.code === 'x') segment.exit = event.exit
    segment.events.push({ at: segment.duration, event })
  }
  return { cast, segments }
}

/** The number of the segment of a step, or 0 where the recording does not have it. */
export function segmentOf(index: CastIndex, step: string | null): number {
  return step === null
    ? 0
    : Math.max(
        0,
        index.segments.findIndex((segment) => segment.step === step),
      )
}

/** Everything that was written to the terminal up to the end of a segment. */
export function outputUpTo(index: CastIndex, segment: number): string {
  let output = ''
  for (const { events } of index.segments.slice(0, segment + 1))
    for (const { event } of events) if (event.code === 'o') output += event.data
  return output
}

/** The topology after a topology and the events of a segment. */
function foldSegment(topology: Topology, segment: Segment): Topology {
  return segment.events.reduce((state, { event }) => (event.code === 'k' ? event.changes.reduce(applyChange, state) : state), topology)
}

/** The topology at the end of a segment. */
export function topologyAt(index: CastIndex, segment: number): Topology {
  return index.segments.slice(0, segment + 1).reduce(foldSegment, emptyTopology())
}

/** The steps' states where a player stands at the end of a segment, or within it. */
export function stepStatesAt(index: CastIndex, segment: number, playing: boolean): StepState[] {
  return index.segments.slice(1).map((one, ordinal): StepState => {
    const number = ordinal + 1
    const status = number < segment || (number === segment && !playing) ? 'done' : number === segment ? 'running' : 'pending'
    return { id: one.step as string, status, exit: status === 'done' ? one.exit : null, reason: null }
  })
}
