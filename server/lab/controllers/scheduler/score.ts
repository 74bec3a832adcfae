/** How good a node is for a pod: the default plugins with their weights. */
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

function leastAllocated(pod: KubeObject, { allocatable, assumed }: NodeFacts): number {
  const requests = requestsOf(pod, true)
  const part = (name: string): number => {
    const total = allocatable[name] ?? 0
    const used = (assumed[name] ?? 0) + (requests[name] ?? 0)
    return total === 0 || used > total ? 0 : Math.floor(((total - used) * MOST) / total)
  }
  return Math.floor((part('cpu') + part('memory')) / 2)
}

function balanced(pod: KubeObject, { allocatable, requested }: NodeFacts): number {
  const requests = requestsOf(pod)
  if (Object.keys(requests).length === 0) return 0
  const part = (name: string): number => {
    const total = allocatable[name] ?? 0
    return total === 0 ? 0 : Math.min(1, ((requested[name] ?? 0) + (requests[name] ?? 0)) / total)
  }
  return Math.floor((1 - Math.abs(part('cpu') - part('memory')) / 2) * MOST)
}

type Labels = Record<string, string> | undefined

/** Pods that a constraint counts. Equal keys stand for equal selectors. */
interface Counted {
  key: string
  matches(labels: Labels): boolean
}

/** The services and controllers that the pod belongs to: what the default constraint counts (helper.DefaultSelector). */
function ownGroup(store: Store, pod: KubeObject): Counted | null {
  const { namespace, labels, ownerReferences } = pod.metadata
  const services = store
    .list('services', namespace ?? null)
    .flatMap(({ spec }) => (matchesLabels(spec.selector, labels) ? [spec.selector] : []))
  const owner = ownerReferences?.find(({ controller }) => controller)
  const resource = { ReplicaSet: 'replicasets.apps', StatefulSet: 'statefulsets.apps' }[owner?.kind ?? '']
  const set = resource ? store.get(resource, namespace ?? null, owner?.name ?? '') : undefined
  if (services.length === 0 && !set) return null
  return {
    key: JSON.stringify([services, set?.spec.selector]),
    matches: (other) => services.every((selector) => matchesLabels(selector, other)) && (!set || matchesSelector(set.spec.selector, other)),
  }
}

/** Pods of the namespace on a node that the constraint counts. */
function countOn({ pods, known }: NodeFacts, { key, matches }: Counted, namespace: string | undefined): number {
  const knownAs = `spread ${namespace} ${key}`
  let count = known.get(knownAs)
  if (count === undefined) {
    count = 0
    for (const { metadata } of pods) {
      if (metadata.namespace === namespace && !metadata.deletionTimestamp && matches(metadata.labels)) count++
    }
    known.set(knownAs, count)
  }
  return count
}

function spreadScores(store: Store, pod: KubeObject, feasible: readonly NodeFacts[]): number[] {
  const { namespace } = pod.metadata
  const own: { topologyKey: string; maxSkew: number; counted: Counted }[] = []
  for (const { topologyKey, maxSkew, whenUnsatisfiable, labelSelector } of pod.spec.topologySpreadConstraints ?? []) {
    if (whenUnsatisfiable === 'DoNotSchedule') continue
    const counted = { key: JSON.stringify(labelSelector), matches: (labels: Labels) => matchesSelector(labelSelector, labels) }
    own.push({ topologyKey, maxSkew, counted })
  }
  if ((pod.spec.topologySpreadConstraints ?? []).length === 0) {
    const counted = ownGroup(store, pod)
    if (counted) own.push({ topologyKey: 'kubernetes.io/hostname', maxSkew: DEFAULT_MAX_SKEW, counted })
  }
  if (own.length === 0) return feasible.map(() => 0)
  const raw = feasible.map(() => 0)
  for (const { topologyKey, maxSkew, counted } of own) {
    const domainOf = ({ node }: NodeFacts): string | undefined => node.metadata.labels?.[topologyKey]
    const domains = new Set(feasible.map(domainOf)).size
    const counts = feasible.map((facts) => countOn(facts, counted, namespace))
    const inDomain = new Map<string | undefined, number>()
    feasible.forEach((facts, i) => inDomain.set(domainOf(facts), (inDomain.get(domainOf(facts)) ?? 0) + (counts[i] as number)))
    feasible.forEach((facts, i) => {
      const domain = domainOf(facts)
      if (domain === undefined) return
      const count = topologyKey === 'kubernetes.io/hostname' ? (counts[i] as number) : (inDomain.get(domain) as number)
      raw[i] = (raw[i] as number) + count * Math.log(domains + 2) + (maxSkew - 1)
    })
  }
  const rounded = raw.map(Math.round)
  const most = Math.max(...rounded)
  const least = Math.min(...rounded)
  return rounded.map((value) => (most === 0 ? MOST : Math.floor((MOST * (most + least - value)) / most)))
}
