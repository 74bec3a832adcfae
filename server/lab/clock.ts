/**
 * The lab's only source of time. Everything in server/lab takes a {@link Clock}; setTimeout, setInterval and Date.now are used in this file alone
 * (lint enforces it), so that the lab can be paused, run faster and be forwarded, and so that a test never sleeps.
 *
 * Code inside the lab never awaits anything outside of it: what happens, happens in callbacks of this clock, one after the other, in the order
 * of their times and, among equal times, of their registration. That makes `forward` exact: an hour forwarded gives what an hour gives.
 */
export interface Timer {
  /** Stops the timer; harmless where it has fired or was stopped. */
  cancel(): void
}

export interface Clock {
  /** Lab time, ms since the epoch. */
  now(): number
  /** Calls `fire` once, `ms` of lab time from now (0: after everything that is due now). */
  after(ms: number, fire: () => void): Timer
  /** Calls `fire` every `ms` of lab time, the first time after one interval. */
  every(ms: number, fire: () => void): Timer
}

interface Entry {
  at: number
  order: number
  fire: (() => void) | null
}

/** A binary heap of entries by time, then order. */
class EntryHeap {
  private entries: Entry[] = []

  peek(): Entry | undefined {
    return this.entries[0]
  }

  push(entry: Entry): void {
    const { entries } = this
    let i = entries.push(entry) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(entry, entries[parent] as Entry)) break
      entries[i] = entries[parent] as Entry
      i = parent
    }
    entries[i] = entry
  }

  pop(): Entry | undefined {
    const { entries } = this
    const top = entries[0]
    const last = entries.pop()
    if (top === undefined || last === undefined || top === last) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && before(entries[child + 1] as Entry, entries[child] as Entry)) child++
      if (!before(entries[child] as Entry, last)) break
      entries[i] = entries[child] as Entry
      i = child
    }
    entries[i] = last
    return top
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** A queue of timers over a time that somebody else moves. Base of the two clocks below. */
abstract class QueueClock implements Clock {
  private queue = new EntryHeap()
  private order = 0
  protected time: number

  constructor(start: number) {
    this.time = start
  }

  abstract now(): number

  /** How far this clock is ahead of the machine's, ms: what clients' own clocks differ by. */
  ahead(): number {
    return 0
  }

  /** Called when the earliest due time may have changed. */
  protected abstract reschedule(): void

  after(ms: number, fire: () => void): Timer {
    // whole milliseconds, as now() gives them: a fraction would fire before now() has reached it, again and again
    const entry: Entry = { at: this.now() + Math.max(0, Math.ceil(ms)), order: this.order++, fire }
    this.queue.push(entry)
    if (this.queue.peek() === entry) this.reschedule()
    return { cancel: () => void (entry.fire = null) }
  }

  every(ms: number, fire: () => void): Timer {
    let timer: Timer
    const again = (): void => {
      timer = this.after(ms, again)
      fire()
    }
    timer = this.after(ms, again)
    return { cancel: () => timer.cancel() }
  }

  /** Lab time of the next timer, or null where none is left. */
  protected nextDue(): number | null {
    for (;;) {
      const top = this.queue.peek()
      if (top === undefined) return null
      if (top.fire !== null) return top.at
      this.queue.pop()
    }
  }

  /** Fires everything due up to `until`, in order, the clock showing each entry's own time while it fires. False where it was `enough` before that. */
  protected runUntil(until: number, enough: (fired: number) => boolean = () => false): boolean {
    let fired = 0
    for (;;) {
      const due = this.nextDue()
      if (due === null || due > until) return true
      if (enough(fired)) return false
      const entry = this.queue.pop() as Entry
      this.time = Math.max(this.time, entry.at)
      const { fire } = entry
      entry.fire = null
      fired++
      fire?.()
    }
  }
}

/** A clock that stands still until a test moves it. */
export class ManualClock extends QueueClock {
  constructor(start = Date.UTC(2026, 10, 24)) {
    super(start)
  }

  now(): number {
    return this.time
  }

  protected reschedule(): void {}

  /** Moves time on, firing what falls due. */
  forward(ms: number): void {
    const until = this.time + ms
    this.runUntil(until)
    this.time = until
  }
}

/** What one turn of the event loop works off at most before it lets sockets in: so many timers, and those of so many ms of real time. */
const TIMERS_PER_TURN = 2_000
const TURN_TIME = 20
/** How many timers fire between two looks at that time. */
const TIMERS_PER_LOOK = 16

