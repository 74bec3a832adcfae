/** How good a node is for a pod: the default plugins with their weights. */
import { parseQuantity } from '../../machinery/quantity.ts'
import { matchesLabels, matchesSelector } from '../../machinery/selectors.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Store } from '../../store/store.ts'
import { type Taint, tolerates } from '../taints.ts'
import { preferredNodeScore, preferredPodScore } from './affinity.ts'
import { type NodeFacts, requestsOf } from './node-facts.ts'

const MOST = 100
const WEIGHTS = { taints: 3, nodeAffinity: 2, spread: 2, podAffinity: 2, leastAllocated: 1, balanced: 1 }
/** The default constraint over nodes of PodTopologySpread; that over zones has no say in a lab without zones. */
const DEFAULT_MAX_SKEW = 3

/** Scores of the nodes that passed the filters, in their order. */
export function scores(store: Store, pod: KubeObject, feasible: readonly NodeFacts[], all: readonly NodeFacts[]): number[] {
  const parts: [number, number[]][] = [
    [WEIGHTS.taints, inverted(feasible.map(({ node }) => intolerable(pod, node)))],
    [WEIGHTS.nodeAffinity, normalized(feasible.map(({ node }) => preferredNodeScore(pod, node)))],
    [WEIGHTS.spread, spreadScores(store, pod, feasible)],
    [WEIGHTS.podAffinity, ranged(feasible.map((facts) => preferredPodScore(pod, facts, all)))],
    [WEIGHTS.leastAllocated, feasible.map((facts) => leastAllocated(pod, facts))],
    [WEIGHTS.balanced, feasible.map((facts) => balanced(pod, facts))],
  ]
  return feasible.map((_facts, i) => parts.reduce((sum, [weight, part]) => sum + weight * (part[i] ?? 0), 0))
}

function intolerable(pod: KubeObject, node: KubeObject): number {
  const taints: Taint[] = node.spec.taints ?? []
  return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(pod.spec.tolerations ?? [], taint)).length
}

function normalized(raw: number[]): number[] {
  const most = Math.max(...raw)
  return most === 0 ? raw : raw.map((value) => Math.floor((value * MOST) / most))
}

function inverted(raw: number[]): number[] {
  const most = Math.max(...raw)
  return raw.map((value) => (most === 0 ? MOST : MOST - Math.floor((value * MOST) / most)))
}

function ranged(raw: number[]): number[] {
  const least = Math.min(...raw)
  const span = Math.max(...raw) - least
  return raw.map((value) => (span === 0 ? 0 : Math.floor((MOST * (value - least)) / span)))
}

function leastAllocated(pod: KubeObject, { node, assumed }: NodeFacts): number {
  const requests = requestsOf(pod, true)
  const part = (name: string): number => {
    const total = parseQuantity(node.status?.allocatable?.[name] ?? '0')
    const used = (assumed[name] ?? 0) + (requests[name] ?? 0)
    return total === 0 || used > total ? 0 : Math.floor(((total - used) * MOST) / total)
  }
  return Math.floor((part('cpu') + part('memory')) / 2)
}

function balanced(pod: KubeObject, { node, requested }: NodeFacts): number {
  const requests = requestsOf(pod)
  if (Object.keys(requests).length === 0) return 0
  const part = (name: string): number => {
    const total = parseQuantity(node.status?.allocatable?.[name] ?? '0')
    return total === 0 ? 0 : Math.min(1, ((requested[name] ?? 0) + (requests[name] ?? 0)) / total)
  }
  return Math.floor((1 - Math.abs(part('cpu') - part('memory')) / 2) * MOST)
}

/** Selectors of the services and controllers that the pod belongs to: what the default constraint counts (helper.DefaultSelector). */
function ownSelectors(store: Store, pod: KubeObject): ((labels: Record<string, string> | undefined) => boolean)[] {
  const { namespace, labels, ownerReferences } = pod.metadata
  const matchers: ((labels: Record<string, string> | undefined) => boolean)[] = []
  for (const service of store.list('services', namespace ?? null)) {
    if (matchesLabels(service.spec.selector, labels)) matchers.push((other) => matchesLabels(service.spec.selector, other))
  }
  const owner = ownerReferences?.find(({ controller }) => controller)
  const resource = { ReplicaSet: 'replicasets.apps', StatefulSet: 'statefulsets.apps' }[owner?.kind ?? '']
  const set = resource ? store.get(resource, namespace ?? null, owner?.name ?? '') : undefined
  if (set) matchers.push((other) => matchesSelector(set.spec.selector, other))
  return matchers
}

function spreadScores(store: Store, pod: KubeObject, feasible: readonly NodeFacts[]): number[] {
  const own: { topologyKey: string; maxSkew: number; matches: (labels: Record<string, string> | undefined) => boolean }[] = []
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable === 'DoNotSchedule') continue
    own.push({ ...constraint, matches: (labels) => matchesSelector(constraint.labelSelector, labels) })
  }
  if ((pod.spec.topologySpreadConstraints ?? []).length === 0) {
    const selectors = ownSelectors(store, pod)
    if (selectors.length > 0) {
      const matches = (labels: Record<string, string> | undefined): boolean => selectors.every((matcher) => matcher(labels))
      own.push({ topologyKey: 'kubernetes.io/hostname', maxSkew: DEFAULT_MAX_SKEW, matches })
    }
  }
  if (own.length === 0) return feasible.map(() => 0)
  const raw = feasible.map(({ node, pods }) => {
    let score = 0
    for (const { topologyKey, maxSkew, matches } of own) {
      const value = node.metadata.labels?.[topologyKey]
      if (value === undefined) continue
      const group =
        topologyKey === 'kubernetes.io/hostname'
          ? [pods]
          : feasible.filter((other) => other.node.metadata.labels?.[topologyKey] === value).map((other) => other.pods)
      const count = group.flat().filter((other) => {
        return other.metadata.namespace === pod.metadata.namespace && !other.metadata.deletionTimestamp && matches(other.metadata.labels)
      }).length
      const domains = new Set(feasible.map((other) => other.node.metadata.labels?.[topologyKey])).size
      score += count * Math.log(domains + 2) + (maxSkew - 1)
    }
    return Math.round(score)
  })
  const most = Math.max(...raw)
  const least = Math.min(...raw)
  return raw.map((value) => (most === 0 ? MOST : Math.floor((MOST * (most + least - value)) / most)))
}
