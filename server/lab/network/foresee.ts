/** What may become of a connection of the client outside as things stand: for those who have to know before it is opened. */
import type { Endpoint } from './service-rules.ts'
import type { NetworkRequest } from '../contracts/network.ts'
import type { RouterOptions } from './router.ts'
import { CLIENT, onLan } from './hosts.ts'

export type Prospect = 'answered' | 'refused' | 'reset' | 'unreachable' | 'lost'

const PROBE: NetworkRequest = { host: '', port: 0, method: 'GET', path: '/', headers: {}, body: '', connectOnly: true }

/** `peek`: where a packet would be sent to from the client's neighbour table, null where it has to ask. */
export function foresee(options: RouterOptions & { peek(address: string): string | null }, address: string, port: number): Set<Prospect> {
  const { lan, pods } = options
  const ofHost = (on: string, at: number): Prospect => {
    const listens = pods.onHost(on).some((place) => options.deliver(place, at, PROBE, CLIENT.address) !== null)
    return listens || options.hostPort(on, at, PROBE) !== null ? 'answered' : 'refused'
  }
  if (!onLan(address)) return new Set(['unreachable'])
  const host = options.peek(address) ?? lan.ask(address)
  if (host === null) return new Set(['unreachable'])
  if (!lan.isOn(host)) return new Set(['lost'])
  if (host === CLIENT.name) return new Set(['refused'])
  const own = lan.owner(address) === host
  const proxy = options.proxy(host)
  const match = proxy?.match(address, port, own)
  if (!proxy || !match) {
    if (!own) return new Set(['unreachable'])
    const mapped = pods.hostPorts(host).find((each) => each.port === port)
    if (mapped) return new Set([options.deliver(mapped.place, mapped.to, PROBE, CLIENT.address) === null ? 'refused' : 'answered'])
    return new Set([ofHost(host, port)])
  }
  const left = proxy.candidates(match, CLIENT.address, false)
  if ('none' in left) return new Set([left.none === 'reject' ? 'refused' : 'lost'])
  const ofEndpoint = (endpoint: Endpoint): Prospect => {
    const place = pods.byAddress(endpoint.address) ?? pods.onHost(endpoint.node ?? '').find(({ name }) => name === endpoint.pod?.name)
    const owner = lan.owner(endpoint.address)
    if (!place && owner !== null) return lan.isOn(owner) ? ofHost(owner, endpoint.port) : 'lost'
    if (!place) return 'unreachable'
    if (!lan.isOn(place.node)) return 'lost'
    return options.deliver(place, endpoint.port, PROBE, CLIENT.address) === null ? 'refused' : 'answered'
  }
  return new Set(left.endpoints.map(ofEndpoint))
}