function isLongTurn(fired: number, began: number): boolean {
  return fired >= TIMERS_PER_TURN || (fired > 0 && fired % TIMERS_PER_LOOK === 0 && performance.now() - began > TURN_TIME)
}

/** The clock of a running lab: real time, multiplied by `speed`, or paused; and it can be forwarded. */
export class LabClock extends QueueClock {
  private realStart: number
  private rate = 1
  private stopped = false
  private handle: NodeJS.Timeout | NodeJS.Immediate | null = null
  private forwarding: { until: number; done: () => void }[] = []
  private disposed = false
  private readonly onFault: (error: unknown) => void

  /** `onFault` takes what a timer threw: a bug of ours, which must not stop the clock for everybody else. */
  constructor(onFault: (error: unknown) => void, start = Date.now()) {
    super(start)
    this.realStart = performance.now()
    this.onFault = onFault
  }

  now(): number {
    return Math.floor(this.exact())
  }

  override ahead(): number {
    return this.now() - Date.now()
  }

  /**
   * Lab time with its fraction of a millisecond, which must not get lost: the clock settles thousands of times a second. It does not pass a timer that
   * has yet to fire: where the machine cannot keep up with the speed, lab time goes more slowly, and never back.
   */
  private exact(): number {
    return Math.min(this.wanted(), Math.max(this.time, this.nextDue() ?? Infinity))
  }

  /** Where lab time would be if all that was due had taken no time. */
  private wanted(): number {
    if (this.stopped || this.firing || this.forwarding.length > 0) return this.time
    return this.time + (performance.now() - this.realStart) * this.rate
  }

  get speed(): number {
    return this.rate
  }

  get paused(): boolean {
    return this.stopped
  }

  setSpeed(speed: number): void {
    this.settle()
    this.rate = speed
    this.reschedule()
  }

  setPaused(paused: boolean): void {
    this.settle()
    this.stopped = paused
    this.reschedule()
  }

  /** Moves time on by `ms` as fast as the machine can, other work getting its turns in between. Resolves when done. */
  forward(ms: number): Promise<void> {
    this.settle()
    const from = this.forwarding.at(-1)?.until ?? this.time
    return new Promise((done) => {
      this.forwarding.push({ until: from + ms, done })
      this.reschedule()
    })
  }

  dispose(): void {
    this.disposed = true
    this.clearHandle()
    for (const { done } of this.forwarding.splice(0)) done()
  }

  private firing = false

  /** Takes the real time that has passed into `time`. */
  private settle(): void {
    this.time = this.exact()
    this.realStart = performance.now()
  }

  private clearHandle(): void {
    if (this.handle === null) return
    clearTimeout(this.handle as NodeJS.Timeout)
    clearImmediate(this.handle as NodeJS.Immediate)
    this.handle = null
  }

  protected reschedule(): void {
    if (this.firing || this.disposed) return
    this.clearHandle()
    if (this.forwarding.length > 0) {
      this.handle = setImmediate(() => this.turn())
      return
    }
    if (this.stopped) return
    const due = this.nextDue()
    if (due === null) return
    const wait = Math.max(0, (due - this.exact()) / this.rate)
    this.handle = wait < 1 ? setImmediate(() => this.turn()) : setTimeout(() => this.turn(), Math.min(wait, 2 ** 31 - 1))
  }

  private turn(): void {
    this.handle = null
    const target = this.forwarding[0]?.until ?? this.wanted()
    const realBefore = performance.now()
    this.settle()
    this.firing = true
    let arrived = false
    try {
      arrived = this.runUntil(target, (fired) => isLongTurn(fired, realBefore))
    } catch (error) {
      this.onFault(error)
    } finally {
      this.firing = false
    }
    if (arrived) {
      this.time = Math.max(this.time, target)
      if (this.forwarding[0]?.until === target) this.forwarding.shift()?.done()
    }
    this.realStart = this.forwarding.length > 0 ? performance.now() : realBefore
    this.reschedule()
  }
}

/** Time as it passes outside of the lab, for what concerns its clients alone: how long a connection may stay open. */
export const outside = {
  after(ms: number, fire: () => void): Timer {
    const handle = setTimeout(fire, Math.min(ms, 2 ** 31 - 1))
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}
