/**
 * The BGP side of a speaker (bgp_controller.go, and the sessions of internal/bgp/native): a session to each peer that this node is selected for, and
 * which services' addresses are advertised over them. Nobody on the lab's LAN speaks BGP, so that no session is ever established; MetalLB announces
 * all the same, and its status objects name the peers.
 *
 *     connecting   up to 10 s, or until the network says no; whoever wants to advertise waits that long
 *     failed       waits 0, 1, 2, 4 ... 120 s, then connects again
 */
import type { Timer } from '../../clock.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { selects } from '../../resources/kit/labels.ts'
import type { Peer } from '../configuration/bgp.ts'
import { cidrText, parseIp } from '../configuration/cidr.ts'
import type { Config } from '../configuration/config.ts'
import type { Pool } from '../configuration/pool.ts'
import type { Process } from '../process/process.ts'

const CONNECT_TIMEOUT = 10_000
const FIRST_BACK_OFF = 1_000
const LONGEST_BACK_OFF = 120_000

interface Advertisement {
  prefix: string
  /** Empty: all. */
  peers: string[]
}

interface Session {
  connecting: boolean
  /** Called at the end of the attempt that is on. */
  waiting: (() => void)[]
  close(): void
}

export class BgpSpeaker {
  private readonly process: Process
  private readonly onAdvertised: (service: string) => void
  private readonly sessions = new Map<string, { peer: Peer; session: Session | null }>()
  private readonly advertisements = new Map<string, Advertisement[]>()
  private active = new Map<string, string[]>()
  private pools: Pool[] = []
  private nodeLabels: Record<string, string> | null = null

  /** `onAdvertised` is told of each service whose peers may be others now. */
  constructor(process: Process, onAdvertised: (service: string) => void) {
    this.process = process
    this.onAdvertised = onAdvertised
    process.own(() => {
      for (const { session } of this.sessions.values()) session?.close()
    })
  }

  /** The peers that a service is advertised to, by name; null: none. */
  peersOf(service: string): string[] | null {
    return this.active.get(service) ?? null
  }

  /** Whether any service is advertised, or a pool is, so that the sessions are to be told. */
  isUsed(): boolean {
    return this.advertisements.size > 0 || this.pools.some((pool) => pool.bgp.length > 0)
  }

  /** A session is locked while it connects: calls `go` once each was free since, one after the other. False where all are free now. */
  waits(go: () => void): boolean {
    const sessions = [...this.sessions.values()].flatMap(({ session }) => session ?? [])
    const from = (i: number): void => {
      const busy = sessions.findIndex(({ connecting }, j) => j >= i && connecting)
      if (busy < 0) go()
      else sessions[busy]?.waiting.push(() => from(busy + 1))
    }
    if (!sessions.some(({ connecting }) => connecting)) return false
    from(0)
    return true
  }

  configure({ peers, pools }: Config): void {
    this.pools = [...pools.values()]
    for (const [name, { peer, session }] of this.sessions) {
      const next = peers.get(name)
      if (next && JSON.stringify(next) === JSON.stringify(peer)) continue
      this.sessions.delete(name)
      this.process.log('bgp_controller.go:112', {
        event: 'peerRemoved',
        peer: peer.address,
        reason: 'removedFromConfig',
        msg: 'peer deconfigured, closing BGP session',
      })
      session?.close()
    }
    for (const [name, peer] of peers) if (!this.sessions.has(name)) this.sessions.set(name, { peer, session: null })
    this.syncPeers()
  }

