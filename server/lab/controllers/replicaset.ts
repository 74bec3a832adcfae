/** The replica set controller, as pkg/controller/replicaset; one body for ReplicaSets and ReplicationControllers. */
import type { KubeObject } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'
import { type ControllerContext, minorVersion } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { createRecorder } from '../machinery/events.ts'
import { byController, createIndex } from '../machinery/index-by.ts'
import {
  type Condition,
  conditionOf,
  controllerOf,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminating,
  keyOf,
  milliseconds,
  sameJson,
  splitKey,
  timestamp,
} from '../machinery/objects.ts'
import { claim, createPodControl } from './pod-control.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'

const RESOURCE = 'replicasets.apps'
/** Most pods that one sync makes or deletes (burstReplicas). */
const BURST = 500

export function startReplicaSetController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const control = createPodControl(context, createRecorder(context, 'replicaset-controller'))
  const pods = createIndex(store, 'pods', byController)
  const sets = createIndex(store, RESOURCE, byController)

  /** Pods of all sets with the same owner: a pod that has many such neighbours on its node goes first. */
  const related = (set: KubeObject): readonly KubeObject[] => {
    const owner = controllerOf(set)
    return (owner ? sets.get(owner.uid) : [set]).flatMap((other) => pods.get(other.metadata.uid))
  }

  const manage = (set: KubeObject, active: KubeObject[]): unknown => {
    const missing: number = (set.spec.replicas ?? 1) - active.length
    try {
      if (missing > 0) {
        for (let i = 0; i < Math.min(missing, BURST); i++) active.push(control.create(set, set.spec.template))
        if (missing > BURST) queue.add(keyOf(set))
      } else if (missing < 0) {
        const doomed = podsToDelete(active, related(set), Math.min(-missing, BURST), clock.now())
        for (const pod of doomed) {
          control.remove(set, pod)
          active.splice(active.indexOf(pod), 1)
        }
      }
      return null
    } catch (error) {
      if (error instanceof ApiError) return error
      throw error
    }
  }

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const set = store.get(RESOURCE, namespace, name)
    if (!set) return
    const own = pods.get(set.metadata.uid)
    const active = claim(context, set, 'pods', [...own, ...pods.get(`orphan:${namespace}`)].filter(isPodActive))
    // the status counts what was there before this sync made or deleted any; the next one counts those
    const counted = [...active]
    const failure = set.metadata.deletionTimestamp ? null : manage(set, active)
    const terminating = own.filter(isPodTerminating)
    const status = calculateStatus(context, set, counted, terminating, failure as ApiError | null, active.length)
    if (!sameJson(set.status, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    if (failure) throw failure
    const wait = nextAvailability(active, set.spec.minReadySeconds ?? 0, clock.now())
    if (wait !== null) queue.addAfter(key, wait)
  }

  const queue = createWorkqueue(context, sync, { latency: [3, 10] })
  const addOwner = (pod: KubeObject): void => {
    const owner = controllerOf(pod)
    if (owner?.kind === 'ReplicaSet') queue.add(`${pod.metadata.namespace}/${owner.name}`)
  }
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch('pods', {}, ({ type, object, previous }) => {
      addOwner(object)
      if (previous && controllerOf(previous)?.uid !== controllerOf(object)?.uid) addOwner(previous)
      if (!controllerOf(object) && type !== 'DELETED') {
        for (const set of store.list(RESOURCE, object.metadata.namespace)) queue.add(keyOf(set))
      }
    }),
  ]
  return disposeAll([pods, sets, queue, ...watches])
}

function nextAvailability(pods: readonly KubeObject[], minReadySeconds: number, now: number): number | null {
  if (!minReadySeconds) return null
  const waits = pods
    .filter((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, now))
    .map((pod) => milliseconds(conditionOf(pod, 'Ready')?.lastTransitionTime) + minReadySeconds * 1000 - now)
  return waits.length > 0 ? Math.max(1, Math.min(...waits)) : null
}

function calculateStatus(
  context: ControllerContext,
  set: KubeObject,
  active: readonly KubeObject[],
  terminating: readonly KubeObject[],
  failure: ApiError | null,
  after: number,
): KubeObject['status'] {
  const now = context.clock.now()
  const labels = Object.entries(set.spec.template?.metadata?.labels ?? {})
  const ready = active.filter(isPodReady)
  const numbers = {
    fullyLabeledReplicas: active.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value)).length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length,
    observedGeneration: set.metadata.generation,
  }
  let conditions: Condition[] = set.status?.conditions ?? []
  const current = conditions.find(({ type }) => type === 'ReplicaFailure')
  if (failure && !current) {
    const reason = after < (set.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete'
    conditions = [
      ...conditions,
      { type: 'ReplicaFailure', status: 'True', reason, message: failure.message, lastTransitionTime: timestamp(now) },
    ]
  } else if (!failure && current) {
    conditions = conditions.filter((condition) => condition !== current)
  }
  return {
    replicas: active.length,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => Boolean(value))),
    ...(minorVersion(context.settings) >= 35 ? { terminatingReplicas: terminating.length } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  }
}

const PHASE_RANK: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 }

/** The pods that go first, as controller.ActivePodsWithRanks: unassigned, not running, not ready, crowded, young, restarting. */
export function podsToDelete(active: readonly KubeObject[], related: readonly KubeObject[], count: number, now: number): KubeObject[] {
  if (count >= active.length) return [...active]
  const crowd = new Map<string, number>()
  for (const pod of related.filter(isPodActive)) crowd.set(pod.spec.nodeName, (crowd.get(pod.spec.nodeName) ?? 0) + 1)
  const cost = (pod: KubeObject): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0)
  const restarts = (pod: KubeObject): number =>
    Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status: { restartCount: number }) => status.restartCount))
  // ages count on a logarithmic scale, so that of pods of about the same age any may go (LogarithmicScaleDown)
  const ageRank = (time: string | null | undefined): number => {
    const age = now - milliseconds(time)
    return age <= 0 ? 0 : Math.floor(Math.log2(age))
  }
  const compare = (a: KubeObject, b: KubeObject): number => {
    const byNode = Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName))
    const byPhase = (PHASE_RANK[a.status?.phase] ?? 0) - (PHASE_RANK[b.status?.phase] ?? 0)
    const byReady = Number(isPodReady(a)) - Number(isPodReady(b))
    const byCrowd = (crowd.get(b.spec.nodeName) ?? 0) - (crowd.get(a.spec.nodeName) ?? 0)
    const readyTime = (pod: KubeObject): number => ageRank(conditionOf(pod, 'Ready')?.lastTransitionTime)
    return (
      byNode ||
      byPhase ||
      byReady ||
      cost(a) - cost(b) ||
      byCrowd ||
      (isPodReady(a) && isPodReady(b) ? readyTime(a) - readyTime(b) : 0) ||
      restarts(b) - restarts(a) ||
      ageRank(a.metadata.creationTimestamp) - ageRank(b.metadata.creationTimestamp) ||
      a.metadata.uid.localeCompare(b.metadata.uid)
    )
  }
  return active.toSorted(compare).slice(0, count)
}
