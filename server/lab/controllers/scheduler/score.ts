/** How good a node is for a pod: the default plugins with their weights. */
import { matchesLabels, matchesSelector } from '../../machinery/selectors.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Store } from '../../store/store.ts'
import { type Taint, tolerates } from '../taints.ts'
import { matchesNodeAffinity } from '../../machinery/node-affinity.ts'
import { preferredNodeScore, preferredPodScore } from './affinity.ts'
import { requestsOf } from '../../machinery/pod-needs.ts'
import type { NodeFacts } from './node-facts.ts'

const MOST = 100
const WEIGHTS = { taints: 3, nodeAffinity: 2, spread: 2, podAffinity: 2, leastAllocated: 1, balanced: 1, images: 1 }
/** The system's own constraints of PodTopologySpread. */
const DEFAULT_CONSTRAINTS = [
  { topologyKey: 'kubernetes.io/hostname', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

/** Scores of the nodes that passed the filters, in their order. */
export function scores(store: Store, pod: KubeObject, feasible: readonly NodeFacts[], all: readonly NodeFacts[]): number[] {
  const parts: [number, number[]][] = [
    [WEIGHTS.taints, inverted(feasible.map(({ node }) => intolerable(pod, node)))],
    [WEIGHTS.nodeAffinity, normalized(feasible.map(({ node }) => preferredNodeScore(pod, node)))],
    [WEIGHTS.spread, spreadScores(store, pod, feasible, all)],
    [WEIGHTS.podAffinity, ranged(feasible.map((facts) => preferredPodScore(pod, facts, all)))],
    [WEIGHTS.leastAllocated, feasible.map((facts) => leastAllocated(pod, facts))],
    [WEIGHTS.balanced, feasible.map((facts) => balanced(pod, facts))],
    [WEIGHTS.images, imageScores(pod, feasible, all)],
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
  return raw.map((value) => (span === 0 ? 0 : Math.trunc(MOST * ((value - least) / span))))
}

function leastAllocated(pod: KubeObject, { allocatable, assumed }: NodeFacts): number {
  const requests = requestsOf(pod, true)
  const part = (name: string): number => {
    // whole millicores and bytes, as the scheduler counts
    const whole = (amount: number): number => (name === 'cpu' ? Math.round(amount * 1000) : Math.round(amount))
    const total = whole(allocatable[name] ?? 0)
    const used = whole((assumed[name] ?? 0) + (requests[name] ?? 0))
    return total === 0 || used > total ? 0 : Math.floor(((total - used) * MOST) / total)
  }
  return Math.floor((part('cpu') + part('memory')) / 2)
}

function balanced(pod: KubeObject, { allocatable, requested }: NodeFacts): number {
  const requests = requestsOf(pod)
  if (!requests['cpu'] && !requests['memory']) return 0
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

interface SpreadConstraint {
  topologyKey: string
  maxSkew: number
  counted: Counted
}

const HOSTNAME = 'kubernetes.io/hostname'

/** The constraints that only ask for a good place: the pod's own, or where it has none the system's over what the pod belongs to. */
function softConstraints(store: Store, pod: KubeObject): SpreadConstraint[] {
  const own: KubeObject[] = pod.spec.topologySpreadConstraints ?? []
  if (own.length > 0) {
    return own
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'DoNotSchedule')
      .map(({ topologyKey, maxSkew, labelSelector }) => {
        const matches = (labels: Labels): boolean => matchesSelector(labelSelector, labels)
        return { topologyKey, maxSkew, counted: { key: JSON.stringify(labelSelector), matches } }
      })
  }
  const counted = ownGroup(store, pod)
  return counted ? DEFAULT_CONSTRAINTS.map((constraint) => ({ ...constraint, counted })) : []
}

/** PodTopologySpread's scoring.go. */
function spreadScores(store: Store, pod: KubeObject, feasible: readonly NodeFacts[], all: readonly NodeFacts[]): number[] {
  const constraints = softConstraints(store, pod)
  if (constraints.length === 0) return feasible.map(() => 0)
  const { namespace } = pod.metadata
  // nodes without the labels that the pod itself names are no candidates; the system's constraints take what there is
  const strict = (pod.spec.topologySpreadConstraints ?? []).length > 0
  const isCandidate = ({ node }: NodeFacts): boolean =>
    !strict || constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined)
  const candidates = feasible.filter(isCandidate)
  const raw = new Map(candidates.map((facts) => [facts, 0]))
  for (const { topologyKey, maxSkew, counted } of constraints) {
    const domainOf = ({ node }: NodeFacts): string | undefined => node.metadata.labels?.[topologyKey]
    const inDomain = new Map<string | undefined, number>(candidates.map((facts) => [domainOf(facts), 0]))
    if (topologyKey !== HOSTNAME) {
      for (const facts of all) {
        const sum = inDomain.get(domainOf(facts))
        if (sum === undefined || !isCandidate(facts) || !matchesNodeAffinity(pod, facts.node)) continue
        inDomain.set(domainOf(facts), sum + countOn(facts, counted, namespace))
      }
    }
    const weight = Math.log((topologyKey === HOSTNAME ? candidates.length : inDomain.size) + 2)
    for (const facts of candidates) {
      const domain = domainOf(facts)
      if (domain === undefined) continue
      const count = topologyKey === HOSTNAME ? countOn(facts, counted, namespace) : (inDomain.get(domain) as number)
      raw.set(facts, (raw.get(facts) as number) + count * weight + (maxSkew - 1))
    }
  }
  const rounded = [...raw.values()].map(Math.round)
  const most = Math.max(0, ...rounded)
  const least = Math.min(...rounded)
  return feasible.map((facts) => {
    const value = raw.get(facts)
    if (value === undefined) return 0
    return most === 0 ? MOST : Math.floor((MOST * (most + least - Math.round(value))) / most)
  })
}

/** What images that are there already are worth: from 23 MB on, to 1 GB for each container (imagelocality/image_locality.go). */
const LEAST_IMAGE = 23 * 2 ** 20
const MOST_IMAGE = 1000 * 2 ** 20

function imageScores(pod: KubeObject, feasible: readonly NodeFacts[], all: readonly NodeFacts[]): number[] {
  const containers: { image: string }[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const names = containers.map(({ image }) => (image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image))
  const ceiling = MOST_IMAGE * containers.length
  const spread = new Map(names.map((name) => [name, all.filter((facts) => sizeOn(facts, name) > 0).length / all.length]))
  return feasible.map((facts) => {
    const sum = names.reduce((total, name) => total + Math.trunc(sizeOn(facts, name) * (spread.get(name) ?? 0)), 0)
    return Math.floor((MOST * (Math.min(Math.max(sum, LEAST_IMAGE), ceiling) - LEAST_IMAGE)) / (ceiling - LEAST_IMAGE))
  })
}

/** How large the image is on the node, 0 where it is not there. */
function sizeOn({ node, known }: NodeFacts, image: string): number {
  const knownAs = `image ${image}`
  let size = known.get(knownAs)
  if (size === undefined) {
    const images: { names?: string[]; sizeBytes?: number }[] = node.status?.images ?? []
    size = images.find(({ names }) => names?.includes(image))?.sizeBytes ?? 0
    known.set(knownAs, size)
  }
  return size
}
