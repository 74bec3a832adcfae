/** The daemon set controller, as pkg/controller/daemon. */
import type { ControllerContext } from '../machinery/context.ts'
import { daemonTolerations } from '../machinery/daemon-tolerations.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { createRecorder } from '../machinery/events.ts'
import { byController, createIndex } from '../machinery/index-by.ts'
import { controllerOf, isPodAvailable, isPodReady, keyOf, sameJson, scaledValue, splitKey } from '../machinery/objects.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'
import { REVISION_HASH, syncHistory, truncateHistory } from './history.ts'
import { claim, createPodControl } from './pod-control.ts'
import { matchesNodeAffinity } from '../machinery/node-affinity.ts'
import { type Taint, tolerates } from './taints.ts'

const RESOURCE = 'daemonsets.apps'
const GENERATION = 'deprecated.daemonset.template.generation'
const GENERATION_LABEL = 'pod-template-generation'
const FAILED_POD_BACK_OFF = 1000

/** Replaces the node part of a pod's affinity, as ReplaceDaemonSetPodNodeNameNodeAffinity. */
function pinToNode(spec: KubeObject['spec'], node: string): void {
  const field = { key: 'metadata.name', operator: 'In', values: [node] }
  const nodeAffinity = (spec.affinity ??= {}).nodeAffinity ?? {}
  const terms = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const nodeSelectorTerms = terms?.length ? terms.map((term: object) => ({ ...term, matchFields: [field] })) : [{ matchFields: [field] }]
  spec.affinity.nodeAffinity = { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
}

/** Whether a node should get a pod, and whether one that is there may stay. */
function placement(set: KubeObject, node: KubeObject): { run: boolean; stay: boolean } {
  const { spec } = set.spec.template
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, stay: false }
  if (!matchesNodeAffinity({ ...set, spec }, node)) return { run: false, stay: false }
  const tolerations = [...(spec.tolerations ?? []), ...daemonTolerations(spec)]
  const fatal = ((node.spec.taints ?? []) as Taint[]).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(tolerations, taint),
  )
  return { run: fatal.length === 0, stay: !fatal.some(({ effect }) => effect === 'NoExecute') }
}

