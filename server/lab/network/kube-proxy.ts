/**
 * kube-proxy on one node, in iptables mode: a copy of the rules that is brought up to date a little later than the cluster changes, and a random
 * pick per connection. A machine that is switched off keeps its old rules until it is back.
 */
import type { Clock, Timer } from '../clock.ts'
import { candidates } from './service-rules.ts'
import type { Endpoint, ServicePortRule, ServiceRules } from './service-rules.ts'
import { inCidr } from './hosts.ts'
import type { ServiceIndex } from './service-index.ts'

/** From a watch event to rules in the kernel, ms, where nothing was written shortly before. */
const SYNC_LATENCY = 30
/** --iptables-min-sync-period: at most one write a second. */
const MIN_SYNC_PERIOD = 1_000

/** How a packet reached a rule: through which kind of address. */
export type Entrance = 'cluster' | 'external' | 'node-port'

export interface Match {
  rules: ServiceRules
  port: ServicePortRule
  entrance: Entrance
}

export type Verdict = { pick: Endpoint; sourceRewritten: boolean } | { none: 'reject' | 'drop' }

export class KubeProxy {
  private readonly rules = new Map<string, ServiceRules>()
  /** `address:port` and `:nodePort` to service key and index of its port. */
  private readonly lookup = new Map<string, { key: string; index: number; entrance: Entrance }>()
  private readonly dirty = new Set<string>()
  private readonly affinity = new Map<string, { address: string; port: number; at: number }>()
  private timer: Timer | null = null
  private lastSync = -Infinity
  private readonly node: string
  private readonly clock: Clock
  private readonly index: ServiceIndex
  private readonly random: () => number
  private readonly isOn: () => boolean
  private readonly synced: () => void

  /** `synced` is called after every write of rules. */
  constructor(options: { node: string; clock: Clock; index: ServiceIndex; random: () => number; isOn: () => boolean; synced: () => void }) {
    this.node = options.node
    this.clock = options.clock
    this.index = options.index
    this.random = options.random
    this.isOn = options.isOn
    this.synced = options.synced
    for (const key of this.index.keys()) this.dirty.add(key)
    this.schedule()
  }

  /** The rules of a service may be others now. */
  changed(key: string): void {
    this.dirty.add(key)
    this.schedule()
  }

  /** The machine is on again: all is read anew. */
  restart(): void {
    for (const key of [...this.rules.keys(), ...this.index.keys()]) this.dirty.add(key)
    this.affinity.clear()
    this.schedule()
  }

  /** The rule for a packet that arrives for an address and port, or null. `own`: the address is this machine's. */
  match(address: string, port: number, own: boolean): Match | null {
    const found = this.lookup.get(`${address}:${port}`) ?? (own ? this.lookup.get(`:${port}`) : undefined)
    if (!found) return null
    const rules = this.rules.get(found.key) as ServiceRules
    return { rules, port: rules.ports[found.index] as ServicePortRule, entrance: found.entrance }
  }

  /** Every address with its ports that a rule is for; the node's own addresses as ''. */
  places(): { address: string; port: number }[] {
    return [...this.lookup.keys()].map((at) => {
      const colon = at.lastIndexOf(':')
      return { address: at.slice(0, colon), port: Number(at.slice(colon + 1)) }
    })
  }

  /** When the rules were last written, lab time in ms. */
  writtenAt(): number | null {
    return this.lastSync === -Infinity ? null : this.lastSync
  }

  healthCheckPorts(): number[] {
    return [...this.rules.values()].flatMap((rules) => rules.healthCheckNodePort ?? [])
  }

  /** The rule of a service whose health check is at this port of the node. */
  healthCheck(port: number): ServiceRules | null {
    for (const rules of this.rules.values()) if (rules.healthCheckNodePort === port) return rules
    return null
  }

  /** Endpoints that a packet may be sent to. `inside`: it comes from a pod or a node, which no external policy stops. */
  candidates({ rules, port, entrance }: Match, source: string, inside: boolean): { endpoints: Endpoint[] } | { none: 'reject' | 'drop' } {
    if (entrance === 'cluster') return candidates(port, rules.internalPolicy, this.node)
    if (entrance === 'external' && rules.sourceRanges.length > 0 && !rules.sourceRanges.some((range) => inCidr(source, range)))
      return { none: 'drop' }
    const left = candidates(port, inside ? 'Cluster' : rules.externalPolicy, this.node)
    // Measured: a packet for a load balancer's address that is rejected while being forwarded gets no answer, unlike one for a node's own port.
    return 'none' in left && entrance === 'external' && !inside ? { none: 'drop' } : left
  }

  decide(match: Match, source: string, inside: boolean): Verdict {
    const left = this.candidates(match, source, inside)
    if ('none' in left) return left
    const { rules, port, entrance } = match
    const sourceRewritten = entrance !== 'cluster' && (inside || rules.externalPolicy === 'Cluster')
    const affinityKey = `${rules.uid}:${port.name}:${source}`
    const before = rules.affinity === null ? undefined : this.affinity.get(affinityKey)
    const same =
      before && this.clock.now() - before.at <= (rules.affinity as number)
        ? left.endpoints.find(({ address, port: at }) => address === before.address && at === before.port)
        : undefined
    const pick = same ?? (left.endpoints[Math.floor(this.random() * left.endpoints.length)] as Endpoint)
    if (rules.affinity !== null) this.affinity.set(affinityKey, { address: pick.address, port: pick.port, at: this.clock.now() })
    return { pick, sourceRewritten }
  }

  dispose(): void {
    this.timer?.cancel()
  }

  private schedule(): void {
    if (this.timer || this.dirty.size === 0) return
    const wait = Math.max(SYNC_LATENCY * (0.5 + this.random()), this.lastSync + MIN_SYNC_PERIOD - this.clock.now())
    this.timer = this.clock.after(wait, () => {
      this.timer = null
      if (this.isOn()) this.sync()
    })
  }

  private sync(): void {
    this.lastSync = this.clock.now()
    for (const key of this.dirty) {
      const before = this.rules.get(key)
      if (before) for (const place of placesOf(before)) this.lookup.delete(place.at)
      const now = this.index.current(key)
      if (now === null) {
        this.rules.delete(key)
        continue
      }
      this.rules.set(key, now)
      for (const { at, index, entrance } of placesOf(now)) this.lookup.set(at, { key, index, entrance })
    }
    this.dirty.clear()
    this.synced()
  }
}

function placesOf(rules: ServiceRules): { at: string; index: number; entrance: Entrance }[] {
  return rules.ports.flatMap(({ port, nodePort, protocol }, index) => {
    if (protocol !== 'TCP') return []
    return [
      ...rules.clusterAddresses.map((address) => ({ at: `${address}:${port}`, index, entrance: 'cluster' as const })),
      ...rules.externalAddresses.map((address) => ({ at: `${address}:${port}`, index, entrance: 'external' as const })),
      ...(nodePort === null ? [] : [{ at: `:${nodePort}`, index, entrance: 'node-port' as const }]),
    ]
  })
}
