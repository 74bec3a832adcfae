/** What the scheduler knows of a node while it looks for a place for one pod; as its cache's NodeInfo, kept up to date by watches. */
import { hasEnded } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { add, quantities, requestsOf } from '../../machinery/pod-needs.ts'
import type { Disposable, Store } from '../../store/store.ts'

export interface NodeFacts {
  node: KubeObject
  /** Pods on it that have not ended. */
  pods: readonly KubeObject[]
  /** Those of them whose required anti-affinity keeps others away. */
  repelling: readonly KubeObject[]
  /** What the node has to give by resource; cpu in cores, memory in bytes. */
  allocatable: Record<string, number>
  /** Sums of its pods' requests, in the same units. */
  requested: Record<string, number>
  /** As requested, but a container that asks for nothing counts 0.1 cores and 200 MiB (GetNonzeroRequests), which scores use. */
  assumed: Record<string, number>
  /** Figures that a plugin has worked out of the node's pods, by a key of its own: they hold until the pods change. */
  known: Map<string, number>
}

function repels(pod: KubeObject): boolean {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length > 0
}

function nodeFacts(node: KubeObject, pods: readonly KubeObject[]): NodeFacts {
  const allocatable = quantities(node.status?.allocatable)
  const facts: NodeFacts = { node, pods, repelling: pods.filter(repels), allocatable, requested: {}, assumed: {}, known: new Map() }
  for (const pod of pods) {
    add(facts.requested, requestsOf(pod))
    add(facts.assumed, requestsOf(pod, true))
  }
  return facts
}

/** The facts with one more pod. */
function withPod({ node, pods, repelling, allocatable, requested, assumed }: NodeFacts, pod: KubeObject): NodeFacts {
  const facts: NodeFacts = {
    node,
    pods: [...pods, pod],
    repelling: repels(pod) ? [...repelling, pod] : repelling,
    allocatable,
    requested: { ...requested },
    assumed: { ...assumed },
    known: new Map(),
  }
  add(facts.requested, requestsOf(pod))
  add(facts.assumed, requestsOf(pod, true))
  return facts
}

/** Whether two versions of a pod are one to the scheduler, which does not care for its status. Versions share what has not changed. */
function looksAlike(a: KubeObject, b: KubeObject): boolean {
  const { labels, deletionTimestamp } = a.metadata
  return a.spec === b.spec && labels === b.metadata.labels && deletionTimestamp === b.metadata.deletionTimestamp
}

/** The same node with other pods on it. */
export function withPods({ node }: NodeFacts, pods: readonly KubeObject[]): NodeFacts {
  return nodeFacts(node, pods)
}

export interface NodeCache extends Disposable {
  /** All nodes, by name. The array and what is in it hold until the next write. */
  all(): readonly NodeFacts[]
}

/** Follows nodes and the pods on them. Only what has changed is worked out again. */
export function createNodeCache(store: Store): NodeCache {
  const pods = new Map<string, Map<string, KubeObject>>()
  const places = new Map<string, string>()
  const facts = new Map<string, NodeFacts>()
  let listed: readonly NodeFacts[] | null = null

  const forget = (node: string): void => {
    facts.delete(node)
    listed = null
  }
  const leave = (uid: string): void => {
    const node = places.get(uid)
    if (node === undefined) return
    places.delete(uid)
    const there = pods.get(node)
    there?.delete(uid)
    if (there?.size === 0) pods.delete(node)
    forget(node)
  }
  const put = (pod: KubeObject): void => {
    const { uid } = pod.metadata
    const node: string | undefined = hasEnded(pod) ? undefined : pod.spec?.nodeName
    if (places.get(uid) !== node) leave(uid)
    if (node === undefined) return
    let there = pods.get(node)
    if (!there) pods.set(node, (there = new Map()))
    const before = there.get(uid)
    there.set(uid, pod)
    places.set(uid, node)
    const known = facts.get(node)
    if (before && looksAlike(before, pod)) return
    forget(node)
    // what comes often, and to nodes with many: one more pod
    if (!before && known) facts.set(node, withPod(known, pod))
  }
  const watches = [
    store.watch('pods', { initial: true }, ({ type, object }) => (type === 'DELETED' ? leave(object.metadata.uid) : put(object))),
    store.watch('nodes', {}, ({ object }) => forget(object.metadata.name)),
  ]
  return {
    all() {
      listed ??= store.list('nodes').map((node) => {
        const { name } = node.metadata
        let known = facts.get(name)
        if (!known) facts.set(name, (known = nodeFacts(node, [...(pods.get(name)?.values() ?? [])])))
        return known
      })
      return listed
    },
    dispose() {
      for (const watch of watches) watch.dispose()
    },
  }
}
