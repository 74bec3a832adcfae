/**
 * Plays a recording step by step. What it shows is a function of the recording and the time; terminal and topology go by one clock.
 *
 *     state            event            next             what is shown
 *     parked(n)        park(m)          parked(m)        the state at the end of step m, at once
 *     parked(n)        play(n + 1)      playing(n + 1)   the events of the step, at their times
 *     parked(n)        play(m)          playing(m)       first the end of step m - 1, at once, then the events of m
 *     playing(n)       its last event   parked(n)        nothing more
 *     playing(n)       play(n + 1)      playing(n + 1)   the rest of n at once, then the events of n + 1
 *     playing(n)       play(n)          playing(n)       (goes on; the same click may come from two places)
 *     playing(n)       park(m)          parked(m)        the end of m, at once; where m is n, its remaining events
 *     any              stop             stopped(n)       nothing; a later park or play starts anew
 */
import type { CastEvent } from '../../server/protocol/asciicast.ts'
import { outputUpTo, topologyAt, type CastIndex } from './cast-index.ts'
import type { Topology, TopologyChange } from '../../server/protocol/topology.ts'

/** Where the recording is shown. */
export interface PlayerSink {
  /** Jumps: a fresh terminal that has got this output, and this topology. Nothing of it is animated. */
  show(output: string, topology: Topology): void
  output(data: string): void
  topology(changes: TopologyChange[]): void
  /** The player stands in this segment now. */
  position(segment: number, playing: boolean): void
}

/** Time as the player needs it, in ms. */
export interface PlayerClock {
  now(): number
  after(milliseconds: number, run: () => void): () => void
}

export type PlayerState =
  | { kind: 'stopped' }
  | { kind: 'parked'; segment: number }
  | { kind: 'playing'; segment: number; startedAt: number; next: number }

export interface Player {
  readonly state: PlayerState
  /** Shows the end of a segment. */
  park(segment: number): void
  /** Plays a segment to its end. */
  play(segment: number): void
  stop(): void
}

export function createPlayer(index: CastIndex, sink: PlayerSink, clock: PlayerClock): Player {
  let state: PlayerState = { kind: 'stopped' }
  let cancel: (() => void) | null = null
  const last = index.segments.length - 1
  const within = (segment: number): number => Math.max(0, Math.min(segment, last))

  function emit(event: CastEvent): void {
    if (event.code === 'o') sink.output(event.data)
    else if (event.code === 'k') sink.topology(event.changes)
  }

  /** Gives out everything that is due, and sleeps until the next event. */
  function advance(): void {
    if (state.kind !== 'playing') return
    const { segment, startedAt } = state
    const events = index.segments[segment]?.events ?? []
    let next = state.next
    for (; next < events.length; next++) {
      const { at, event } = events[next] as (typeof events)[number]
      const wait = startedAt + at * 1000 - clock.now()
      if (wait > 0) {
        state = { ...state, next }
        cancel = clock.after(wait, advance)
        return
      }
      emit(event)
    }
    enter({ kind: 'parked', segment })
  }

  function enter(next: PlayerState): void {
    state = next
    if (next.kind !== 'stopped') sink.position(next.segment, next.kind === 'playing')
  }

  function finish(): void {
    if (state.kind !== 'playing') return
    const { segment, next } = state
    for (const { event } of index.segments[segment]?.events.slice(next) ?? []) emit(event)
    state = { kind: 'parked', segment }
  }

  function jump(segment: number): void {
    sink.show(outputUpTo(index, segment), topologyAt(index, segment))
    enter({ kind: 'parked', segment })
  }

  return {
    get state() {
      return state
    },
    park(to) {
      const segment = within(to)
      cancel?.()
      if (state.kind === 'playing' && state.segment === segment) {
        finish()
        enter({ kind: 'parked', segment })
      } else if (!(state.kind === 'parked' && state.segment === segment)) jump(segment)
    },
    play(to) {
      const segment = within(to)
      if (segment !== to) return this.park(segment)
      if (state.kind === 'playing' && state.segment === segment) return
      cancel?.()
      finish()
      if (state.kind === 'stopped' || state.segment !== segment - 1) {
        if (segment === 0) return jump(0)
        sink.show(outputUpTo(index, segment - 1), topologyAt(index, segment - 1))
      }
      enter({ kind: 'playing', segment, startedAt: clock.now(), next: 0 })
      advance()
    },
    stop() {
      cancel?.()
      state = { kind: 'stopped' }
    },
  }
}
