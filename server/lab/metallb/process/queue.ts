import type { Clock, Timer } from '../../clock.ts'

/** Base of the growing wait before a retry, and its end (client-go's default rate limiter), ms. */
const RETRY_BASE = 5
const RETRY_MAX = 1_000_000

export interface WorkQueue {
  add(key: string): void
  dispose(): void
}

/** `latency` in ms. Works off keys one after the other, each once however often it was added meanwhile. `work` gives false to be called again, later each time. */
export function createWorkQueue(clock: Clock, latency: number | (() => number), work: (key: string) => boolean): WorkQueue {
  const timers = new Map<string, Timer>()
  const failures = new Map<string, number>()
  let disposed = false

  const schedule = (key: string, wait: number): void => {
    timers.set(
      key,
      clock.after(wait, () => {
        timers.delete(key)
        if (work(key)) {
          failures.delete(key)
          return
        }
        const failed = failures.get(key) ?? 0
        failures.set(key, failed + 1)
        if (!disposed && !timers.has(key)) schedule(key, Math.min(RETRY_BASE * 2 ** failed, RETRY_MAX))
      }),
    )
  }
  return {
    add(key) {
      if (disposed) return
      const waiting = timers.get(key)
      // a retry that is far off gives way to news
      if (waiting && !failures.has(key)) return
      waiting?.cancel()
      schedule(key, typeof latency === 'number' ? latency : latency())
    },
    dispose() {
      disposed = true
      for (const timer of timers.values()) timer.cancel()
      timers.clear()
    },
  }
}
