/** The replica set controller, as pkg/controller/replicaset; one body for ReplicaSets and ReplicationControllers. */
import type { KubeObject } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'
import type { ControllerContext } from '../machinery/context.ts'
import { minorVersion } from '../resources/kit/version.ts'
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
import { matchesSelector } from '../machinery/selectors.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { claim, createPodControl } from './pod-control.ts'
import { type AlikePods, createPodTally } from './pod-tally.ts'

const RESOURCE = 'replicasets.apps'
/** Most pods that one sync makes or deletes (burstReplicas). */
const BURST = 500

/** A set's active pods. */
interface Active {
  count: number
  ready: number
  available: number
  /** Those that have all labels of the template. */
  labelled: number
  terminating: number
  list(): KubeObject[]
}

export function startReplicaSetController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const control = createPodControl(context, createRecorder(context, 'replicaset-controller'))
  const pods = createIndex(store, 'pods', byController)
  const tally = createPodTally(store)
  const sets = createIndex(store, RESOURCE, byController)

  /** Pods of all sets with the same owner: a pod that has many such neighbours on its node goes first. */
  const related = (set: KubeObject): readonly KubeObject[] => {
    const owner = controllerOf(set)
    return (owner ? sets.get(owner.uid) : [set]).flatMap((other) => pods.get(other.metadata.uid))
  }

  /** Creates or deletes what the set lacks or has too much of. Returns how many are there afterwards, and the error that came in between. */
  const manage = (set: KubeObject, active: Active): { left: number; failure: ApiError | null } => {
    let left = active.count
    const missing: number = (set.spec.replicas ?? 1) - left
    try {
      for (let i = 0; i < Math.min(missing, BURST); i++, left++) control.create(set, set.spec.template)
      if (missing > BURST) queue.add(keyOf(set))
      if (missing < 0) {
        const doomed = podsToDelete(active.list(), related(set), Math.min(-missing, BURST), clock.now())
        for (const pod of doomed) {
          control.remove(set, pod)
          left--
        }
      }
      return { left, failure: null }
    } catch (error) {
      if (error instanceof ApiError) return { left, failure: error }
      throw error
    }
  }

  /** The set's pods by their sums alone, where nothing is to be claimed or let go and no time counts; null where each has to be looked at. */
  const bySums = (set: KubeObject): Active | null => {
    const { uid, namespace } = set.metadata
    const { selector, minReadySeconds } = set.spec
    const own = tally.of(uid)
    const takes = ({ labels }: AlikePods): boolean => matchesSelector(selector, labels)
    if (minReadySeconds || !own.every(takes) || tally.of(`orphan:${namespace}`).some(takes)) return null
    const sum = (count: (alike: AlikePods) => number): number => own.reduce((total, alike) => total + count(alike), 0)
    const ready = sum((alike) => alike.ready)
    return {
      count: sum(({ active }) => active),
      ready,
      available: ready,
      labelled: sum((alike) => (isFullyLabelled(set, alike.labels) ? alike.active : 0)),
      terminating: sum(({ terminating }) => terminating),
      list: () => pods.get(uid).filter(isPodActive),
    }
  }

  const byPod = (set: KubeObject): Active => {
    const own = pods.get(set.metadata.uid)
    const active = claim(context, set, 'pods', [...own, ...pods.get(`orphan:${set.metadata.namespace}`)].filter(isPodActive))
    const ready = active.filter(isPodReady)
    return {
      count: active.length,
      ready: ready.length,
      available: ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now())).length,
      labelled: active.filter((pod) => isFullyLabelled(set, pod.metadata.labels)).length,
      terminating: own.filter(isPodTerminating).length,
      list: () => active,
    }
  }

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const set = store.get(RESOURCE, namespace, name)
    if (!set) return
    // the status counts what was there before this sync made or deleted any; the next one counts those
    const active = bySums(set) ?? byPod(set)
    const { left, failure } = set.metadata.deletionTimestamp ? { left: active.count, failure: null } : manage(set, active)
    const status = calculateStatus(context, set, active, failure, left)
    if (!sameJson(set.status, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    if (failure) throw failure
    const wait = set.spec.minReadySeconds ? nextAvailability(active.list(), set.spec.minReadySeconds, clock.now()) : null
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
  return disposeAll([pods, tally, sets, queue, ...watches])
}

function isFullyLabelled(set: KubeObject, labels: Record<string, string> | undefined): boolean {
  return Object.entries(set.spec.template?.metadata?.labels ?? {}).every(([key, value]) => labels?.[key] === value)
}

function nextAvailability(pods: readonly KubeObject[], minReadySeconds: number, now: number): number | null {
  const waits = pods
    .filter((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, now))
    .map((pod) => milliseconds(conditionOf(pod, 'Ready')?.lastTransitionTime) + minReadySeconds * 1000 - now)
  return waits.length > 0 ? Math.max(1, Math.min(...waits)) : null
}

function calculateStatus(
  context: ControllerContext,
  set: KubeObject,
  active: Active,
  failure: ApiError | null,
  after: number,
): KubeObject['status'] {
  const now = context.clock.now()
  const numbers = {
    fullyLabeledReplicas: active.labelled,
    readyReplicas: active.ready,
    availableReplicas: active.available,
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
    replicas: active.count,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => Boolean(value))),
    ...(minorVersion(context.settings) >= 35 ? { terminatingReplicas: active.terminating } : {}),
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
