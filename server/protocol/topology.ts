/**
 * The topology: what the diagrams draw. It is a fold of changes, and the same changes go over the wire, into recordings (event code `k`)
 * and into the pages of the PDF. Nothing here knows where a change came from.
 */

export type NodeCondition = 'True' | 'False' | 'Unknown'

export interface TopologyNode {
  name: string
  /** InternalIP. */
  address: string
  controlPlane: boolean
  /** Condition Ready: what the cluster believes. */
  ready: NodeCondition
  /** When that condition last changed (its lastTransitionTime, whole seconds), ms since the epoch; null where the cluster does not say. */
  readySince: number | null
  schedulable: boolean
  /** MetalLB's speaker on this node: `none` where no speaker pod is assigned to it. */
  speaker: 'running' | 'starting' | 'down' | 'none'
}

export interface TopologyPod {
  uid: string
  name: string
  namespace: string
  /** The labels, so that a Service's selector can be matched against them. */
  labels: Record<string, string>
  /** null until the pod is scheduled. */
  node: string | null
  /** status.podIP, null until it has one. */
  address: string | null
  /** What kubectl prints as STATUS: Pending, ContainerCreating, Running, Terminating, ErrImagePull, ... */
  status: string
  ready: boolean
  terminating: boolean
  /** metadata.creationTimestamp in ms since the epoch: a stable order. */
  createdAt: number
}

export interface TopologyServicePort {
  name: string | null
  port: number
  targetPort: string
  nodePort: number | null
  protocol: string
}

export interface TopologyService {
  uid: string
  name: string
  namespace: string
  type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'
  clusterIP: string | null
  selector: Record<string, string>
  ports: TopologyServicePort[]
  externalTrafficPolicy: 'Cluster' | 'Local' | null
  /** status.loadBalancer.ingress addresses. */
  externalAddresses: string[]
  /** The node whose speaker announces the address (ServiceL2Status, or the last nodeAssigned event), or null. */
  announcedBy: string | null
  /** Names of the pods behind the service's ready endpoints, and how many endpoints are not ready. */
  endpoints: string[]
  notReadyEndpoints: number
  createdAt: number
}

/** A line of the neighbour table (ARP cache) of the client outside the cluster. */
export interface Neighbour {
  address: string
  /** The host that has this hardware address, or null where nobody answered. */
  host: string | null
  mac: string | null
  state: 'reachable' | 'stale' | 'incomplete'
}

/** Who holds an address on the LAN, and who held it before. Folded from gratuitous ARP, and from who announces a Service. */
export interface Holder {
  host: string
  /** Lab time of the first announcement by this host, ms since the epoch; null where only the cluster's word is known, not when. */
  since: number | null
  /** The host that held the address before, or null. */
  before: string | null
}

/** What has happened to machines and addresses, with the time: what a timeline of a fail-over is drawn from. Times are ms since the epoch, lab time. */
export type TopologyEvent =
  /** `endpoints`, by uid of the Service: how many of its ready endpoints were on this node then, and how many there were in all. */
  | { what: 'off'; node: string; at: number; endpoints: Record<string, { here: number; all: number }> }
  | { what: 'on'; node: string; at: number }
  /** The cluster changed its belief. */
  | { what: 'ready' | 'not-ready'; node: string; at: number }
  | { what: 'moved'; address: string; from: string; to: string; at: number }

/** One hop on a request's way. Hosts are node names, or `client`. */
export type Hop =
  /** The client asks the LAN who has an address; null: nobody answers. `gratuitous` is an announcement that nobody asked for. */
  | { hop: 'arp'; address: string; answeredBy: string | null }
  /** The frame reaches a host's interface; `alive` is false where the host is switched off. */
  | { hop: 'frame'; from: string; to: string; alive: boolean }
  /** kube-proxy on a node picks an endpoint of a service. `sourceRewritten`: the pod sees the node's address, not the client's. */
  | { hop: 'proxy'; node: string; service: string; namespace: string; pod: string | null; sourceRewritten: boolean }
  /** The packet arrives at a pod. */
  | { hop: 'pod'; node: string; pod: string; answered: boolean }

export interface RequestTrace {
  /** Unique within the lab's run. */
  id: string
  /** Lab time of the request's start, ms since the epoch. */
  at: number
  url: string
  address: string
  port: number
  hops: Hop[]
  outcome: 'answered' | 'refused' | 'reset' | 'lost'
  /** The pod that answered. */
  pod: string | null
}

/** Versions and such, as seen in the cluster. */
export interface TopologySoftware {
  /** gitVersion of /version: v1.35.4. */
  kubernetes: string | null
  /** The tag of the image of MetalLB's controller, null where it is not installed. */
  metallb: string | null
}

