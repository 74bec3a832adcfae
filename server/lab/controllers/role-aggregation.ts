/** Writes the rules of cluster roles that are made up of others (pkg/controller/clusterroleaggregation). */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { sameJson } from '../machinery/objects.ts'
import { type LabelSelector, matchesSelector } from '../machinery/selectors.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { Disposable } from '../store/store.ts'

const RESOURCE = 'clusterroles.rbac.authorization.k8s.io'

export function startRoleAggregation(context: ControllerContext): Disposable {
  const { store } = context
  const queue = createWorkqueue(context, (name) => {
    const role = store.get(RESOURCE, null, name)
    const selectors: LabelSelector[] | undefined = role?.['aggregationRule']?.clusterRoleSelectors
    if (!role || !selectors) return
    const rules: object[] = []
    for (const other of store.list(RESOURCE)) {
      if (other.metadata.name === name || !selectors.some((selector) => matchesSelector(selector, other.metadata.labels))) continue
      for (const rule of other['rules'] ?? []) if (!rules.some((each) => sameJson(each, rule))) rules.push(rule)
    }
    if (sameJson(role['rules'] ?? [], rules)) return
    store.mutate(RESOURCE, null, name, (copy) => void (copy['rules'] = rules), { fieldManager: 'clusterrole-aggregation-controller' })
  })
  // Any role may be a part of any other.
  const watch = store.watch(RESOURCE, {}, () => {
    for (const { metadata, aggregationRule } of store.list(RESOURCE)) if (aggregationRule) queue.add(metadata.name)
  })
  return disposeAll([queue, watch])
}
