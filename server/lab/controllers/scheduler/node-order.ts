/**
 * In which order the scheduler looks at nodes, and which of the equally good ones it takes: node by node in the order of their coming, zone by zone in
 * turn (backend/cache/node_tree.go), from where it left off (nextStartNodeIndex of schedule_one.go).
 */
import type { NodeSelectorTerm } from '../../machinery/node-affinity.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable, Store } from '../../store/store.ts'
import type { NodeFacts } from './node-facts.ts'

export interface NodeOrder extends Disposable {
  /** The nodes, beginning with the next one to look at. */
  arrange(all: readonly NodeFacts[]): readonly NodeFacts[]
  /** So many nodes were looked at. */
  advance(count: number): void
}

export function createNodeOrder(store: Store): NodeOrder {
  /** As they came. */
  const names = new Set<string>()
  let next = 0
  const watch = store.watch('nodes', { initial: true }, ({ type, object }) => {
    if (type === 'DELETED') names.delete(object.metadata.name)
    else names.add(object.metadata.name)
  })
  let arranged: { of: readonly NodeFacts[]; inTurn: readonly NodeFacts[] } = { of: [], inTurn: [] }
  const inTurn = (all: readonly NodeFacts[]): readonly NodeFacts[] => {
    const byName = new Map(all.map((facts) => [facts.node.metadata.name, facts]))
    const zones = new Map<string, NodeFacts[]>()
    for (const name of names) {
      const facts = byName.get(name)
      if (!facts) continue
      const zone = zoneOf(facts.node)
      const members = zones.get(zone)
      if (members) members.push(facts)
      else zones.set(zone, [facts])
    }
    const lists = [...zones.values()]
    const longest = Math.max(0, ...lists.map(({ length }) => length))
    return Array.from({ length: longest }, (_, i) => lists.flatMap((members) => members[i] ?? [])).flat()
  }
  return {
    arrange(all) {
      if (arranged.of !== all) arranged = { of: all, inTurn: inTurn(all) }
      const nodes = arranged.inTurn
      const from = nodes.length === 0 ? 0 : next % nodes.length
      return from === 0 ? nodes : [...nodes.slice(from), ...nodes.slice(0, from)]
    },
    advance(count) {
      next = names.size === 0 ? 0 : (next + count) % names.size
    },
    dispose: () => watch.dispose(),
  }
}

function zoneOf({ metadata }: KubeObject): string {
  const { labels = {} } = metadata
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? ''
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? ''
  return `${region}:${zone}`
}

/** How many nodes come into question at all where the pod names them, as a daemon set's does (PreFilter of the NodeAffinity plugin); else null. */
export function namedNodes(pod: KubeObject): number | null {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms: NodeSelectorTerm[] = required?.nodeSelectorTerms ?? []
  const named = new Set<string>()
  for (const { matchFields = [] } of terms) {
    const fields = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (fields.length === 0) return null
    for (const { values = [] } of fields) for (const value of values) named.add(value)
  }
  return terms.length === 0 ? null : named.size
}

/**
 * The best of several by their scores, as Go's container/heap has it on top when it is made of them. From 1.35 on nothing is thrown in for luck, so that
 * among equals it is the order that decides.
 */
export function topOfHeap(scores: readonly number[]): number {
  const heap = scores.map((_, i) => i)
  const better = (a: number, b: number): boolean => (scores[heap[a] as number] as number) > (scores[heap[b] as number] as number)
  for (let root = Math.floor(heap.length / 2) - 1; root >= 0; root--) {
    for (let i = root; ;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && better(child + 1, child)) child++
      if (!better(child, i)) break
      const moved = heap[i] as number
      heap[i] = heap[child] as number
      heap[child] = moved
      i = child
    }
  }
  return heap[0] as number
}
