/** Kubernetes objects as what the diagrams draw. Pure. */
import type { NodeCondition, TopologyNode, TopologyPod, TopologyService } from '../protocol/topology.ts'
import { podStatus } from './pod-status.ts'
import type { KubernetesObject } from './reflector.ts'

const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

function condition(object: KubernetesObject, type: string): any {
  return (object.status?.conditions ?? []).find((candidate: any) => candidate.type === type)
}

function time(text: string | undefined): number | null {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : at
}

/** A speaker of MetalLB, of either era. */
export function isSpeaker(pod: KubernetesObject): boolean {
  const labels = pod.metadata.labels ?? {}
  return labels.component === 'speaker' && labels.app === 'metallb'
}

function isReady(pod: KubernetesObject): boolean {
  return condition(pod, 'Ready')?.status === 'True'
}

function speakerState(node: KubernetesObject, pods: KubernetesObject[]): TopologyNode['speaker'] {
  const mine = pods.filter((pod) => pod.spec?.nodeName === node.metadata.name)
  if (mine.length === 0) return 'none'
  if (mine.some(isReady)) return 'running'
  // a pod that was ready once and is no more, or whose node is out of reach, is down; others are on their way
  const isUnreachable = condition(node, 'Ready')?.status !== 'True'
  const hasStarted = mine.some((pod) => (pod.status?.containerStatuses ?? []).some((container: any) => container.state?.running))
  return isUnreachable || hasStarted ? 'down' : 'starting'
}

/** `speakers`: all speaker pods of the cluster. */
export function nodeEntity(node: KubernetesObject, speakers: KubernetesObject[]): TopologyNode {
  const labels = node.metadata.labels ?? {}
  const ready = condition(node, 'Ready')
  return {
    name: node.metadata.name,
    address: (node.status?.addresses ?? []).find((address: any) => address.type === 'InternalIP')?.address ?? '',
    controlPlane: CONTROL_PLANE.some((label) => label in labels),
    ready: (ready?.status ?? 'Unknown') as NodeCondition,
    readySince: time(ready?.lastTransitionTime),
    schedulable: node.spec?.unschedulable !== true,
    speaker: speakerState(node, speakers),
  }
}

export function podEntity(pod: KubernetesObject): TopologyPod {
  return {
    uid: pod.metadata.uid,
    name: pod.metadata.name,
    namespace: pod.metadata.namespace ?? 'default',
    labels: pod.metadata.labels ?? {},
    node: pod.spec?.nodeName || null,
    address: pod.status?.podIP || null,
    status: podStatus(pod),
    ready: isReady(pod),
    terminating: pod.metadata.deletionTimestamp !== undefined,
    createdAt: time(pod.metadata.creationTimestamp) ?? 0,
  }
}

/** Whose slice this is. */
export function serviceOf(slice: KubernetesObject): string | undefined {
  return slice.metadata.labels?.['kubernetes.io/service-name']
}

/** What is said about who announces a service. */
export interface Announcements {
  /** nodeAssigned events of the service. */
  events: KubernetesObject[]
  /** ServiceL2Status objects of the service; null where the cluster does not know that kind (MetalLB before 0.14). */
  statuses: KubernetesObject[] | null
  /** The node whose speaker's label was on the service's ServiceL2Status that went last; null where none has gone. */
  removedBy: string | null
}

function eventTime(event: KubernetesObject): number {
  return (
    time(event.series?.lastObservedTime) ??
    time(event.lastTimestamp) ??
    time(event.eventTime) ??
    time(event.metadata.creationTimestamp) ??
    0
  )
}

/** Later in time; among equal times (events carry whole seconds) what the server stored later. */
function isLater(a: KubernetesObject, b: KubernetesObject): boolean {
  const [at, than] = [eventTime(a), eventTime(b)]
  return at !== than ? at > than : Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion)
}

function nodeOfEvent(event: KubernetesObject | undefined): string | null {
  return /announcing from node "([^"]+)"/.exec(event?.message ?? '')?.[1] ?? null
}

/**
 * The node that announces a service's address. A dead node's ServiceL2Status outlives it, and events outlive what they tell of: the last event decides
 * among the statuses, and no status at all means that nobody announces. But a speaker whose rival comes back takes away the status that both share (of
 * which it holds the label, not the node), at times after that one has looked at it: then the one that took it away is not who announces.
 */
export function announcedBy(service: KubernetesObject, { events, statuses, removedBy }: Announcements): string | null {
  if ((service.status?.loadBalancer?.ingress ?? []).length === 0) return null
  const last = events.reduce<KubernetesObject | undefined>(
    (latest, event) => (latest && !isLater(event, latest) ? latest : event),
    undefined,
  )
  const byEvent = nodeOfEvent(last)
  if (statuses === null) return byEvent
  const nodes = statuses.map((status) => ({
    node: status.status?.node as string | undefined,
    at: time(status.metadata.creationTimestamp) ?? 0,
  }))
  if (nodes.length === 0) return removedBy !== null && removedBy !== byEvent ? byEvent : null
  if (byEvent !== null && nodes.some(({ node }) => node === byEvent)) return byEvent
  // the event comes a moment before the status, and a status may be older than the kind's watch
  if (byEvent !== null && last && nodes.every(({ at }) => at < eventTime(last))) return byEvent
  return nodes.toSorted((a, b) => b.at - a.at)[0]?.node ?? null
}

export function serviceEntity(service: KubernetesObject, slices: KubernetesObject[], announcements: Announcements): TopologyService {
  const { spec = {}, status = {} } = service
  const endpoints = slices.flatMap((slice) => (slice.endpoints ?? []) as any[])
  // no condition means ready (EndpointConditions in discovery/v1)
  const ready = endpoints.filter((endpoint) => endpoint.conditions?.ready !== false)
  return {
    uid: service.metadata.uid,
    name: service.metadata.name,
    namespace: service.metadata.namespace ?? 'default',
    type: spec.type ?? 'ClusterIP',
    clusterIP: spec.clusterIP && spec.clusterIP !== 'None' ? spec.clusterIP : null,
    selector: spec.selector ?? {},
    ports: (spec.ports ?? []).map((port: any) => ({
      name: port.name ?? null,
      port: port.port,
      targetPort: String(port.targetPort ?? port.port),
      nodePort: port.nodePort ?? null,
      protocol: port.protocol ?? 'TCP',
    })),
    externalTrafficPolicy: spec.externalTrafficPolicy ?? null,
    externalAddresses: (status.loadBalancer?.ingress ?? []).map((ingress: any) => ingress.ip ?? ingress.hostname).filter(Boolean),
    announcedBy: announcedBy(service, announcements),
    endpoints: ready.flatMap((endpoint) => (endpoint.targetRef?.kind === 'Pod' ? [endpoint.targetRef.name as string] : [])).toSorted(),
    notReadyEndpoints: endpoints.length - ready.length,
    createdAt: time(service.metadata.creationTimestamp) ?? 0,
  }
}

/** The tag of the image of MetalLB's controller. */
export function metallbVersion(deployment: KubernetesObject | undefined): string | null {
  const image: string = deployment?.spec?.template?.spec?.containers?.[0]?.image ?? ''
  return /:([^:/@]+)(@|$)/.exec(image)?.[1] ?? null
}
