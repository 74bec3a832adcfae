/**
 * The neighbour table of the client outside the cluster: Linux's states of an ARP entry with its times (net/core/neighbour.c, arp(7)).
 *
 *     state       until                                                   then
 *     incomplete  an answer                                               reachable
 *                 3 questions, 1 s apart, without an answer               gone; whoever waited gets EHOSTUNREACH
 *     reachable   30 s (15 to 45) after the last sign of life             stale
 *     stale       a packet is sent                                        delay (the packet goes out at once)
 *     delay       a sign of life                                          reachable
 *                 5 s                                                     probe
 *     probe       an answer to a question sent to this one host           reachable
 *                 3 questions, 1 s apart, without an answer               gone
 *
 * A gratuitous ARP changes the hardware address of an entry that exists (arp_accept is 0: it makes none) and leaves it stale. A question for the
 * host's own address makes one, stale.
 */
import type { Clock, Timer } from '../clock.ts'
import type { Neighbour } from '../../protocol/lab-control.ts'

const REACHABLE_TIME = 30_000
const DELAY_FIRST_PROBE_TIME = 5_000
const RETRANSMIT_TIME = 1_000
const SOLICITATIONS = 3

type State = 'incomplete' | 'reachable' | 'stale' | 'delay' | 'probe'

interface Entry {
  address: string
  host: string | null
  state: State
  /** Last sign of life, lab time in ms. */
  confirmed: number
  timer: Timer | null
  asked: number
  waiting: ((host: string | null) => void)[]
}

export interface NeighbourTableOptions {
  clock: Clock
  random(): number
  macOf(host: string): string
  /** A broadcast question: the host that answers now, or null. */
  ask(address: string): string | null
  /** A question to one host: whether it answers for this address now. */
  askHost(address: string, host: string): boolean
  onChange(): void
}

export class NeighbourTable {
  private readonly entries = new Map<string, Entry>()
  private readonly options: NeighbourTableOptions

  constructor(options: NeighbourTableOptions) {
    this.options = options
  }

  list(): Neighbour[] {
    return [...this.entries.values()].map(({ address, host, state }) => ({
      address,
      host,
      mac: host === null ? null : this.options.macOf(host),
      state: state === 'incomplete' || state === 'reachable' ? state : 'stale',
    }))
  }

  /** The host that a packet would be sent to without asking, or null where it would be asked for. */
  peek(address: string): string | null {
    return this.entries.get(address)?.host ?? null
  }

  /**
   * Finds out where to send a packet. `asked` tells whether the LAN was asked for it. With `host` null the answer comes through `resolved`:
   * a host, or null after three seconds without an answer. Asking again for the same address joins those who wait.
   */
  resolve(address: string, resolved: (host: string | null) => void): { host: string | null; asked: boolean; cancel(): void } {
    const entry = this.entries.get(address)
    if (entry?.host) {
      if (entry.state === 'stale') this.startDelay(entry)
      return { host: entry.host, asked: false, cancel: () => {} }
    }
    if (entry) return { host: null, asked: true, cancel: this.wait(entry, resolved) }
    const host = this.options.ask(address)
    const made: Entry = { address, host, state: 'incomplete', confirmed: this.options.clock.now(), timer: null, asked: 1, waiting: [] }
    this.entries.set(address, made)
    if (host !== null) {
      this.becomeReachable(made)
      return { host, asked: true, cancel: () => {} }
    }
    made.timer = this.options.clock.after(RETRANSMIT_TIME, () => this.askAgain(made))
    this.options.onChange()
    return { host: null, asked: true, cancel: this.wait(made, resolved) }
  }

  /** Something came back from this address: as TCP does with every acknowledgement. */
  confirm(address: string, host: string): void {
    const entry = this.entries.get(address)
    if (!entry || entry.host !== host) return
    entry.confirmed = this.options.clock.now()
    if (entry.state !== 'reachable') this.becomeReachable(entry)
  }

  /** Somebody tells everybody that it has this address now. */
  gratuitous(address: string, host: string): void {
    const entry = this.entries.get(address)
    if (!entry) return
    const { waiting } = entry
    entry.waiting = []
    this.stop(entry)
    entry.host = host
    entry.state = 'stale'
    this.options.onChange()
    for (const resolved of waiting) resolved(host)
  }

  /** Somebody asks for our address, and tells its own with that. */
  asked(address: string, host: string): void {
    const entry = this.entries.get(address)
    if (entry) {
      if (entry.host !== host) this.gratuitous(address, host)
      return
    }
    const now = this.options.clock.now()
    this.entries.set(address, { address, host, state: 'stale', confirmed: now, timer: null, asked: 0, waiting: [] })
    this.options.onChange()
  }

  dispose(): void {
    for (const entry of this.entries.values()) this.stop(entry)
    this.entries.clear()
  }

  private wait(entry: Entry, resolved: (host: string | null) => void): () => void {
    entry.waiting.push(resolved)
    return () => {
      entry.waiting = entry.waiting.filter((waiter) => waiter !== resolved)
    }
  }

  private stop(entry: Entry): void {
    entry.timer?.cancel()
    entry.timer = null
  }

  private becomeReachable(entry: Entry): void {
    this.stop(entry)
    entry.state = 'reachable'
    entry.confirmed = this.options.clock.now()
    this.options.onChange()
    const lifetime = REACHABLE_TIME * (0.5 + this.options.random())
    const check = (): void => {
      const left = entry.confirmed + lifetime - this.options.clock.now()
      if (left > 0) {
        entry.timer = this.options.clock.after(left, check)
        return
      }
      entry.timer = null
      entry.state = 'stale'
      this.options.onChange()
    }
    entry.timer = this.options.clock.after(lifetime, check)
  }

  private startDelay(entry: Entry): void {
    this.stop(entry)
    entry.state = 'delay'
    entry.timer = this.options.clock.after(DELAY_FIRST_PROBE_TIME, () => {
      entry.state = 'probe'
      entry.asked = 0
      this.probe(entry)
    })
  }

  private probe(entry: Entry): void {
    if (entry.asked === SOLICITATIONS) {
      this.forget(entry)
      return
    }
    entry.asked++
    if (this.options.askHost(entry.address, entry.host as string)) {
      this.becomeReachable(entry)
      return
    }
    entry.timer = this.options.clock.after(RETRANSMIT_TIME, () => this.probe(entry))
  }

  private askAgain(entry: Entry): void {
    if (entry.asked === SOLICITATIONS) {
      this.forget(entry)
      return
    }
    entry.asked++
    const host = this.options.ask(entry.address)
    if (host === null) {
      entry.timer = this.options.clock.after(RETRANSMIT_TIME, () => this.askAgain(entry))
      return
    }
    entry.host = host
    const { waiting } = entry
    entry.waiting = []
    this.becomeReachable(entry)
    for (const resolved of waiting) resolved(host)
  }

  private forget(entry: Entry): void {
    this.stop(entry)
    this.entries.delete(entry.address)
    this.options.onChange()
    for (const resolved of entry.waiting.splice(0)) resolved(null)
  }
}
