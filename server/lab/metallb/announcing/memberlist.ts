/**
 * hashicorp/memberlist as MetalLB's speakers run it (DefaultLANConfig): who of them is alive.
 *
 *     every 1 s        a member asks the next one of its shuffled list for an ack
 *     no ack in 1 s    it suspects it, and tells the others
 *     suspicion        lasts 24 s; confirmed by one more member 11.4 s, by two 4 s (state.go, suspicion.go; four members)
 *     then             dead: a NodeLeave event on every member that hears of it
 *     leaving          on SIGTERM, at once
 */
import type { Clock, Timer } from '../../clock.ts'
import type { Store } from '../../store/store.ts'

const PROBE_INTERVAL = 1_000
const SUSPICION_MULTIPLIER = 4
const SUSPICION_MAX_MULTIPLIER = 6
/** From one member to the others, ms. */
const GOSSIP_LATENCY = 60

export interface MemberlistOptions {
  clock: Clock
  store: Store
  node: string
  random(): number
  /** Whether a host can be heard from this one. */
  reaches(node: string): boolean
  log(caller: string, fields: Record<string, unknown>): void
  onEvent(event: 'NodeJoin' | 'NodeLeave', node: string): void
}

interface Suspicion {
  since: number
  by: Set<string>
  timer: Timer
}

/** The members of each cluster's list that run now: the wire between them. */
const running = new WeakMap<Store, Map<string, Memberlist>>()

export class Memberlist {
  private readonly members: Set<string>
  private readonly suspicions = new Map<string, Suspicion>()
  private readonly options: MemberlistOptions
  private probes: string[] = []
  private readonly timers = new Set<Timer>()
  private stopped = false

  constructor(options: MemberlistOptions) {
    this.options = options
    this.members = new Set([options.node])
    const peers = this.peers()
    peers.set(options.node, this)
    running.set(options.store, peers)
    options.onEvent('NodeJoin', options.node)
    const tick = (): void => {
      this.probe()
      this.later(PROBE_INTERVAL, tick)
    }
    this.later(PROBE_INTERVAL * options.random(), tick)
  }

  /** The names of the nodes whose speakers are taken for alive, this one among them. */
  alive(): string[] {
    return [...this.members]
  }

  /** Meets whoever runs and can be reached; true where that was anybody new. */
  join(): number {
    let joined = 0
    for (const [node, peer] of this.peers()) {
      if (this.members.has(node) || !this.hears(node)) continue
      joined++
      peer.welcome(this.options.node)
      this.welcome(node)
      // a join is a push and pull of both sides' lists
      for (const other of peer.alive()) if (other !== this.options.node) this.tellAll((each) => each.welcome(other))
    }
    return joined
  }

  /** Tells the others and goes. */
  leave(): void {
    this.tellAll((peer) => peer.gone(this.options.node))
  }

  dispose(): void {
    this.stopped = true
    for (const timer of this.timers) timer.cancel()
    for (const { timer } of this.suspicions.values()) timer.cancel()
    const peers = this.peers()
    if (peers.get(this.options.node) === this) peers.delete(this.options.node)
  }

  private peers(): Map<string, Memberlist> {
    return running.get(this.options.store) ?? new Map()
  }

  private hears(node: string): boolean {
    return this.options.reaches(node) && this.peers().has(node)
  }

  private later(ms: number, fire: () => void): void {
    const timer: Timer = this.options.clock.after(ms, () => {
      this.timers.delete(timer)
      fire()
    })
    this.timers.add(timer)
  }

  private tellAll(tell: (peer: Memberlist) => void): void {
    for (const [node, peer] of this.peers()) {
      if (node === this.options.node || !this.hears(node)) continue
      peer.later(GOSSIP_LATENCY * this.options.random(), () => tell(peer))
    }
  }

  private welcome(node: string): void {
    if (this.stopped) return
    this.suspicions.get(node)?.timer.cancel()
    this.suspicions.delete(node)
    if (this.members.has(node)) return
    this.members.add(node)
    this.options.onEvent('NodeJoin', node)
  }

  private gone(node: string): void {
    if (this.stopped || node === this.options.node) return
    this.suspicions.get(node)?.timer.cancel()
    this.suspicions.delete(node)
    if (!this.members.delete(node)) return
    this.options.onEvent('NodeLeave', node)
  }

  private probe(): void {
    if (this.probes.length === 0) {
      this.probes = [...this.members].filter((node) => node !== this.options.node)
      for (let i = this.probes.length - 1; i > 0; i--) {
        const j = Math.floor(this.options.random() * (i + 1))
        ;[this.probes[i], this.probes[j]] = [this.probes[j] as string, this.probes[i] as string]
      }
    }
    const node = this.probes.shift()
    if (node === undefined || !this.members.has(node) || this.hears(node)) return
    this.later(PROBE_INTERVAL * 0.99, () => {
      if (this.hears(node) || !this.members.has(node)) return
      this.options.log('state.go:521', { component: 'Memberlist', msg: `memberlist: Suspect ${node} has failed, no acks received` })
      this.suspect(node, this.options.node)
      this.tellAll((peer) => peer.suspect(node, this.options.node))
    })
  }

  /** Somebody does not hear `node`. */
  private suspect(node: string, from: string): void {
    if (this.stopped || !this.members.has(node) || node === this.options.node) return
    const known = this.suspicions.get(node)
    if (known?.by.has(from)) return
    const suspicion = known ?? { since: this.options.clock.now(), by: new Set<string>(), timer: null as never }
    suspicion.by.add(from)
    suspicion.timer?.cancel()
    const confirmations = suspicion.by.size - 1
    const left = suspicion.since + this.suspicionTime(confirmations) - this.options.clock.now()
    suspicion.timer = this.options.clock.after(Math.max(0, left), () => {
      this.options.log('state.go:1245', {
        component: 'Memberlist',
        msg: `memberlist: Marking ${node} as failed, suspect timeout reached (${confirmations} peer confirmations)`,
      })
      this.tellAll((peer) => peer.gone(node))
      this.gone(node)
    })
    this.suspicions.set(node, suspicion)
  }

  /** How long a suspicion lasts with so many confirmations by others, ms. */
  private suspicionTime(confirmations: number): number {
    const count = this.members.size
    const least = SUSPICION_MULTIPLIER * Math.max(1, Math.log10(Math.max(1, count))) * PROBE_INTERVAL
    const wanted = SUSPICION_MULTIPLIER - 2
    if (count - 2 < wanted) return least
    const most = least * SUSPICION_MAX_MULTIPLIER
    const share = Math.log(Math.min(confirmations, wanted) + 1) / Math.log(wanted + 1)
    return most - share * (most - least)
  }
}
