/**
 * Takes down what a lab does: terminal output, step markers, exit codes and topology changes, on one clock, as an asciicast. It knows neither shells nor
 * clusters; who drives it (server/record.ts) feeds it.
 */
import type { Cast, CastEvent, CastHeader } from '../protocol/asciicast.ts'
import type { TopologyChange } from '../protocol/topology.ts'

/** Output that arrives within this time of the piece before is one event: a pty cuts its output anywhere, and a player draws at 60 Hz at most. Seconds. */
const COALESCE = 0.008

export interface Recorder {
  output(data: string): void
  topology(changes: readonly TopologyChange[]): void
  stepBegins(step: string): void
  /** `exit` null: the step was interrupted, there is no exit code of its own. */
  stepEnds(exit: number | null): void
  /** The recording so far. The recorder may go on. */
  cast(): Cast
}

/** Starts a recording. `now` gives seconds of any monotonic clock; the recording's time starts with the first event. */
export function startRecorder(header: CastHeader, now: () => number): Recorder {
  const events: CastEvent[] = []
  let start: number | null = null

  const at = (): number => {
    const time = now()
    start ??= time
    return Math.round((time - start) * 1000) / 1000
  }

  return {
    output(data) {
      const time = at()
      const last = events.at(-1)
      if (last?.code === 'o' && time - last.at <= COALESCE) last.data += data
      else events.push({ at: time, code: 'o', data })
    },
    topology(changes) {
      if (changes.length === 0) return
      const time = at()
      const last = events.at(-1)
      if (last?.code === 'k' && time - last.at <= COALESCE) last.changes.push(...changes)
      else events.push({ at: time, code: 'k', changes: [...changes] })
    },
    stepBegins(step) {
      events.push({ at: at(), code: 'm', step })
    },
    stepEnds(exit) {
      if (exit !== null) events.push({ at: at(), code: 'x', exit })
    },
    cast: () => ({ header, events: structuredClone(events) }),
  }
}
