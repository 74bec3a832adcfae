/**
 * ServiceL2Status and ServiceBGPStatus: which node announces a service, as an object (layer2_status_controller.go, bgp_status_controller.go).
 *
 * The status of the first is immutable, so that after a node has died its object stays as it was, still naming that node, until the node or its
 * speaker's pod is gone or back: the successor's update is refused. Of the second each node has its own.
 *
 * A speaker looks at its cache, which is a moment behind. So where an address goes over to another node, the one that gives it up still deletes the object
 * as its own, although the other has labelled it already, and that one, refused, makes a new one at its next try. A real cluster did so 24 times of 24.
 */
import { ApiError } from '../../store/api-error.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { WatchEvent } from '../../store/store.ts'
import type { Process } from '../process/process.ts'
import { createReconciler } from '../process/reconciler.ts'
import type { Outcome } from '../process/reconciler.ts'

/** From a request to its reconcile, and from a change of an object until the speakers' caches have it, ms. */
const LATENCY = 5
const CACHE_LAG = 10
const NODE = 'metallb.io/node'
const SERVICE = 'metallb.io/service-name'
const NAMESPACE = 'metallb.io/service-namespace'

export interface StatusKind {
  resource: string
  kind: string
  prefix: string
  runtimeName: string
  /** The reconciler's name in its lines, its source file, and where it ends. */
  name: string
  file: string
  lines: { start: number; removed: number; unchanged: number; failed: number; created: number; updated: number }
  /** Whether each node has an object of its own. */
  perNode: boolean
}

export const L2_STATUS: StatusKind = {
  resource: 'servicel2statuses.metallb.io',
  kind: 'ServiceL2Status',
  prefix: 'l2-',
  runtimeName: 'servicel2status',
  name: 'Layer2StatusReconciler',
  file: 'layer2_status_controller.go',
  lines: { start: 68, removed: 91, unchanged: 125, failed: 144, created: 151, updated: 155 },
  perNode: false,
}

export const BGP_STATUS: StatusKind = {
  resource: 'servicebgpstatuses.metallb.io',
  kind: 'ServiceBGPStatus',
  prefix: 'bgp-',
  runtimeName: 'servicebgpstatus',
  name: 'ServiceBGPStatus',
  file: 'bgp_status_controller.go',
  lines: { start: 62, removed: 87, unchanged: 126, failed: 144, created: 151, updated: 155 },
  perNode: true,
}

/**
 * `changed` is to be called when a service's announcement may be another one. `wanted` gives what the status says besides node and service, or null
 * where this node does not announce it. `start` once the caches are filled.
 */
export function createAnnouncementStatus(
  process: Process,
  of: StatusKind,
  wanted: (service: string) => Record<string, unknown> | null,
): { start(): void; changed(service: string): void } {
  const { store, node, pod } = process.context
  const { resource, kind, lines } = of
  const ownerReference = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }
  const cached = new Map<string, KubeObject>()
  const mine = ({ metadata }: KubeObject): boolean => metadata.labels?.[NODE] === node

  const reconcile = (key: string): Outcome => {
    if (!store.definition(resource)) return { line: lines.unchanged }
    const [serviceNamespace, serviceName] = key.split('/') as [string, string]
    const existing = [...cached.values()]
      .filter(({ metadata }) => metadata.labels?.[SERVICE] === serviceName && metadata.labels[NAMESPACE] === serviceNamespace)
      .filter((object) => !of.perNode || mine(object))
    const remove = (objects: readonly KubeObject[]): void => {
      for (const { metadata } of objects)
        if (store.get(resource, process.namespace, metadata.name)) store.delete(resource, process.namespace, metadata.name)
    }
    const says = wanted(key)
    if (says === null) {
      remove(existing.filter(mine))
      return { line: lines.removed }
    }
    remove(existing.slice(1).filter(mine))
    const labels = { [NODE]: node, [SERVICE]: serviceName, [NAMESPACE]: serviceNamespace }
    const status = { ...says, node, serviceName, serviceNamespace }
    const [first] = existing
    if (!first) {
      // the status follows with the reconcile that the new object brings about
      store.create(resource, {
        apiVersion: 'metallb.io/v1beta1',
        kind,
        metadata: { generateName: of.prefix, namespace: process.namespace, labels, ownerReferences: [ownerReference] },
        spec: {},
      })
      return { line: lines.created }
    }
    if (sameStatus(first.status, status)) return { line: lines.unchanged }
    const { name } = first.metadata
    store.mutate(resource, process.namespace, name, (object) => {
      object.metadata.labels = labels
      const owners = object.metadata.ownerReferences ?? []
      if (!owners.some(({ uid }) => uid === ownerReference.uid)) object.metadata.ownerReferences = [...owners, ownerReference]
    })
    const before: string | undefined = first.status?.node
    if (before !== undefined && before !== node) {
      const error = `${kind}.metallb.io ${JSON.stringify(name)} is invalid: status.node: Invalid value: ${JSON.stringify(node)}: Value is immutable`
      return { line: lines.failed, retry: error }
    }
    store.mutate(resource, process.namespace, name, (object) => void (object.status = status), { subresource: 'status' })
    return { line: lines.updated }
  }

  const reconciler = createReconciler(process, {
    name: of.name,
    file: of.file,
    start: lines.start,
    runtimeName: of.runtimeName,
    latency: LATENCY,
    reconcile(key) {
      try {
        return reconcile(key)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        // a namespace that terminates takes no new objects
        return error.reason === 'Forbidden' ? { line: lines.failed } : { line: lines.failed, retry: error.message }
      }
    },
  })
  return {
    start() {
      const take = ({ type, object }: WatchEvent): void => {
        if (type === 'DELETED') cached.delete(object.metadata.name)
        else cached.set(object.metadata.name, object)
        const { labels } = object.metadata
        if (mine(object) && labels?.[SERVICE] && labels[NAMESPACE]) reconciler.add(`${labels[NAMESPACE]}/${labels[SERVICE]}`)
      }
      let filled = false
      process.watch(resource, (event) => (filled ? process.after(CACHE_LAG, () => take(event)) : take(event)))
      filled = true
    },
    changed: (service) => reconciler.add(service),
  }
}

function sameStatus(a: Record<string, unknown> | undefined, b: Record<string, unknown>): boolean {
  const text = (status: Record<string, unknown>): string => JSON.stringify(Object.entries(status).toSorted(([x], [y]) => (x < y ? -1 : 1)))
  return a !== undefined && text(a) === text(b)
}