  /** This node's object. */
  setNode({ metadata }: KubeObject): void {
    const labels = metadata.labels ?? {}
    const sorted = (of: Record<string, string>): string => JSON.stringify(Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (this.nodeLabels !== null && sorted(this.nodeLabels) === sorted(labels)) return
    this.nodeLabels = labels
    this.process.log('bgp_controller.go:493', { event: 'nodeLabelsChanged', msg: 'Node labels changed, resyncing BGP peers' })
    this.syncPeers()
  }

  advertise(service: string, ip: string, pool: Pool): void {
    const { node } = this.process.context
    const family = parseIp(ip)?.family ?? 4
    const advertisements = pool.bgp.flatMap(({ nodes, aggregation, peers }) =>
      nodes.has(node) ? [{ prefix: prefixOf(ip, aggregation[family]), peers }] : [],
    )
    this.advertisements.set(service, advertisements)
    this.publish()
    this.process.log('bgp_controller.go:363', {
      event: 'updatedAdvertisements',
      numAds: advertisements.length,
      msg: 'making advertisements using BGP',
      ips: [ip],
      pool: pool.name,
      protocol: 'bgp',
    })
  }

  withdraw(service: string): void {
    if (this.advertisements.delete(service)) this.publish()
  }

  private syncPeers(): void {
    let added = false
    for (const entry of this.sessions.values()) {
      const { peer, session } = entry
      const wanted = peer.nodeSelectors.length === 0 || peer.nodeSelectors.some((selector) => selects(selector, this.nodeLabels ?? {}))
      if (session && !wanted) {
        this.process.log('bgp_controller.go:231', {
          event: 'peerRemoved',
          peer: peer.address,
          reason: 'filteredByNodeSelector',
          msg: 'peer deconfigured, closing BGP session',
        })
        session.close()
        entry.session = null
      } else if (!session && wanted) {
        this.process.log('bgp_controller.go:239', { event: 'peerAdded', peer: peer.address, msg: 'peer configured, starting BGP session' })
        entry.session = this.startSession(peer)
        added = true
      }
    }
    if (added) this.publish()
  }

  private publish(): void {
    const before = this.active
    const now = new Map<string, Set<string>>()
    for (const [name, { session }] of this.sessions) {
      if (!session) continue
      for (const [service, advertisements] of this.advertisements)
        if (advertisements.some(({ peers }) => peers.length === 0 || peers.includes(name)))
          now.set(service, (now.get(service) ?? new Set()).add(name))
    }
    this.active = new Map([...now].map(([service, peers]) => [service, [...peers].toSorted()]))
    for (const service of new Set([...before.keys(), ...now.keys()]))
      if (before.get(service)?.join() !== this.active.get(service)?.join()) this.onAdvertised(service)
  }

  private startSession(peer: Peer): Session {
    const { clock } = this.process.context
    let backOff = 0
    let timer: Timer | null = null
    let request: { cancel(): void } | null = null
    const end = (): void => {
      session.connecting = false
      timer?.cancel()
      request?.cancel()
      for (const waiting of session.waiting.splice(0)) waiting()
    }
    const session: Session = { connecting: false, waiting: [], close: end }
    const failed = (why: string): void => {
      end()
      this.process.log('native.go:113', {
        level: 'error',
        op: 'connect',
        error: `dial ${JSON.stringify(peer.address)}: ${why}`,
        localASN: peer.myAsn,
        msg: 'failed to connect to peer',
        peer: peer.address,
        peerASN: peer.asn,
      })
      timer = clock.after(backOff, connect)
      backOff = backOff === 0 ? FIRST_BACK_OFF : Math.min(backOff * 2, LONGEST_BACK_OFF)
    }
    const connect = (): void => {
      session.connecting = true
      timer = clock.after(CONNECT_TIMEOUT, () => failed('timeout'))
      request = this.process.context.request(
        { host: peer.address, port: peer.port, method: '', path: '', headers: {}, body: '', connectOnly: true },
        ({ outcome }) => {
          if (outcome === 'answered') failed('EOF')
          else failed(outcome === 'unreachable' ? 'getsockopt: no route to host' : 'getsockopt: connection refused')
        },
      )
    }
    timer = clock.after(0, connect)
    return session
  }
}

function prefixOf(ip: string, bits: number): string {
  const parsed = parseIp(ip)
  if (!parsed) return ip
  const host = BigInt((parsed.family === 4 ? 32 : 128) - bits)
  return cidrText({ family: parsed.family, base: (parsed.value >> host) << host, bits })
}
