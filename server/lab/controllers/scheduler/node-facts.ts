/** What the scheduler knows of a node while it looks for a place for one pod; as its cache's NodeInfo, kept up to date by watches. */
import { hasEnded } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
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

const ASSUMED = { cpu: 0.1, memory: 200 * 2 ** 20 }

type Requests = Record<string, number>

function add(into: Requests, from: Requests): void {
  for (const name in from) into[name] = (into[name] ?? 0) + (from[name] as number)
}

/**
 * The sum of what a pod's containers and sidecars ask for, or its largest init container together with the sidecars that run by then
 * (PodRequests of component-helpers' resource).
 */
function sumOf(spec: KubeObject['spec'], assume: boolean): Requests {
  const total: Requests = {}
  const of = (container: { resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }): Requests => {
    const requests: Requests = {}
    for (const [name, value] of Object.entries(container.resources?.requests ?? {})) requests[name] = parseQuantity(value)
    if (assume) for (const [name, value] of Object.entries(ASSUMED)) requests[name] ??= value
    return requests
  }
  for (const container of spec.containers ?? []) add(total, of(container))
  const sidecars: Requests = {}
  const starting: Requests = {}
  for (const container of spec.initContainers ?? []) {
    const own = of(container)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) {
      add(total, own)
      add(sidecars, own)
    }
    for (const [name, amount] of Object.entries(own)) {
      starting[name] = Math.max(starting[name] ?? 0, (sidecars[name] ?? 0) + (isSidecar ? 0 : amount))
    }
  }
  for (const [name, amount] of Object.entries(starting)) total[name] = Math.max(total[name] ?? 0, amount)
  add(total, quantities(spec.overhead))
  return total
}

/** Sums by spec: a stored spec never changes. */
const sums = new WeakMap<object, { requested: Requests; assumed: Requests }>()

/** A pod's requests. */
export function requestsOf(pod: KubeObject, assume = false): Requests {
  let sum = sums.get(pod.spec)
  if (!sum) {
    sum = { requested: sumOf(pod.spec, false), assumed: sumOf(pod.spec, true) }
    if (Object.isFrozen(pod.spec)) sums.set(pod.spec, sum)
  }
  return assume ? sum.assumed : sum.requested
}

function quantities(texts: Record<string, string> | undefined): Requests {
  return Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]))
}

function repels(pod: KubeObject): boolean {
  return pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length > 0
}

export function nodeFacts(node: KubeObject, pods: readonly KubeObject[]): NodeFacts {
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
