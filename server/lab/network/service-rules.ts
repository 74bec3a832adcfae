/** What kube-proxy makes of a Service and its EndpointSlices: pure functions, after pkg/proxy (servicechangetracker.go, topology.go). */
import type { KubeObject } from '../resources/definition.ts'

export interface Endpoint {
  address: string
  /** The pods' port behind the service's port. */
  port: number
  node: string | null
  /** null where the endpoint was written by hand. */
  pod: { namespace: string; name: string } | null
  ready: boolean
  serving: boolean
  terminating: boolean
}

export interface ServicePortRule {
  name: string
  protocol: string
  port: number
  nodePort: number | null
  endpoints: Endpoint[]
}

export interface ServiceRules {
  namespace: string
  name: string
  uid: string
  clusterAddresses: string[]
  /** spec.externalIPs and the addresses of the load balancer (ipMode VIP). */
  externalAddresses: string[]
  ports: ServicePortRule[]
  externalPolicy: 'Cluster' | 'Local'
  internalPolicy: 'Cluster' | 'Local'
  /** ms for which a client stays with its endpoint, or null. */
  affinity: number | null
  /** CIDR ranges that may use the load balancer's address; empty: all. */
  sourceRanges: string[]
  healthCheckNodePort: number | null
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'

/** `namespace/name` of the service that an EndpointSlice belongs to, or null. */
export function serviceOfSlice(slice: KubeObject): string | null {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL]
  return name ? `${slice.metadata.namespace}/${name}` : null
}

/** The rules of one service, or null where kube-proxy has nothing to do with it (headless, ExternalName). */
export function serviceRules(service: KubeObject, slices: readonly KubeObject[]): ServiceRules | null {
  const { spec } = service
  if (!spec || spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return null
  const external = spec.type === 'LoadBalancer' || spec.type === 'NodePort'
  const balancer: { ip?: string; ipMode?: string }[] = spec.type === 'LoadBalancer' ? (service.status?.loadBalancer?.ingress ?? []) : []
  return {
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name,
    uid: service.metadata.uid,
    clusterAddresses: spec.clusterIPs ?? [spec.clusterIP],
    externalAddresses: [...(spec.externalIPs ?? []), ...balancer.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : []))],
    ports: (spec.ports ?? []).map((port: KubeObject) => ({
      name: port.name ?? '',
      protocol: port.protocol ?? 'TCP',
      port: port.port,
      nodePort: external ? (port.nodePort ?? null) : null,
      endpoints: slices.flatMap((slice) => endpointsOfSlice(slice, port.name ?? '', port.protocol ?? 'TCP')),
    })),
    externalPolicy: spec.externalTrafficPolicy === 'Local' ? 'Local' : 'Cluster',
    internalPolicy: spec.internalTrafficPolicy === 'Local' ? 'Local' : 'Cluster',
    affinity: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) * 1000 : null,
    sourceRanges: spec.type === 'LoadBalancer' ? (spec.loadBalancerSourceRanges ?? []) : [],
    healthCheckNodePort: spec.healthCheckNodePort || null,
  }
}

function endpointsOfSlice(slice: KubeObject, portName: string, protocol: string): Endpoint[] {
  const port = (slice.ports ?? []).find((each: KubeObject) => (each.name ?? '') === portName && (each.protocol ?? 'TCP') === protocol)
  if (!port?.port) return []
  return (slice.endpoints ?? []).flatMap((endpoint: KubeObject) => {
    const conditions = endpoint.conditions ?? {}
    const ready = conditions.ready ?? true
    const target = endpoint.targetRef
    return (endpoint.addresses ?? []).slice(0, 1).map((address: string) => ({
      address,
      port: port.port,
      node: endpoint.nodeName ?? endpoint.topology?.['kubernetes.io/hostname'] ?? null,
      pod: target?.kind === 'Pod' ? { namespace: target.namespace, name: target.name } : null,
      ready,
      serving: conditions.serving ?? ready,
      terminating: conditions.terminating ?? false,
    }))
  })
}

/** What a packet's policy leaves: endpoints to pick from, or why there are none. */
export type Candidates = { endpoints: Endpoint[] } | { none: 'reject' | 'drop' }

function usable(endpoints: Endpoint[]): Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  return ready.length > 0 ? ready : endpoints.filter((endpoint) => endpoint.serving && endpoint.terminating)
}

/** As CategorizeEndpoints of kube-proxy: ready ones, or else those that terminate and still serve; under Local only those of this node. */
export function candidates(port: ServicePortRule, policy: 'Cluster' | 'Local', node: string): Candidates {
  const everywhere = usable(port.endpoints)
  if (everywhere.length === 0) return { none: 'reject' }
  if (policy === 'Cluster') return { endpoints: everywhere }
  const local = usable(port.endpoints.filter((endpoint) => endpoint.node === node))
  return local.length === 0 ? { none: 'drop' } : { endpoints: local }
}
