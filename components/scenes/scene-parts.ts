/** Small helpers with which the scenes build their topologies by hand, in the shape of the talk's own cluster. */
import {
  applyChange,
  emptyTopology,
  type Hop,
  type Neighbour,
  type RequestTrace,
  type Topology,
  type TopologyChange,
  type TopologyNode,
  type TopologyPod,
  type TopologyService,
} from '../../server/protocol/topology.ts'

/** Scenes have no clock: everything happens in this order, at these times. */
const START = Date.UTC(2026, 10, 24)
export const ADDRESS = '192.168.1.11'
const CLIENT = '192.168.1.1'

const ADDRESSES: Record<string, string> = {
  'm-k8s': '192.168.1.10',
  'w1-k8s': '192.168.1.101',
  'w2-k8s': '192.168.1.102',
  'w3-k8s': '192.168.1.103',
}

/** The topology that these changes make, one after the other. */
export function fold(changes: TopologyChange[], from: Topology = emptyTopology()): Topology {
  return changes.reduce(applyChange, from)
}

export function node(name: string, more: Partial<TopologyNode> = {}): TopologyChange {
  return {
    op: 'node',
    node: {
      name,
      address: ADDRESSES[name] ?? '192.168.1.100',
      controlPlane: name === 'm-k8s',
      ready: 'True',
      readySince: START,
      schedulable: true,
      speaker: 'none',
      ...more,
    },
  }
}

/** The talk's four nodes, and the client outside. */
export function nodes(speaker: TopologyNode['speaker'] = 'none'): TopologyChange[] {
  return [{ op: 'neighbours', neighbours: [], client: CLIENT }, ...Object.keys(ADDRESSES).map((name) => node(name, { speaker }))]
}

/** A pod of the deployment `app`, named by its last five letters. `order` is its place among the pods. */
export function pod(app: string, last: string, on: string, address: string, order = 0, more: Partial<TopologyPod> = {}): TopologyChange {
  const name = `${app}-f54cc64dd-${last}`
  return {
    op: 'pod',
    pod: {
      uid: name,
      name,
      namespace: 'default',
      labels: { app },
      node: on,
      address,
      status: 'Running',
      ready: true,
      terminating: false,
      createdAt: START + 1000 * order,
      ...more,
    },
  }
}

/** MetalLB's controller. */
export function controller(on: string, address: string, ready = true): TopologyChange {
  return pod('controller', 'x7k2p', on, address, 10, {
    namespace: 'metallb-system',
    labels: { app: 'metallb', component: 'controller' },
    ready,
  })
}

export function service(name: string, type: TopologyService['type'], more: Partial<TopologyService> = {}): TopologyChange {
  return {
    op: 'service',
    service: {
      uid: name,
      name,
      namespace: 'default',
      type,
      clusterIP: '10.109.158.227',
      selector: { app: 'lb-hname-pods' },
      ports: [{ name: null, port: 80, targetPort: '80', nodePort: 32399, protocol: 'TCP' }],
      externalTrafficPolicy: 'Cluster',
      externalAddresses: [],
      announcedBy: null,
      endpoints: [],
      notReadyEndpoints: 0,
      createdAt: START + 10_000,
      ...more,
    },
  }
}

export function metallb(tag: string | null = 'v0.15.3'): TopologyChange {
  return { op: 'software', software: { kubernetes: 'v1.35.4', metallb: tag } }
}

/** The client's ARP table: addresses and who answered for them. */
export function neighbours(...entries: [address: string, host: string][]): TopologyChange {
  const table = entries.map(([address, host], index): Neighbour => ({
    address,
    host,
    mac: `02:00:00:00:00:0${index + 1}`,
    state: 'reachable',
  }))
  return { op: 'neighbours', neighbours: table, client: CLIENT }
}

/** A request that the pod answered (or that was lost), by its hops. */
export function request(id: string, url: string, hops: Hop[], outcome: RequestTrace['outcome'] = 'answered'): RequestTrace {
  const last = hops.at(-1)
  const { hostname, port } = new URL(url)
  return {
    id,
    at: START + 20_000,
    url,
    address: hostname,
    port: Number(port || 80),
    hops,
    outcome,
    pod: outcome === 'answered' && last?.hop === 'pod' ? last.pod : null,
  }
}

/** The hops of a request that enters at `entry` and is answered by a pod on `host`. */
export function hopsTo(address: string, entry: string, serviceName: string, podName: string, host: string, asked = true): Hop[] {
  const across = entry !== host
  return [
    ...(asked ? [{ hop: 'arp', address, answeredBy: entry } satisfies Hop] : []),
    { hop: 'frame', from: 'client', to: entry, alive: true },
    { hop: 'proxy', node: entry, service: serviceName, namespace: 'default', pod: podName, sourceRewritten: across },
    ...(across ? [{ hop: 'frame', from: entry, to: host, alive: true } satisfies Hop] : []),
    { hop: 'pod', node: host, pod: podName, answered: true },
  ]
}