export type TopologyChange =
  | { op: 'clear' }
  | { op: 'node'; node: TopologyNode }
  | { op: 'node-gone'; name: string }
  | { op: 'pod'; pod: TopologyPod }
  | { op: 'pod-gone'; uid: string }
  | { op: 'service'; service: TopologyService }
  | { op: 'service-gone'; uid: string }
  | { op: 'software'; software: TopologySoftware }
  /** Truth about a machine, which only the embedded lab can tell; the cluster may believe otherwise. */
  | { op: 'power'; node: string; on: boolean; at: number }
  /** The whole neighbour table of the client outside. */
  | { op: 'neighbours'; neighbours: Neighbour[]; /** The client's own address, where known. */ client?: string }
  /** Somebody tells the LAN unasked that it has an address now. */
  | { op: 'gratuitous-arp'; address: string; host: string; at: number }
  | { op: 'request'; request: RequestTrace }
  /** The counts so far, for a page that joins late and gets only the last requests. */
  | { op: 'tally'; answered: Record<string, number>; requests: { total: number; lost: number } }
  /** The events so far, for a page that joins late. */
  | { op: 'history'; history: TopologyEvent[] }
  /** The cluster's time, ms since the epoch, how fast it runs (1 is real time, 0 is paused), and when its run began, where that is known. */
  | { op: 'clock'; at: number; speed: number; started?: number }

export interface Topology {
  nodes: Record<string, TopologyNode>
  /** By uid. */
  pods: Record<string, TopologyPod>
  /** By uid. */
  services: Record<string, TopologyService>
  software: TopologySoftware
  /** By node name: switched off since (lab time, ms), absent where on or unknown. */
  poweredOff: Record<string, number>
  neighbours: Neighbour[]
  /** Address of the client outside, where known. */
  client: string | null
  lastGratuitousArp: { address: string; host: string; at: number } | null
  /** By address. */
  holders: Record<string, Holder>
  /** Oldest first, at most {@link REMEMBERED_EVENTS}. */
  history: TopologyEvent[]
  /** Requests answered, by pod name. */
  answered: Record<string, number>
  /** Requests so far, and how many of them got no answer. */
  requests: { total: number; lost: number }
  /** The last requests, oldest first, at most {@link RECENT_REQUESTS}. */
  recent: RequestTrace[]
  clock: { at: number; speed: number; started?: number } | null
}

/** How many events a topology remembers: several fail-overs, and bounded. */
const REMEMBERED_EVENTS = 32

/** How many requests a topology remembers: enough for a page that has to animate a burst, and bounded. */
export const RECENT_REQUESTS = 32

export function emptyTopology(): Topology {
  return {
    nodes: {},
    pods: {},
    services: {},
    software: { kubernetes: null, metallb: null },
    poweredOff: {},
    neighbours: [],
    client: null,
    lastGratuitousArp: null,
    holders: {},
    history: [],
    answered: {},
    requests: { total: 0, lost: 0 },
    recent: [],
    clock: null,
  }
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _gone, ...rest } = record
  return rest
}

/** The holders after `host` announced `address` at `at`: an announcement repeated by the same host changes nothing. */
function held(holders: Record<string, Holder>, address: string, host: string, at: number | null): Record<string, Holder> {
  const known = holders[address]
  if (known?.host === host) return known.since === null && at !== null ? { ...holders, [address]: { ...known, since: at } } : holders
  return { ...holders, [address]: { host, since: at, before: known?.host ?? null } }
}

/** The holders after the cluster said who announces a Service: only news counts, as a late word must not take back what the LAN has seen. */
function heldAccordingTo(topology: Topology, service: TopologyService): Record<string, Holder> {
  const { announcedBy, externalAddresses, uid } = service
  if (announcedBy === null || topology.services[uid]?.announcedBy === announcedBy) return topology.holders
  return externalAddresses.reduce((holders, address) => held(holders, address, announcedBy, null), topology.holders)
}

function remember(history: TopologyEvent[], event: TopologyEvent | null): TopologyEvent[] {
  return event === null ? history : [...history, event].slice(-REMEMBERED_EVENTS)
}

/** The event in a node's new state, or null. */
function beliefChanged(topology: Topology, node: TopologyNode): TopologyEvent | null {
  const known = topology.nodes[node.name]
  if (known === undefined || (known.ready === 'True') === (node.ready === 'True') || node.readySince === null) return null
  return { what: node.ready === 'True' ? 'ready' : 'not-ready', node: node.name, at: node.readySince }
}

/** How a node's failure will be felt by each Service: its share of the ready endpoints. */
function endpointsOn(topology: Topology, node: string): Record<string, { here: number; all: number }> {
  const here = new Set(Object.values(topology.pods).flatMap((pod) => (pod.node === node ? [`${pod.namespace}/${pod.name}`] : [])))
  const count = ({ namespace, endpoints }: TopologyService): number => endpoints.filter((name) => here.has(`${namespace}/${name}`)).length
  return Object.fromEntries(
    Object.values(topology.services).map((service) => [service.uid, { here: count(service), all: service.endpoints.length }]),
  )
}

