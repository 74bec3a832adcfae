/** The disruption controller: keeps the status of PodDisruptionBudgets, which evictions are decided by (pkg/controller/disruption). */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { createRecorder } from '../machinery/events.ts'
import { controllerOf, isPodReady, keyOf, milliseconds, sameJson, scaledValue, splitKey } from '../machinery/objects.ts'
import { matchesSelector } from '../machinery/selectors.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { type KubeObject, type OwnerReference, resourceName } from '../resources/definition.ts'
import { disruptionCondition } from '../resources/policy.ts'
import type { Disposable } from '../store/store.ts'

const RESOURCE = 'poddisruptionbudgets.policy'
/** How long an evicted pod may take until it is marked for deletion. */
const DELETION_TIMEOUT_MS = 120_000

interface Expected {
  expectedPods: number
  desiredHealthy: number
  unmanaged: boolean
}

export function startDisruptionController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'controllermanager')

  /** How many pods the owner of a pod is to have. */
  const scaleOf = (owner: OwnerReference, namespace: string): { uid: string; replicas: number } => {
    const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : ['']
    const definition = store.definitions().find((each) => each.kind === owner.kind && each.group === group)
    if (!definition) throw new Error(`no matches for kind "${owner.kind}" in version "${owner.apiVersion}"`)
    const resource = resourceName(definition)
    if (!definition.subresources.includes('scale')) throw new Error(`${resource} does not implement the scale subresource`)
    const object = store.get(resource, namespace, owner.name)
    if (object?.metadata.uid !== owner.uid) return { uid: owner.uid, replicas: 0 }
    const above = owner.kind === 'ReplicaSet' ? controllerOf(object) : undefined
    return above ? scaleOf(above, namespace) : { uid: owner.uid, replicas: object['spec']?.replicas ?? 1 }
  }

  const expectedScale = (pods: readonly KubeObject[]): { count: number; unmanaged: boolean } => {
    const scales = new Map<string, number>()
    for (const pod of pods) {
      const owner = controllerOf(pod)
      if (!owner) continue
      const { uid, replicas } = scaleOf(owner, pod.metadata.namespace ?? '')
      scales.set(uid, replicas)
    }
    return { count: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged: pods.some((pod) => !controllerOf(pod)) }
  }

  const expected = ({ spec }: KubeObject, pods: readonly KubeObject[]): Expected => {
    const { minAvailable, maxUnavailable } = spec ?? {}
    if (maxUnavailable !== undefined) {
      const { count, unmanaged } = expectedScale(pods)
      return { expectedPods: count, desiredHealthy: Math.max(0, count - scaledValue(maxUnavailable, count, true)), unmanaged }
    }
    if (typeof minAvailable === 'string') {
      const { count, unmanaged } = expectedScale(pods)
      return { expectedPods: count, desiredHealthy: scaledValue(minAvailable, count, true), unmanaged }
    }
    return minAvailable === undefined
      ? { expectedPods: 0, desiredHealthy: 0, unmanaged: false }
      : { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: false }
  }

  /** Evicted pods that are not yet marked for deletion, and the time at which to look again. */
  const disrupted = (budget: KubeObject, pods: readonly KubeObject[]): { left: Record<string, string>; recheck: number | null } => {
    const left: Record<string, string> = {}
    let recheck: number | null = null
    for (const pod of pods) {
      const since: string | undefined = budget['status']?.disruptedPods?.[pod.metadata.name]
      if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue
      const until = milliseconds(since) + DELETION_TIMEOUT_MS
      if (until < clock.now()) {
        const namespace = budget.metadata.namespace
        recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`)
        continue
      }
      left[pod.metadata.name] = since
      recheck = Math.min(recheck ?? until, until)
    }
    return { left, recheck }
  }

  const write = (budget: KubeObject, status: KubeObject['status']): void => {
    if (sameJson(budget['status'], status)) return
    const { namespace = null, name } = budget.metadata
    store.mutate(RESOURCE, namespace, name, (copy) => void (copy['status'] = status), { subresource: 'status' })
  }

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const budget = store.get(RESOURCE, namespace, name)
    if (!budget) return
    const pods = store.list('pods', namespace).filter((pod) => matchesSelector(budget.spec?.selector, pod.metadata.labels))
    if (pods.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    let wanted: Expected
    try {
      wanted = expected(budget, pods)
    } catch (error) {
      const { message } = error as Error
      recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${message}`)
      const status = { ...budget['status'], disruptionsAllowed: 0 }
      write(budget, { ...status, conditions: [disruptionCondition(status, clock.now(), { reason: 'SyncFailed', message })] })
      return
    }
    if (wanted.unmanaged) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanagedMessage(budget))
    const { left, recheck } = disrupted(budget, pods)
    const currentHealthy = pods.filter(
      (pod) => pod.metadata.deletionTimestamp === undefined && !(pod.metadata.name in left) && isPodReady(pod),
    ).length
    const { expectedPods, desiredHealthy } = wanted
    const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy)
    const status = {
      ...(budget['status']?.conditions ? { conditions: budget['status'].conditions } : {}),
      currentHealthy,
      desiredHealthy,
      ...(Object.keys(left).length > 0 ? { disruptedPods: left } : {}),
      disruptionsAllowed,
      expectedPods,
      observedGeneration: budget.metadata.generation,
    }
    write(budget, { ...status, conditions: [disruptionCondition(status, clock.now())] })
    if (recheck !== null) queue.addAfter(key, recheck - clock.now())
  }

  const queue = createWorkqueue(context, sync)
  const addFor = (pod: KubeObject): void => {
    for (const budget of store.list(RESOURCE, pod.metadata.namespace)) {
      if (matchesSelector(budget.spec?.selector, pod.metadata.labels)) queue.add(keyOf(budget))
    }
  }
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch('pods', {}, ({ object, previous }) => {
      addFor(object)
      if (previous && !sameJson(previous.metadata.labels, object.metadata.labels)) addFor(previous)
    }),
  ]
  return disposeAll([queue, ...watches])
}

/** The selector as Go prints it with %v. */
function unmanagedMessage({ spec }: KubeObject): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${goSelector(spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB ` +
    'cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  )
}

function goSelector(selector: KubeObject['spec']): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values = [] }: { key: string; operator: string; values?: string[] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],}`,
  )
  const map = labels.map(([key, value]) => `${key}: ${String(value)},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${expressions.map((each: string) => `${each},`).join('')}},}`
}
