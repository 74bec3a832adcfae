/** The namespace controller: empties a namespace that is being deleted, then lets go of it; as pkg/controller/namespace. */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { type Condition, timestamp } from '../machinery/objects.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { resourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'

/** Events of a namespace are worked after this long, so that writes from before its deletion have arrived (namespaceDeletionGracePeriod). */
const GRACE_PERIOD = 5000
const FINALIZER = 'kubernetes'

type Made = [type: string, status: 'True' | 'False', reason: string, message: string]

const DISCOVERED: Made[] = [
  ['NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  ['NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
]

export function startNamespaceController(context: ControllerContext): Disposable {
  const { store, clock } = context

  const sync = (name: string): void => {
    const namespace = store.get('namespaces', null, name)
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes(FINALIZER)) return
    const remaining = new Map<string, number>()
    const finalizers = new Map<string, number>()
    for (const definition of store.definitions()) {
      if (!definition.namespaced || !definition.verbs.includes('delete')) continue
      const resource = resourceName(definition)
      for (const object of store.list(resource, name)) {
        try {
          if (!object.metadata.deletionTimestamp) store.delete(resource, name, object.metadata.name, { propagationPolicy: 'Background' })
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
        }
      }
      const left = store.list(resource, name)
      if (left.length > 0)
        remaining.set(definition.group ? `${definition.plural}.${definition.group}` : `${definition.plural}.`, left.length)
      for (const { metadata } of left)
        for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
    }
    writeConditions(name, remaining, finalizers)
    if (remaining.size > 0) {
      queue.addAfter(name, GRACE_PERIOD)
      return
    }
    store.mutate(
      'namespaces',
      null,
      name,
      (copy) => void (copy.spec.finalizers = copy.spec.finalizers.filter((finalizer: string) => finalizer !== FINALIZER)),
      { subresource: 'finalize' },
    )
  }

  const writeConditions = (name: string, remaining: Map<string, number>, finalizers: Map<string, number>): void => {
    const list = (counts: Map<string, number>, words: string): string =>
      [...counts]
        .toSorted()
        .map(([what, count]) => `${what} ${words} ${count} resource instances`)
        .join(', ')
    const made: Made[] = [
      ...DISCOVERED,
      remaining.size > 0
        ? ['NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${list(remaining, 'has')}`]
        : ['NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'],
      finalizers.size > 0
        ? [
            'NamespaceFinalizersRemaining',
            'True',
            'SomeFinalizersRemain',
            `Some content in the namespace has finalizers remaining: ${list(finalizers, 'in')}`,
          ]
        : ['NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ]
    store.mutate(
      'namespaces',
      null,
      name,
      (copy) => {
        const before: Condition[] = copy.status?.conditions ?? []
        copy.status = {
          ...copy.status,
          conditions: made.map(([type, status, reason, message]) => {
            const old = before.find((condition) => condition.type === type)
            const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timestamp(clock.now())
            return { lastTransitionTime, message, reason, status, type }
          }),
        }
      },
      { subresource: 'status' },
    )
  }

  const queue = createWorkqueue(context, sync)
  const watch = store.watch('namespaces', { initial: true }, ({ type, object }) => {
    // whatever happens to it counts: one that is deleted within the period after its creation is worked at the end of that
    if (type !== 'DELETED') queue.addAfter(object.metadata.name, GRACE_PERIOD)
  })
  return disposeAll([queue, watch])
}
