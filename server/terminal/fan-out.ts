/**
 * One shell's output to many pages, with flow control end to end: every page says how much it has written to its screen, and the pty is paused while the
 * slowest live page is too far behind.
 *
 * A page is in one of three states:
 *
 * | state    | gets                      | leaves when                                                                    |
 * |----------|---------------------------|--------------------------------------------------------------------------------|
 * | joining  | nothing, output is queued | the screen is taken: `screen`, then what was queued → live                      |
 * | live     | output                    | it has acknowledged nothing for `stallAfter` while the pty waits for it → stalled |
 * | stalled  | nothing                   | it has worked off what it was sent → joining                                    |
 */
import { ACKNOWLEDGE_EVERY } from '../protocol/messages.ts'
import type { Screen } from './screen.ts'

/** Characters that the slowest page may be behind before the pty is paused, and at which it goes on. VS Code's figures (terminalProcess.ts). */
export const HIGH_WATER = 100_000
export const LOW_WATER = ACKNOWLEDGE_EVERY
/** How long a page may hold up everybody else, ms. */
const STALL_AFTER = 3_000

export interface OutputClient {
  /** A whole screen: what came before is void. */
  screen(data: string): void
  output(data: string): void
}

export interface OutputAttachment {
  acknowledge(characters: number): void
  detach(): void
}

interface Entry {
  client: OutputClient
  acknowledges: boolean
  state: 'joining' | 'live' | 'stalled'
  queued: string[]
  unacknowledged: number
  lastHeard: number
  /** Counts the joins, so that a screen that was asked for before the last one is dropped. */
  joins: number
}

export interface Faucet {
  pause(): void
  resume(): void
}

export class FanOut {
  private readonly entries = new Set<Entry>()
  private readonly screen: Screen
  private readonly faucet: Faucet
  private readonly stallAfter: number
  private paused = false
  private timer: NodeJS.Timeout | null = null

  constructor(screen: Screen, faucet: Faucet, stallAfter = STALL_AFTER) {
    this.screen = screen
    this.faucet = faucet
    this.stallAfter = stallAfter
  }

  get isPaused(): boolean {
    return this.paused
  }

  get size(): number {
    return this.entries.size
  }

  /** Output to everybody and to the screen. */
  push(data: string): void {
    for (const entry of this.entries) {
      if (entry.state === 'joining') entry.queued.push(data)
      else if (entry.state === 'live') this.send(entry, data)
    }
    this.screen.write(data)
    this.regulate()
  }

  /** `acknowledges` false: a listener in this process, which is never behind. */
  attach(client: OutputClient, acknowledges = true): OutputAttachment {
    const entry: Entry = { client, acknowledges, state: 'joining', queued: [], unacknowledged: 0, lastHeard: 0, joins: 0 }
    this.entries.add(entry)
    this.join(entry)
    return {
      acknowledge: (characters) => this.acknowledge(entry, characters),
      detach: () => {
        this.entries.delete(entry)
        this.regulate()
      },
    }
  }

  /** Sends everybody the screen anew, after it was cleared by other means than output. */
  resync(): void {
    for (const entry of this.entries) if (entry.state !== 'stalled') this.join(entry)
  }

  dispose(): void {
    this.entries.clear()
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
  }

  private join(entry: Entry): void {
    entry.state = 'joining'
    entry.queued = []
    const join = ++entry.joins
    this.screen.snapshot((data) => {
      if (!this.entries.has(entry) || entry.joins !== join) return
      entry.state = 'live'
      entry.unacknowledged = 0
      entry.client.screen(data)
      for (const queued of entry.queued.splice(0)) this.send(entry, queued)
      this.regulate()
    })
  }

  private send(entry: Entry, data: string): void {
    if (entry.acknowledges) {
      if (entry.unacknowledged === 0) entry.lastHeard = performance.now()
      entry.unacknowledged += data.length
    }
    entry.client.output(data)
  }

  private acknowledge(entry: Entry, characters: number): void {
    if (!this.entries.has(entry)) return
    entry.unacknowledged = Math.max(0, entry.unacknowledged - characters)
    entry.lastHeard = performance.now()
    if (entry.state === 'stalled' && entry.unacknowledged <= LOW_WATER) this.join(entry)
    this.regulate()
  }

  private slowest(): number {
    let most = 0
    for (const entry of this.entries) if (entry.state === 'live') most = Math.max(most, entry.unacknowledged)
    return most
  }

  private regulate(): void {
    const behind = this.slowest()
    if (!this.paused && behind > HIGH_WATER) {
      this.paused = true
      this.faucet.pause()
      this.watchForStalls()
    } else if (this.paused && behind <= LOW_WATER) {
      this.paused = false
      if (this.timer) clearTimeout(this.timer)
      this.timer = null
      this.faucet.resume()
    }
  }

  private watchForStalls(): void {
    this.timer = setTimeout(() => {
      this.timer = null
      if (!this.paused) return
      const limit = performance.now() - this.stallAfter
      for (const entry of this.entries) {
        if (entry.state === 'live' && entry.unacknowledged > LOW_WATER && entry.lastHeard <= limit) entry.state = 'stalled'
      }
      this.regulate()
      if (this.paused) this.watchForStalls()
    }, this.stallAfter)
    this.timer.unref()
  }
}
