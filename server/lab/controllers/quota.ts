/** The resource quota controller: keeps status.hard and status.used of every quota (pkg/controller/resourcequota). */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { keyOf, sameJson, splitKey } from '../machinery/objects.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { resourceName, type KubeObject, type ResourceDefinition } from '../resources/definition.ts'
import { mask, type ResourceList } from '../resources/kit/resource-list.ts'
import { evaluatorOf, totalUsage } from '../resources/quota/usage.ts'
import type { Disposable, WatchEvent } from '../store/store.ts'

const RESOURCE = 'resourcequotas'

export function startQuotaController(context: ControllerContext): Disposable {
  const { store, clock } = context
  /** Watches of what some quota counts. */
  const counted = new Map<string, Disposable>()

  /** The kinds that a quota counts, with those of its resources that each is charged for. */
  const chargedKinds = (hard: ResourceList): { definition: ResourceDefinition; names: string[] }[] =>
    store.definitions().flatMap((definition) => {
      const names = evaluatorOf(definition)?.matching(Object.keys(hard)) ?? []
      return names.length > 0 ? [{ definition, names }] : []
    })

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const quota = store.get(RESOURCE, namespace, name)
    if (!quota || quota.metadata.deletionTimestamp) return
    const hard: ResourceList = quota.spec?.hard ?? {}
    let used: ResourceList = mask(quota.status?.used ?? {}, Object.keys(hard))
    for (const { definition, names } of chargedKinds(hard)) {
      const resource = resourceName(definition)
      const evaluator = evaluatorOf(definition)
      if (evaluator === null) continue
      used = { ...used, ...totalUsage(evaluator, quota, names, store.list(resource, namespace), clock.now()) }
      if (!counted.has(resource))
        counted.set(
          resource,
          store.watch(resource, {}, (event) => replenish(definition, event)),
        )
    }
    const sorted = Object.fromEntries(Object.entries(used).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const status = { ...(Object.keys(hard).length > 0 ? { hard, used: sorted } : {}) }
    if (sameJson(quota.status, status)) return
    store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
  }

  /** What goes, or counts for something else than before, gives room: creation is charged by the API server itself. */
  const replenish = (definition: ResourceDefinition, { type, object, previous }: WatchEvent): void => {
    if (type === 'ADDED') return
    if (type === 'MODIFIED' && previous && !countsOtherwise(definition, object, previous)) return
    for (const quota of store.list(RESOURCE, object.metadata.namespace)) queue.add(keyOf(quota))
  }

  const countsOtherwise = (definition: ResourceDefinition, object: KubeObject, previous: KubeObject): boolean => {
    const evaluator = evaluatorOf(definition)
    return evaluator !== null && !sameJson(evaluator.usage(object, clock.now()), evaluator.usage(previous, clock.now()))
  }

  const queue = createWorkqueue(context, sync)
  const quotas = store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
    if (type !== 'DELETED') queue.add(keyOf(object))
  })
  return disposeAll([queue, quotas, { dispose: () => counted.forEach((watch) => watch.dispose()) }])
}