export function startDaemonSetController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'daemonset-controller')
  const control = createPodControl(context, recorder)
  const pods = createIndex(store, 'pods', byController)

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const set = store.get(RESOURCE, namespace, name)
    if (!set || set.metadata.deletionTimestamp) return
    const history = syncHistory(context, set, set.metadata.annotations ?? {})
    const hash = history.current.metadata.labels?.[REVISION_HASH] ?? ''
    const own = (): KubeObject[] => claim(context, set, 'pods', [...pods.get(set.metadata.uid), ...pods.get(`orphan:${namespace}`)])
    const nodes = store.list('nodes')
    const failure = manage(set, own(), nodes, hash, key)
    if (failure === null && set.spec.updateStrategy?.type !== 'OnDelete') roll(set, own(), nodes, hash)
    const remaining = own()
    truncateHistory(context, set, history, new Set(remaining.map(({ metadata }) => metadata.labels?.[REVISION_HASH] ?? '')))
    writeStatus(context, set, remaining, nodes, hash)
    const { minReadySeconds = 0 } = set.spec
    if (minReadySeconds && remaining.some((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, clock.now()))) {
      queue.addAfter(key, minReadySeconds * 1000)
    }
    if (failure) throw failure
  }

  /** One pod on each node that should have one; none where none may stay. */
  const manage = (
    set: KubeObject,
    own: readonly KubeObject[],
    nodes: readonly KubeObject[],
    hash: string,
    key: string,
  ): ApiError | null => {
    const byNode = groupByNode(own)
    const missing: KubeObject[] = []
    for (const node of nodes) {
      const { run, stay } = placement(set, node)
      const here = byNode.get(node.metadata.name) ?? []
      if (run && here.length === 0) missing.push(node)
      if (!stay) for (const pod of here) if (!pod.metadata.deletionTimestamp) control.remove(set, pod)
      if (!stay) continue
      for (const pod of here) {
        if (pod.metadata.deletionTimestamp || pod.status?.phase !== 'Failed') continue
        const message = `Found failed daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node.metadata.name}, will try to kill it`
        recorder.event(set, 'Warning', 'FailedDaemonPod', message)
        control.remove(set, pod)
        queue.addAfter(key, FAILED_POD_BACK_OFF)
      }
      const live = here.filter((pod) => !pod.metadata.deletionTimestamp && pod.status?.phase !== 'Failed')
      for (const pod of live.toSorted(byAge).slice(1)) if (live.every(isPodReady)) control.remove(set, pod)
    }
    try {
      for (const node of missing) createOn(set, node.metadata.name, hash)
      return null
    } catch (error) {
      if (error instanceof ApiError) return error
      throw error
    }
  }

  const createOn = (set: KubeObject, node: string, hash: string): void => {
    control.create(set, set.spec.template, (pod) => {
      const generation = set.metadata.annotations?.[GENERATION]
      pod.metadata.labels = {
        ...pod.metadata.labels,
        [REVISION_HASH]: hash,
        ...(generation ? { [GENERATION_LABEL]: generation } : {}),
      }
      pod.spec.tolerations = [...(pod.spec.tolerations ?? []), ...daemonTolerations(pod.spec)]
      pinToNode(pod.spec, node)
    })
  }

  /** Rolling update: old pods go as far as maxUnavailable allows, or new ones come first with maxSurge. */
  const roll = (set: KubeObject, own: readonly KubeObject[], nodes: readonly KubeObject[], hash: string): void => {
    const wanted = nodes.filter((node) => placement(set, node).run)
    const { maxUnavailable, maxSurge } = set.spec.updateStrategy?.rollingUpdate ?? {}
    const surge = scaledValue(maxSurge, wanted.length, true)
    const most =
      surge > 0 ? scaledValue(maxUnavailable, wanted.length, true) : Math.max(1, scaledValue(maxUnavailable ?? 1, wanted.length, true))
    const byNode = groupByNode(own)
    const available = (pod: KubeObject): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now())
    let unavailable = 0
    let surging = 0
    const old: { pod: KubeObject; works: boolean }[] = []
    for (const node of wanted) {
      const here = (byNode.get(node.metadata.name) ?? []).filter((pod) => !pod.metadata.deletionTimestamp)
      const fresh = here.find(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash)
      const outdated = here.find((pod) => pod !== fresh)
      if (surge > 0 && fresh && outdated) {
        if (available(fresh)) control.remove(set, outdated)
        else surging++
        continue
      }
      if (!here.some(available)) unavailable++
      if (outdated && !fresh) old.push({ pod: outdated, works: available(outdated) })
    }
    if (surge > 0) {
      for (const { pod } of old.slice(0, Math.max(0, surge - surging))) createOn(set, pod.spec.nodeName, hash)
      return
    }
    for (const { pod } of old.filter(({ works }) => !works)) control.remove(set, pod)
    for (const { pod } of old.filter(({ works }) => works).slice(0, Math.max(0, most - unavailable))) control.remove(set, pod)
  }

  const queue = createWorkqueue(context, sync, { latency: [4, 12] })
  const all = (): void => {
    for (const set of store.list(RESOURCE)) queue.add(keyOf(set))
  }
  const relevant = (node: KubeObject): unknown => [
    node.metadata.labels,
    node.spec.unschedulable,
    ((node.spec.taints ?? []) as Taint[]).map(({ key, value, effect }) => [key, value, effect]),
  ]
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch('pods', {}, ({ type, object }) => {
      const owner = controllerOf(object)
      if (owner?.kind === 'DaemonSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
      else if (!owner && type !== 'DELETED') for (const set of store.list(RESOURCE, object.metadata.namespace)) queue.add(keyOf(set))
    }),
    store.watch('nodes', {}, ({ type, object, previous }) => {
      if (type !== 'MODIFIED' || !previous || !sameJson(relevant(previous), relevant(object))) all()
    }),
  ]
  return disposeAll([pods, queue, ...watches])
}

function byAge(a: KubeObject, b: KubeObject): number {
  return a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)
}

/** The node that a daemon pod is for: where it is, or where its affinity will bring it. */
function nodeOf(pod: KubeObject): string {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  return terms[0]?.matchFields?.[0]?.values?.[0] ?? ''
}

function groupByNode(pods: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>()
  for (const pod of pods) groups.set(nodeOf(pod), [...(groups.get(nodeOf(pod)) ?? []), pod])
  return groups
}

function writeStatus(
  context: ControllerContext,
  set: KubeObject,
  own: readonly KubeObject[],
  nodes: readonly KubeObject[],
  hash: string,
): void {
  const now = context.clock.now()
  const byNode = groupByNode(own)
  const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 }
  for (const node of nodes) {
    const { run } = placement(set, node)
    const pod = (byNode.get(node.metadata.name) ?? []).toSorted(byAge)[0]
    if (!run) {
      if (pod) count.misscheduled++
      continue
    }
    count.desired++
    if (!pod) continue
    count.current++
    if (pod.metadata.labels?.[REVISION_HASH] === hash) count.updated++
    if (pod.metadata.deletionTimestamp || !isPodReady(pod)) continue
    count.ready++
    if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)) count.available++
  }
  const unavailable = count.desired - count.available
  const status = {
    currentNumberScheduled: count.current,
    desiredNumberScheduled: count.desired,
    ...(count.available > 0 ? { numberAvailable: count.available } : {}),
    numberMisscheduled: count.misscheduled,
    numberReady: count.ready,
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    observedGeneration: set.metadata.generation,
    ...(count.updated > 0 ? { updatedNumberScheduled: count.updated } : {}),
  }
  if (sameJson(set.status, status)) return
  const { namespace, name } = set.metadata
  context.store.mutate(RESOURCE, namespace ?? null, name, (copy) => void (copy.status = status), { subresource: 'status' })
}
