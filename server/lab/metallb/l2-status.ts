/**
 * ServiceL2Status: which node announces a service, as an object (layer2_status_controller.go). Its status is immutable, so that after a node has
 * died its object stays as it was, still naming that node, until the node or its speaker's pod is gone or back: the successor's update is refused.
 */
import { ApiError } from '../store/api-error.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { Log } from './logger.ts'
import type { Process } from './process.ts'
import { createWorkQueue } from './queue.ts'

const RESOURCE = 'servicel2statuses.metallb.io'
const LATENCY = 15
const NODE = 'metallb.io/node'
const SERVICE = 'metallb.io/service-name'
const NAMESPACE = 'metallb.io/service-namespace'

/** Gives a function to call when a service's announcement may have changed. `announces` tells whether this node does, and on which interfaces. */
export function createL2Status(
  process: Process,
  log: Log,
  announces: (service: string) => { interfaces: string[] } | null,
): { changed(service: string): void } {
  const { store, clock, node, pod } = process.context

  const ownerReference = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }
  const reconcile = (key: string): boolean => {
    if (!store.definition(RESOURCE)) return true
    const [serviceNamespace, serviceName] = key.split('/') as [string, string]
    const existing = process
      .list(RESOURCE)
      .filter(({ metadata }) => metadata.labels?.[SERVICE] === serviceName && metadata.labels[NAMESPACE] === serviceNamespace)
    const mine = (object: KubeObject): boolean => object.metadata.labels?.[NODE] === node
    const remove = (objects: readonly KubeObject[]): void => {
      for (const { metadata } of objects) store.delete(RESOURCE, process.namespace, metadata.name)
    }
    const announced = announces(key)
    if (announced === null) {
      remove(existing.filter(mine))
      return true
    }
    remove(existing.slice(1).filter(mine))
    const labels = { [NODE]: node, [SERVICE]: serviceName, [NAMESPACE]: serviceNamespace }
    const status = {
      node,
      serviceName,
      serviceNamespace,
      ...(announced.interfaces.length > 0 ? { interfaces: announced.interfaces.map((name) => ({ name })) } : {}),
    }
    const [first] = existing
    const target =
      first ??
      store.create(RESOURCE, {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'ServiceL2Status',
        metadata: { generateName: 'l2-', namespace: process.namespace, labels, ownerReferences: [ownerReference] },
        spec: {},
      })
    const { name } = target.metadata
    if (target.status?.node === node && JSON.stringify(target.status) === JSON.stringify(status)) return true
    if (first) {
      store.mutate(RESOURCE, process.namespace, name, (object) => {
        object.metadata.labels = { ...object.metadata.labels, ...labels }
        const owners = object.metadata.ownerReferences ?? []
        if (!owners.some(({ uid }) => uid === ownerReference.uid)) object.metadata.ownerReferences = [...owners, ownerReference]
      })
    }
    if (target.status?.node !== undefined && target.status.node !== node) {
      const error = `ServiceL2Status.metallb.io ${JSON.stringify(name)} is invalid: status.node: Invalid value: ${JSON.stringify(node)}: Value is immutable`
      log('controller.go:474', {
        level: 'error',
        msg: 'Reconciler error',
        controller: 'servicel2status',
        namespace: serviceNamespace,
        name: serviceName,
        error,
      })
      return false
    }
    store.mutate(RESOURCE, process.namespace, name, (object) => void (object.status = status), { subresource: 'status' })
    return true
  }

  const queue = createWorkQueue(clock, LATENCY, (key) => {
    try {
      return reconcile(key)
    } catch (error) {
      // a namespace that terminates takes no new objects
      if (error instanceof ApiError) return error.reason === 'Forbidden'
      throw error
    }
  })
  process.own(() => queue.dispose())
  return { changed: (service) => queue.add(service) }
}
