/** A controller's workqueue on the lab's clock: watch handlers only add keys; one worker takes them one after the other, some milliseconds apart. */
import type { Disposable } from '../store/store.ts'
import type { Timer } from '../clock.ts'
import { ApiError } from '../store/api-error.ts'
import type { ControllerContext } from './context.ts'

export interface Workqueue extends Disposable {
  /** Works the key soon; once, however often it is added before that. */
  add(key: string): void
  /** Adds the key after a while. Does not replace an earlier wish. */
  addAfter(key: string, ms: number): void
  /** Adds the key after a while that doubles with every failure, as client-go's ItemExponentialFailureRateLimiter. */
  addRateLimited(key: string): void
}

export interface WorkqueueOptions {
  /** ms from an added key to its work: the informer's and the API's latency, [least, most]. */
  latency?: [number, number]
  /** ms that the worker spends on a key before it takes the next. */
  service?: [number, number]
}

const FIRST_BACK_OFF = 5
const LONGEST_BACK_OFF = 1000_000

/** `work` may throw an API error (a conflict, a missing object): the key is tried again, later and later. */
export function createWorkqueue(context: ControllerContext, work: (key: string) => void, options: WorkqueueOptions = {}): Workqueue {
  const { clock, random } = context
  const [least, most] = options.latency ?? [3, 9]
  const [short, long] = options.service ?? [1, 3]
  const queue = new Set<string>()
  const failures = new Map<string, number>()
  const waiting = new Set<Timer>()
  let turn: Timer | null = null
  let disposed = false

  const schedule = (from: number, to: number): void => {
    if (turn === null && queue.size > 0 && !disposed) turn = clock.after(from + random() * (to - from), next)
  }
  const next = (): void => {
    turn = null
    const key = queue.values().next().value
    if (key === undefined) return
    queue.delete(key)
    try {
      work(key)
      failures.delete(key)
    } catch (error) {
      // a conflict or a missing object is how a cluster works; a write that is refused as invalid is a bug of ours
      if (!(error instanceof ApiError) || error.reason === 'Invalid') context.fault(error)
      api.addRateLimited(key)
    }
    schedule(short, long)
  }
  const api: Workqueue = {
    add(key) {
      if (disposed) return
      queue.add(key)
      schedule(least, most)
    },
    addAfter(key, ms) {
      if (disposed) return
      const timer = clock.after(ms, () => {
        waiting.delete(timer)
        api.add(key)
      })
      waiting.add(timer)
    },
    addRateLimited(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      api.addAfter(key, Math.min(FIRST_BACK_OFF * 2 ** count, LONGEST_BACK_OFF))
    },
    dispose() {
      disposed = true
      turn?.cancel()
      for (const timer of waiting) timer.cancel()
      waiting.clear()
      queue.clear()
    },
  }
  return api
}
