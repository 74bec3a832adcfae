/**
 * The garbage collector, as pkg/controller/garbagecollector: a graph of owners over every resource.
 *
 *     owner gone                        → dependents with no owner left are deleted, the others lose the reference
 *     owner with `foregroundDeletion`   → dependents are deleted; once none blocks, the finalizer goes
 *     owner with `orphan`               → dependents lose the reference, then the finalizer goes
 */
import type { ControllerContext } from '../machinery/context.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { type KubeObject, resourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'

interface Node {
  resource: string
  object: KubeObject
}

/** The garbage collector does not follow these (DefaultIgnoredResources). */
const IGNORED = new Set(['events', 'events.events.k8s.io'])
/** How long after a change of the custom resources the collector looks at what there is now. */
const RESYNC = 100

export function startGarbageCollector(context: ControllerContext): Disposable {
  const { store, clock } = context
  const nodes = new Map<string, Node>()
  const dependents = new Map<string, Set<string>>()
  const watches = new Map<string, Disposable>()

  const link = (uid: string, object: KubeObject): void => {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const children = dependents.get(owner.uid)
      if (children) children.add(uid)
      else dependents.set(owner.uid, new Set([uid]))
    }
  }
  const unlink = (uid: string, object: KubeObject): void => {
    for (const owner of object.metadata.ownerReferences ?? []) {
      const children = dependents.get(owner.uid)
      children?.delete(uid)
      if (children?.size === 0) dependents.delete(owner.uid)
    }
  }
  const childrenOf = (uid: string): Node[] => [...(dependents.get(uid) ?? [])].flatMap((child) => nodes.get(child) ?? [])

  const changed = (type: string, resource: string, object: KubeObject): void => {
    const { uid } = object.metadata
    const known = nodes.get(uid)
    if (known) unlink(uid, known.object)
    if (type === 'DELETED') {
      nodes.delete(uid)
      for (const child of dependents.get(uid) ?? []) queue.add(child)
      // an owner that waits for its dependents may be done
      for (const owner of object.metadata.ownerReferences ?? []) if (waits(owner.uid)) queue.add(owner.uid)
      return
    }
    nodes.set(uid, { resource, object })
    link(uid, object)
    const owners = object.metadata.ownerReferences ?? []
    if (waits(uid) || owners.some((owner) => !nodes.has(owner.uid) || waits(owner.uid))) queue.add(uid)
  }

  /** Being deleted with a finalizer of the collector's. */
  const waits = (uid: string): boolean => {
    const metadata = nodes.get(uid)?.object.metadata
    if (!metadata?.deletionTimestamp) return false
    return Boolean(metadata.finalizers?.some((finalizer) => finalizer === 'foregroundDeletion' || finalizer === 'orphan'))
  }

  const removeFinalizer = ({ resource, object }: Node, finalizer: string): void => {
    store.mutate(resource, object.metadata.namespace ?? null, object.metadata.name, (copy) => {
      copy.metadata.finalizers = (copy.metadata.finalizers ?? []).filter((other) => other !== finalizer)
    })
  }
  const removeOwner = ({ resource, object }: Node, gone: (uid: string) => boolean): void => {
    store.mutate(resource, object.metadata.namespace ?? null, object.metadata.name, (copy) => {
      const rest = (copy.metadata.ownerReferences ?? []).filter(({ uid }) => !gone(uid))
      if (rest.length > 0) copy.metadata.ownerReferences = rest
      else delete copy.metadata.ownerReferences
    })
  }
  const remove = ({ resource, object }: Node, propagationPolicy: 'Background' | 'Foreground'): void => {
    const { namespace, name, uid } = object.metadata
    try {
      store.delete(resource, namespace ?? null, name, { propagationPolicy, preconditions: { uid } })
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 404) throw error
    }
  }

  /** The owner's side: finalizers of an object that is being deleted. */
  const finalize = (node: Node): void => {
    const { finalizers = [], uid } = node.object.metadata
    if (finalizers.includes('orphan')) {
      for (const child of childrenOf(uid)) removeOwner(child, (owner) => owner === uid)
      return removeFinalizer(node, 'orphan')
    }
    const blocking = childrenOf(uid).filter(({ object }) =>
      object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    )
    if (blocking.length === 0) return removeFinalizer(node, 'foregroundDeletion')
    for (const child of childrenOf(uid)) queue.add(child.object.metadata.uid)
  }

  const sync = (uid: string): void => {
    const node = nodes.get(uid)
    if (!node) return
    if (waits(uid)) {
      finalize(node)
      return
    }
    const { metadata } = node.object
    const owners = metadata.ownerReferences ?? []
    if (owners.length === 0 || metadata.deletionTimestamp) return
    const solid = owners.filter((owner) => nodes.has(owner.uid) && !isForeground(owner.uid))
    const waiting = owners.filter((owner) => nodes.has(owner.uid) && isForeground(owner.uid))
    if (solid.length > 0) {
      if (solid.length < owners.length) removeOwner(node, (owner) => !solid.some(({ uid: kept }) => kept === owner))
      return
    }
    remove(node, waiting.length > 0 && childrenOf(uid).length > 0 ? 'Foreground' : 'Background')
  }
  const isForeground = (uid: string): boolean => {
    const metadata = nodes.get(uid)?.object.metadata
    return Boolean(metadata?.deletionTimestamp && metadata.finalizers?.includes('foregroundDeletion'))
  }

  const queue = createWorkqueue(context, sync, { latency: [5, 20], service: [0, 1] })

  /** Watches what there is; custom resources come and go. */
  const follow = (): void => {
    const now = new Map(store.definitions().map((definition) => [resourceName(definition), definition]))
    for (const [resource, watch] of watches) {
      if (now.has(resource)) continue
      watch.dispose()
      watches.delete(resource)
      for (const [uid, node] of nodes) {
        if (node.resource !== resource) continue
        unlink(uid, node.object)
        nodes.delete(uid)
      }
    }
    for (const resource of now.keys()) {
      if (watches.has(resource) || IGNORED.has(resource)) continue
      watches.set(
        resource,
        store.watch(resource, { initial: true }, ({ type, object }) => changed(type, resource, object)),
      )
    }
  }
  follow()
  const crds = store.watch('customresourcedefinitions.apiextensions.k8s.io', {}, () => clock.after(RESYNC, follow))
  return {
    dispose() {
      queue.dispose()
      crds.dispose()
      for (const watch of watches.values()) watch.dispose()
      watches.clear()
    },
  }
}
