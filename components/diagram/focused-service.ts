/** Which Service the diagram is about, where its address is, and in one sentence why it is nowhere. */
import type { Topology, TopologyService } from '../../server/protocol/topology.ts'
import { isAddressController } from './pod-slots.ts'

/** The Service of that name, or the newest one of the default namespace but the API's own; null where there is none. */
export function focusedService(topology: Topology, name?: string): TopologyService | null {
  const services = Object.values(topology.services).toSorted((a, b) => b.createdAt - a.createdAt || (a.name < b.name ? -1 : 1))
  if (name !== undefined) return services.find((service) => service.name === name) ?? null
  return services.find(({ namespace, name: own }) => namespace === 'default' && own !== 'kubernetes') ?? null
}

export type AddressState =
  /** The type has no external address. */
  | { state: 'none' }
  /** EXTERNAL-IP is `<pending>`. */
  | { state: 'pending'; reason: string }
  /** Assigned, but no host on the LAN answers for it, as far as the cluster tells. */
  | { state: 'unanswered'; address: string; reason: string }
  /** Somebody on the LAN answers for it; `alive` is false while that host is switched off. `before` held it last, `null`: nobody. */
  | { state: 'held'; address: string; host: string; alive: boolean; before: string | null }

/** Where the Service's (first) external address is. Hosts are node names. */
export function addressOf(topology: Topology, service: TopologyService | null): AddressState {
  if (service?.type !== 'LoadBalancer') return { state: 'none' }
  const [address] = service.externalAddresses
  if (address === undefined) return { state: 'pending', reason: whyPending(topology) }
  const holder = topology.holders[address]
  const host = service.announcedBy === null ? null : (holder?.host ?? service.announcedBy)
  if (host === null || topology.nodes[host] === undefined) {
    const reason = topology.software.metallb === null ? '클러스터 밖의 장비가 대답' : '아무도 대답하지 않음'
    return { state: 'unanswered', address, reason }
  }
  const before = holder?.before ?? null
  return {
    state: 'held',
    address,
    host,
    alive: topology.poweredOff[host] === undefined,
    before: stillGone(topology, before) ? before : null,
  }
}

/** An empty place is worth showing only while the host that left it is out. */
function stillGone(topology: Topology, host: string | null): boolean {
  if (host === null) return false
  const node = topology.nodes[host]
  return node !== undefined && (topology.poweredOff[host] !== undefined || node.ready !== 'True' || node.speaker !== 'running')
}

function whyPending(topology: Topology): string {
  if (topology.software.metallb === null) return '이 클러스터에는 주소를 줄 이가 없다'
  const controller = Object.values(topology.pods).find(isAddressController)
  if (!controller?.ready) return 'MetalLB controller가 준비되는 중'
  return 'MetalLB는 있지만 내어 줄 주소가 없다'
}
