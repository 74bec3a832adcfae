/**
 * The way of one packet that opens a connection, from where it starts to where it ends, as things stand at this moment. Time is not spent here:
 * who has to wait (for ARP, for a retransmission) is connection.ts.
 */
import type { Hop } from '../../protocol/topology.ts'
import type { NetworkRequest, RequestSource } from '../contracts/network.ts'
import type { HttpResponse } from '../machinery/http.ts'
import type { KubeProxy, Match } from './kube-proxy.ts'
import type { Lan } from './lan.ts'
import type { PodIndex, PodPlace } from './pods.ts'
import type { Endpoint } from './service-rules.ts'
import { CLIENT, inCidr, onLan } from './hosts.ts'

/** Where a packet ended. `waiting`: on a machine that asks by ARP for `address`. */
export type Arrival =
  | { end: 'answered'; response: HttpResponse; pod: string | null; again: Redeliver }
  | { end: 'refused' }
  | { end: 'reset' }
  | { end: 'dropped' }
  | { end: 'no-network' }
  | { end: 'waiting'; on: string; address: string }

/** Hands another request to the same listener, over the connection that is open. */
export type Redeliver = (request: NetworkRequest) => HttpResponse | 'reset' | 'lost'

export interface RouterOptions {
  lan: Lan
  pods: PodIndex
  proxy(node: string): KubeProxy | undefined
  podCidr: string
  /** Finds the machine for an address in the neighbour table of a host; null: it has to ask and wait. `asked`: the LAN was asked. */
  neighbour(on: string, address: string): { host: string | null; asked: boolean }
  /** Hands a request to whoever listens at a pod's port; null: nobody does. */
  deliver(place: PodPlace, port: number, request: NetworkRequest, from: string): { response: HttpResponse } | 'reset' | null
  /** What listens on the machine itself beside pods; null: nothing. */
  hostPort(node: string, port: number, request: NetworkRequest): HttpResponse | null
}

/** What a connection remembers between its packets: kube-proxy's pick stays the same on a node (conntrack). */
export type Picks = Map<string, { pick: Endpoint; sourceRewritten: boolean }>

export interface Router {
  /** Appends the hops of the way to `hops`. */
  send(source: RequestSource, address: string, port: number, request: NetworkRequest, picks: Picks, hops: Hop[]): Arrival
}

interface Packet {
  source: RequestSource
  /** The source address that the receiver sees. */
  from: string
  address: string
  port: number
  request: NetworkRequest
  picks: Picks
  hops: Hop[]
}