function powerChanged(topology: Topology, node: string, on: boolean, at: number): TopologyEvent | null {
  const off = topology.poweredOff[node] !== undefined
  if (on) return off ? { what: 'on', node, at } : null
  return off ? null : { what: 'off', node, at, endpoints: endpointsOn(topology, node) }
}

/** The event in an announcement that another host makes than the one before, or null. */
function addressMoved(topology: Topology, address: string, host: string, at: number): TopologyEvent | null {
  const known = topology.holders[address]
  return known === undefined || known.host === host ? null : { what: 'moved', address, from: known.host, to: host, at }
}

/** The topology after one change. Pure: the argument is not touched, and parts that did not change are shared. */
export function applyChange(topology: Topology, change: TopologyChange): Topology {
  switch (change.op) {
    case 'clear':
      return emptyTopology()
    case 'node':
      return {
        ...topology,
        nodes: { ...topology.nodes, [change.node.name]: change.node },
        history: remember(topology.history, beliefChanged(topology, change.node)),
      }
    case 'node-gone':
      return { ...topology, nodes: without(topology.nodes, change.name) }
    case 'pod':
      return { ...topology, pods: { ...topology.pods, [change.pod.uid]: change.pod } }
    case 'pod-gone':
      return { ...topology, pods: without(topology.pods, change.uid) }
    case 'service':
      return {
        ...topology,
        services: { ...topology.services, [change.service.uid]: change.service },
        holders: heldAccordingTo(topology, change.service),
      }
    case 'service-gone':
      return { ...topology, services: without(topology.services, change.uid) }
    case 'software':
      return { ...topology, software: change.software }
    case 'power':
      return {
        ...topology,
        history: remember(topology.history, powerChanged(topology, change.node, change.on, change.at)),
        poweredOff: change.on ? without(topology.poweredOff, change.node) : { ...topology.poweredOff, [change.node]: change.at },
      }
    case 'neighbours':
      return { ...topology, neighbours: change.neighbours, client: change.client ?? topology.client }
    case 'gratuitous-arp':
      return {
        ...topology,
        lastGratuitousArp: { address: change.address, host: change.host, at: change.at },
        holders: held(topology.holders, change.address, change.host, change.at),
        history: remember(topology.history, addressMoved(topology, change.address, change.host, change.at)),
      }
    case 'clock':
      return {
        ...topology,
        clock: { at: change.at, speed: change.speed, ...(change.started !== undefined && { started: change.started }) },
      }
    case 'tally':
      return { ...topology, answered: change.answered, requests: change.requests }
    case 'history':
      return { ...topology, history: change.history }
    case 'request': {
      const { request } = change
      const pod = request.outcome === 'answered' ? request.pod : null
      return {
        ...topology,
        requests: { total: topology.requests.total + 1, lost: topology.requests.lost + (request.outcome === 'answered' ? 0 : 1) },
        answered: pod ? { ...topology.answered, [pod]: (topology.answered[pod] ?? 0) + 1 } : topology.answered,
        recent: [...topology.recent, request].slice(-RECENT_REQUESTS),
      }
    }
  }
}

/** The changes that rebuild a topology from nothing, for a page that joins late. */
export function changesOf(topology: Topology): TopologyChange[] {
  return [
    { op: 'clear' },
    ...Object.values(topology.nodes).map((node): TopologyChange => ({ op: 'node', node })),
    ...Object.values(topology.pods).map((pod): TopologyChange => ({ op: 'pod', pod })),
    ...Object.entries(topology.holders).flatMap(([address, { host, since, before }]): TopologyChange[] => [
      ...(before === null ? [] : [{ op: 'gratuitous-arp', address, host: before, at: since ?? 0 } satisfies TopologyChange]),
      ...(since === null ? [] : [{ op: 'gratuitous-arp', address, host, at: since } satisfies TopologyChange]),
    ]),
    ...Object.values(topology.services).map((service): TopologyChange => ({ op: 'service', service })),
    { op: 'software', software: topology.software },
    ...Object.entries(topology.poweredOff).map(([node, at]): TopologyChange => ({ op: 'power', node, on: false, at })),
    { op: 'neighbours', neighbours: topology.neighbours, ...(topology.client === null ? {} : { client: topology.client }) },
    ...topology.recent.map((request): TopologyChange => ({ op: 'request', request })),
    { op: 'tally', answered: topology.answered, requests: topology.requests },
    ...(topology.history.length > 0 ? [{ op: 'history', history: topology.history } satisfies TopologyChange] : []),
    ...(topology.lastGratuitousArp ? [{ op: 'gratuitous-arp', ...topology.lastGratuitousArp } satisfies TopologyChange] : []),
    ...(topology.clock ? [{ op: 'clock', ...topology.clock } satisfies TopologyChange] : []),
  ]
}
