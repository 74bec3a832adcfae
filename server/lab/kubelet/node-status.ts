/** A node's own object: how the kubelet registers it, the conditions it reports, its Lease. */
import { microTimestamp, sameJson, timestamp } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { NodeRuntime } from './node-runtime.ts'

/** kubelet's defaults: the Lease every 10 s, the status every 5 minutes or when it changes. */
export const LEASE_INTERVAL = 10_000
export const STATUS_INTERVAL = 300_000
const LEASE_SECONDS = 40

const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

/** The node's conditions as its kubelet reports them now; transition times stay where the status is the same. */
function kubeletConditions(existing: KubeObject[] | undefined, now: number): object[] {
  const own = CONDITIONS.map(([type, status, reason, message]) => {
    const before = existing?.find((condition) => condition.type === type)
    return {
      lastHeartbeatTime: timestamp(now),
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(now),
      message,
      reason,
      status,
      type,
    }
  })
  const others = (existing ?? []).filter((condition) => !own.some(({ type }) => type === condition.type))
  return [...others, ...own]
}

/** The labels that a kubelet gives its node. Source: initialNode of kubelet_node_status.go. */
const OWN_LABELS = ['beta.kubernetes.io/arch', 'beta.kubernetes.io/os', 'kubernetes.io/arch', 'kubernetes.io/hostname', 'kubernetes.io/os']

/**
 * Registers the node, as `last` known but without what others had put on it: taints, labels, annotations. A kubelet does so when it starts, and only then:
 * whoever deletes a node under a running kubelet does not see it again until that one is restarted. The network of its pods stays the node's.
 */
export function registerNode({ context, name }: NodeRuntime, last: KubeObject): void {
  const { store, clock } = context
  const labels = Object.fromEntries(Object.entries(last.metadata.labels ?? {}).filter(([key]) => OWN_LABELS.includes(key)))
  const { podCIDR, podCIDRs } = last.spec
  store.create(
    'nodes',
    {
      metadata: { name, labels, annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
      spec: podCIDR ? { podCIDR, podCIDRs } : {},
      status: { ...last.status, conditions: kubeletConditions([], clock.now()) },
    },
    { fieldManager: 'kubelet' },
  )
}

export function hasLease({ context, name }: NodeRuntime): boolean {
  return context.store.get('leases.coordination.k8s.io', 'kube-node-lease', name) !== undefined
}

/** Renews the node's Lease, or makes it. */
export function renewLease(runtime: NodeRuntime): void {
  const { store, clock } = runtime.context
  const renewTime = microTimestamp(clock.now())
  const renewed = store.mutate(
    'leases.coordination.k8s.io',
    'kube-node-lease',
    runtime.name,
    (lease) => void (lease.spec.renewTime = renewTime),
  )
  if (renewed) return
  const node = store.get('nodes', null, runtime.name)
  if (!node || !store.get('namespaces', null, 'kube-node-lease')) return
  store.create('leases.coordination.k8s.io', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: runtime.name,
      namespace: 'kube-node-lease',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: runtime.name, uid: node.metadata.uid }],
    } as KubeObject['metadata'],
    spec: { holderIdentity: runtime.name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
  })
}

/** Whether a name is one of an extended resource: a domain that is not Kubernetes' own. */
function isExtended(resource: string): boolean {
  return resource.includes('/') && !/(^|\.)kubernetes\.io\//.test(resource) && !resource.startsWith('requests.')
}

/** What may be used of the resources that somebody else told the node it has; null where the node says so already. */
function extendedAllocatable(status: KubeObject['status']): Record<string, string> | null {
  const capacity: Record<string, string> = status?.capacity ?? {}
  const allocatable: Record<string, string> = status?.allocatable ?? {}
  const own = Object.entries(allocatable).filter(([name]) => !isExtended(name))
  const made = Object.fromEntries([...own, ...Object.entries(capacity).filter(([name]) => isExtended(name))])
  return sameJson(made, allocatable) ? null : made
}

/** Reports the node's status. Returns the conditions whose status changed, in order. */
export function reportStatus(runtime: NodeRuntime, change?: (status: KubeObject['status']) => void): string[] {
  const { store, clock } = runtime.context
  const now = clock.now()
  const before = store.get('nodes', null, runtime.name)
  if (!before) return []
  const after = store.mutate(
    'nodes',
    null,
    runtime.name,
    (node) => {
      node.status.conditions = kubeletConditions(node.status.conditions, now)
      node.status.images = runtime.puller.list()
      node.status.allocatable = extendedAllocatable(node.status) ?? node.status.allocatable
      change?.(node.status)
    },
    { subresource: 'status' },
  )
  const statuses = (node: KubeObject | undefined): Map<string, string> =>
    new Map((node?.status?.conditions ?? []).map(({ type, status }: { type: string; status: string }) => [type, status]))
  const old = statuses(before)
  return [...statuses(after)].filter(([type, status]) => old.get(type) !== status).map(([type]) => type)
}

/** True where the images or the resources that the node reports are not what it has. */
export function isOutdated(runtime: NodeRuntime): boolean {
  const node = runtime.context.store.get('nodes', null, runtime.name)
  if (!node) return false
  return extendedAllocatable(node.status) !== null || !sameJson(node.status?.images ?? [], runtime.puller.list())
}