export function createRouter(options: RouterOptions): Router {
  const { lan, pods } = options

  /** A frame over the wire. */
  const cross = (packet: Packet, from: string, to: string): boolean => {
    const alive = lan.isOn(to)
    packet.hops.push({ hop: 'frame', from, to, alive })
    return alive
  }

  const again =
    (place: PodPlace, port: number, packet: Packet): Redeliver =>
    (request) => {
      if (packet.hops.some((hop) => hop.hop === 'frame' && !lan.isOn(hop.to))) return 'lost'
      const answer = options.deliver(place, port, request, packet.from)
      return answer === null || answer === 'reset' ? 'reset' : answer.response
    }

  const toPod = (packet: Packet, at: string, place: PodPlace, port: number): Arrival => {
    if (place.node !== at) {
      const next = options.neighbour(at, lan.addressOf(place.node) ?? '')
      if (next.host === null) return { end: 'waiting', on: at, address: lan.addressOf(place.node) ?? '' }
      if (!cross(packet, at, place.node)) return { end: 'dropped' }
    }
    const answer = options.deliver(place, port, packet.request, packet.from)
    packet.hops.push({ hop: 'pod', node: place.node, pod: place.name, answered: answer !== null && answer !== 'reset' })
    if (answer === null) return { end: 'refused' }
    if (answer === 'reset') return { end: 'reset' }
    return { end: 'answered', response: answer.response, pod: place.name, again: again(place, port, packet) }
  }

  const throughProxy = (packet: Packet, at: string, match: Match, inside: boolean): Arrival => {
    const known = packet.picks.get(at)
    const verdict = known ?? options.proxy(at)!.decide(match, packet.from, inside)
    const hop = { hop: 'proxy' as const, node: at, service: match.rules.name, namespace: match.rules.namespace }
    if ('none' in verdict) {
      packet.hops.push({ ...hop, pod: null, sourceRewritten: false })
      return verdict.none === 'reject' ? { end: 'refused' } : { end: 'dropped' }
    }
    packet.picks.set(at, verdict)
    const { pick, sourceRewritten } = verdict
    packet.hops.push({ ...hop, pod: pick.pod?.name ?? null, sourceRewritten })
    const place = placeOf(pick)
    if (sourceRewritten) packet.from = place?.node === at ? gatewayOf(pick.address) : (lan.addressOf(at) ?? packet.from)
    if (place) return toPod(packet, at, place, pick.port)
    // an endpoint that was written by hand, or whose pod is gone since
    packet.address = pick.address
    packet.port = pick.port
    return forward(packet, at, pick.address, pick.port)
  }

  const placeOf = (endpoint: Endpoint): PodPlace | null => {
    const direct = pods.byAddress(endpoint.address)
    if (direct) return direct
    const owner = lan.owner(endpoint.address)
    if (owner === null || endpoint.pod === null) return null
    return pods.onHost(owner).find(({ name, namespace }) => name === endpoint.pod?.name && namespace === endpoint.pod.namespace) ?? null
  }

  /** A packet that a node's own addresses are the target of. */
  const onHost = (packet: Packet, at: string, port: number): Arrival => {
    for (const place of pods.onHost(at)) {
      const answer = options.deliver(place, port, packet.request, packet.from)
      if (answer === null) continue
      packet.hops.push({ hop: 'pod', node: at, pod: place.name, answered: answer !== 'reset' })
      if (answer === 'reset') return { end: 'reset' }
      return { end: 'answered', response: answer.response, pod: place.name, again: again(place, port, packet) }
    }
    const response = options.hostPort(at, port, packet.request)
    if (response === null) return { end: 'refused' }
    const repeat: Redeliver = (request) => (lan.isOn(at) ? (options.hostPort(at, port, request) ?? 'reset') : 'lost')
    return { end: 'answered', response, pod: null, again: repeat }
  }

  /** A packet that is on a node and has to go on. */
  const forward = (packet: Packet, at: string, address: string, port: number): Arrival => {
    const owner = lan.owner(address)
    if (owner === at || address === '127.0.0.1') return onHost(packet, at, port)
    const place = pods.byAddress(address)
    if (place) return toPod(packet, at, place, port)
    if (!onLan(address)) return inCidr(address, options.podCidr) ? { end: 'waiting', on: at, address } : { end: 'dropped' }
    const next = options.neighbour(at, address)
    if (next.host === null) return { end: 'waiting', on: at, address }
    if (!cross(packet, at, next.host)) return { end: 'dropped' }
    return arrive(packet, next.host, false)
  }

  /** A packet that came in over a node's network card, or that a process on it sends. */
  const arrive = (packet: Packet, at: string, inside: boolean): Arrival => {
    if (at === CLIENT.name) return { end: 'refused' }
    const own = lan.owner(packet.address) === at
    const match = options.proxy(at)?.match(packet.address, packet.port, own) ?? null
    if (match) return throughProxy(packet, at, match, inside)
    const mapped = own ? pods.hostPorts(at).find(({ port }) => port === packet.port) : undefined
    if (mapped) return toPod(packet, at, mapped.place, mapped.to)
    if (own) return onHost(packet, at, packet.port)
    // nobody on this machine has the address: it is sent on, and the machine asks the LAN as anybody would; it does not hear its own answers
    if (!inside && onLan(packet.address)) return { end: 'waiting', on: at, address: packet.address }
    return forward(packet, at, packet.address, packet.port)
  }

  return {
    send(source, address, port, request, picks, hops) {
      const packet: Packet = { source, from: sourceAddress(source), address, port, request, picks, hops }
      if (source.from !== 'client') return arrive(packet, source.node, true)
      if (!onLan(address)) return { end: 'no-network' }
      const { host, asked } = options.neighbour(CLIENT.name, address)
      if (asked) hops.push({ hop: 'arp', address, answeredBy: host })
      if (host === null) return { end: 'waiting', on: CLIENT.name, address }
      if (!cross(packet, CLIENT.name, host)) return { end: 'dropped' }
      return arrive(packet, host, false)
    },
  }

  function sourceAddress(source: RequestSource): string {
    if (source.from === 'client') return CLIENT.address
    if (source.from === 'node') return lan.addressOf(source.node) ?? ''
    return source.address ?? lan.addressOf(source.node) ?? ''
  }
}

/** The bridge's address on a node, which a pod there sees where the source is rewritten: 172.16.1.1 for 172.16.1.7. */
function gatewayOf(address: string): string {
  return address.replace(/\d+$/, '1')
}
