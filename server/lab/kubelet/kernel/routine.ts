/**
 * Code of a process, written as if it could wait: a generator that yields what it waits for. It runs on the lab's clock alone, step by step and in
 * order, so that a test can move time by hand.
 */

/** Begins to wait; `resume` is called at most once, at once or later. Returns what stops the waiting. */
export type Wait<T> = (resume: (value: T) => void) => () => void

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Routine<T> = Generator<Wait<any>, T, any>

export function* wait<T>(what: Wait<T>): Routine<T> {
  return (yield what) as T
}

const NOTHING = (): void => {}

/**
 * Runs a routine to its end. `done` gets its result, `failed` what it threw. Returns what stops it where it waits.
 */
export function run<T>(routine: Routine<T>, done: (result: T) => void, failed: (error: unknown) => void): () => void {
  let cancel = NOTHING
  let stopped = false
  const step = (given: unknown): void => {
    let value = given
    for (;;) {
      if (stopped) return
      let next: IteratorResult<Wait<unknown>, T>
      try {
        next = routine.next(value)
      } catch (error) {
        stopped = true
        return failed(error)
      }
      if (next.done) {
        stopped = true
        return done(next.value)
      }
      let inside = true
      let resumed = false
      const stop = next.value((answer) => {
        if (!inside) return step(answer)
        resumed = true
        value = answer
      })
      inside = false
      if (!resumed) {
        cancel = stop
        return
      }
    }
  }
  step(undefined)
  return () => {
    if (stopped) return
    stopped = true
    cancel()
  }
}

/** Waits for the first of several; gives its index and its value. */
export function first(...waits: Wait<unknown>[]): Wait<{ index: number; value: unknown }> {
  return (resume) => {
    let over = false
    const stops: (() => void)[] = []
    const stopAll = (): void => {
      over = true
      for (const stop of stops) stop()
    }
    waits.forEach((each, index) => {
      if (over) return
      stops.push(
        each((value) => {
          if (over) return
          stopAll()
          resume({ index, value })
        }),
      )
    })
    if (over) for (const stop of stops) stop()
    return stopAll
  }
}
