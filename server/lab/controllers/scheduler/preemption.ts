/** The scheduler's plugin DefaultPreemption: which pods of lower priority go so that another fits (plugins/defaultpreemption, framework/preemption). */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { timestamp } from '../../machinery/objects.ts'
import { matchesSelector } from '../../machinery/selectors.ts'
import type { ClusterSettings, KubeObject } from '../../resources/definition.ts'
import type { Store } from '../../store/store.ts'
import { rejection, type Rejection } from './filter.ts'
import { type NodeFacts, withPods } from './node-facts.ts'

const priority = (pod: KubeObject): number => pod['spec'].priority ?? 0
const startTime = (pod: KubeObject): number => Date.parse(pod['status']?.startTime ?? pod.metadata.creationTimestamp)
/** More important first: higher priority, then longer there. */
const byImportance = (a: KubeObject, b: KubeObject): number => priority(b) - priority(a) || startTime(a) - startTime(b)

interface Candidate {
  facts: NodeFacts
  victims: KubeObject[]
  /** How many of them a disruption budget stands before. */
  violations: number
}

/** Splits pods by whether evicting them, in this order, would go beyond a disruption budget (filterPodsWithPDBViolation). */
function violating(store: Store, pods: readonly KubeObject[]): Set<KubeObject> {
  const budgets = store.list('poddisruptionbudgets.policy')
  const left = new Map(budgets.map((budget) => [budget, Number(budget['status']?.disruptionsAllowed ?? 0)]))
  const found = new Set<KubeObject>()
  for (const pod of pods) {
    for (const budget of budgets) {
      const { namespace, name, labels } = pod.metadata
      if (budget.metadata.namespace !== namespace || !labels || !matchesSelector(budget['spec']?.selector, labels)) continue
      if (budget['status']?.disruptedPods?.[name]) continue
      const allowed = (left.get(budget) ?? 0) - 1
      left.set(budget, allowed)
      if (allowed < 0) found.add(pod)
    }
  }
  return found
}

/** The fewest pods of a node that have to go, or null where even all of them are not enough (SelectVictimsOnNode). */
function victimsOn(
  store: Store,
  pod: KubeObject,
  facts: NodeFacts,
  all: readonly NodeFacts[],
  settings: ClusterSettings,
  volumeReasons: (node: KubeObject) => string[],
): Candidate | null {
  const lower = facts.pods.filter((other) => priority(other) < priority(pod))
  if (lower.length === 0) return null
  const fits = (gone: ReadonlySet<KubeObject>): boolean => {
    const rest = withPods(
      facts,
      facts.pods.filter((other) => !gone.has(other)),
    )
    const others = all.map((each) => (each === facts ? rest : each))
    return rejection(pod, rest, others, settings, volumeReasons) === null
  }
  const gone = new Set(lower)
  if (!fits(gone)) return null
  const ordered = lower.toSorted(byImportance)
  const protectedPods = violating(store, ordered)
  let violations = 0
  for (const other of [...ordered.filter((each) => protectedPods.has(each)), ...ordered.filter((each) => !protectedPods.has(each))]) {
    gone.delete(other)
    if (fits(gone)) continue
    gone.add(other)
    if (protectedPods.has(other)) violations++
  }
  return { facts, victims: ordered.filter((each) => gone.has(each)), violations }
}

/** Fewer violations, a lower highest priority, a smaller sum, fewer victims, younger ones (pickOneNodeForPreemption). */
function better(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate): number => Math.max(...victims.map(priority))
  const sum = ({ victims }: Candidate): number => victims.reduce((total, each) => total + priority(each) + 2 ** 31, 0)
  const earliest = (each: Candidate): number =>
    Math.min(...each.victims.filter((victim) => priority(victim) === highest(each)).map(startTime))
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    earliest(b) - earliest(a)
  )
}

export interface Preemption {
  node: KubeObject
  victims: KubeObject[]
}

/** The node to make room on and the pods that go, or null where that helps nowhere. `rejections` stand in the order of `all`. */
export function preempt(
  store: Store,
  pod: KubeObject,
  all: readonly NodeFacts[],
  rejections: readonly Rejection[],
  settings: ClusterSettings,
  volumeReasons: (node: KubeObject) => string[],
): Preemption | null {
  if (pod['spec'].preemptionPolicy === 'Never') return null
  const candidates = all
    .filter((_facts, index) => rejections[index]?.preemptable)
    .flatMap((facts) => victimsOn(store, pod, facts, all, settings, volumeReasons) ?? [])
  const [best] = candidates.toSorted(better)
  return best ? { node: best.facts.node, victims: best.victims } : null
}

/** Marks a pod as one that had to go for another, and deletes it. Returns the words of its event. */
export function evictFor({ store, clock, settings }: ControllerContext, pod: KubeObject, victim: KubeObject, node: string): string {
  const { namespace = null, name } = victim.metadata
  const minor = minorVersion(settings)
  if (minor >= 26) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
      lastProbeTime: null,
      lastTransitionTime: timestamp(clock.now()),
    }
    const mark = (copy: KubeObject): void => void (copy['status'].conditions = [...(copy['status'].conditions ?? []), condition])
    store.mutate('pods', namespace, name, mark, { subresource: 'status' })
  }
  store.delete('pods', namespace, name)
  const by = minor >= 29 ? `pod ${pod.metadata.uid}` : `${pod.metadata.namespace}/${pod.metadata.name}`
  return `Preempted by ${by} on node ${node}`
}

/** While victims of an earlier attempt still end on the nominated node, nothing more is to be done (PodEligibleToPreemptOthers). */
export function awaitsVictims(pod: KubeObject, all: readonly NodeFacts[]): boolean {
  const there = all.find(({ node }) => node.metadata.name === pod['status']?.nominatedNodeName)?.pods ?? []
  return there.some((other) => other.metadata.deletionTimestamp && priority(other) < priority(pod) && isVictim(other))
}

function isVictim(pod: KubeObject): boolean {
  const conditions: { type: string; reason?: string }[] = pod['status']?.conditions ?? []
  return conditions.some(({ type, reason }) => type === 'DisruptionTarget' && reason === 'PreemptionByScheduler')
}
