/** Which nodes a pod may go to, and the words for those where it may not; plugins in the default scheduler's order. */
import { minorVersion } from '../../resources/kit/version.ts'
import { matchesSelector } from '../../machinery/selectors.ts'
import type { ClusterSettings, KubeObject } from '../../resources/definition.ts'
import { tolerates, type Taint } from '../taints.ts'
import { matchesNodeAffinity } from '../../machinery/node-affinity.ts'
import { portTaken, requestsOf } from '../../machinery/pod-needs.ts'
import { podAffinityReason } from './affinity.ts'
import type { NodeFacts } from './node-facts.ts'

/** The scheduler's plugins that turn nodes down. */
export type Plugin =
  | 'NodeUnschedulable'
  | 'TaintToleration'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesFit'
  | 'VolumeBinding'
  | 'PodTopologySpread'
  | 'InterPodAffinity'

export interface Rejection {
  plugin: Plugin
  reasons: string[]
  /** True where evicting other pods could make room. */
  preemptable: boolean
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** null: the pod may go there. `volumeReasons` is what stands against a node because of the pod's claims. */
export function rejection(
  pod: KubeObject,
  facts: NodeFacts,
  all: readonly NodeFacts[],
  settings: ClusterSettings,
  volumeReasons: (node: KubeObject) => string[] = () => [],
): Rejection | null {
  const { node, pods } = facts
  const never = (plugin: Plugin, reason: string): Rejection => ({ plugin, reasons: [reason], preemptable: false })
  const tolerations = pod.spec.tolerations ?? []
  if (node.spec.unschedulable && !tolerates(tolerations, UNSCHEDULABLE)) return never('NodeUnschedulable', 'node(s) were unschedulable')
  const taint = ((node.spec.taints ?? []) as Taint[]).find(({ effect, ...rest }) => {
    return effect !== 'PreferNoSchedule' && !tolerates(tolerations, { effect, ...rest })
  })
  if (taint) return never('TaintToleration', taintReason(taint, minorVersion(settings)))
  if (!matchesNodeAffinity(pod, node)) {
    return never(
      'NodeAffinity',
      minorVersion(settings) < 22 ? "node(s) didn't match Pod's node affinity" : "node(s) didn't match Pod's node affinity/selector",
    )
  }
  if (portTaken(pod, pods)) {
    return { plugin: 'NodePorts', reasons: ["node(s) didn't have free ports for the requested pod ports"], preemptable: true }
  }
  const resources = insufficient(pod, facts)
  if (resources) return resources
  const volumes = volumeReasons(node)
  if (volumes.length > 0) return { plugin: 'VolumeBinding', reasons: volumes, preemptable: false }
  const spread = spreadReason(pod, facts, all)
  if (spread) return { plugin: 'PodTopologySpread', reasons: [spread], preemptable: true }
  const affinity = podAffinityReason(pod, facts, all)
  return affinity
    ? { plugin: 'InterPodAffinity', reasons: [affinity], preemptable: affinity !== "node(s) didn't match pod affinity rules" }
    : null
}

function taintReason({ key, value }: Taint, minor: number): string {
  if (minor < 24) return `node(s) had taint {${key}: ${value ?? ''}}, that the pod didn't tolerate`
  return minor < 35 ? `node(s) had untolerated taint {${key}: ${value ?? ''}}` : 'node(s) had untolerated taint(s)'
}

function insufficient(pod: KubeObject, { pods, allocatable, requested }: NodeFacts): Rejection | null {
  const reasons: string[] = []
  let preemptable = true
  if (pods.length + 1 > (allocatable['pods'] ?? 110)) reasons.push('Too many pods')
  for (const [name, amount] of Object.entries(requestsOf(pod))) {
    const total = allocatable[name] ?? 0
    if (amount === 0 || amount + (requested[name] ?? 0) <= total) continue
    reasons.push(`Insufficient ${name}`)
    if (amount > total) preemptable = false
  }
  return reasons.length > 0 ? { plugin: 'NodeResourcesFit', reasons, preemptable } : null
}

/** topologySpreadConstraints with DoNotSchedule. */
function spreadReason(pod: KubeObject, facts: NodeFacts, all: readonly NodeFacts[]): string | null {
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue
    const own = facts.node.metadata.labels?.[constraint.topologyKey]
    if (own === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)"
    const counts = new Map<string, number>()
    for (const { node, pods } of all) {
      const value = node.metadata.labels?.[constraint.topologyKey]
      if (value === undefined || !matchesNodeAffinity(pod, node)) continue
      const matching = pods.filter(
        (other) => other.metadata.namespace === pod.metadata.namespace && matchesSelector(constraint.labelSelector, other.metadata.labels),
      )
      counts.set(value, (counts.get(value) ?? 0) + matching.length)
    }
    const least = Math.min(...counts.values())
    const itself = matchesSelector(constraint.labelSelector, pod.metadata.labels) ? 1 : 0
    if ((counts.get(own) ?? 0) + itself - least > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints"
  }
  return null
}

/** How preemption ended: pods had to go, still have to, may not be asked to, or their going would not help. */
export type PreemptionOutcome = 'done' | 'awaited' | 'never' | 'no help'

/** The message where something about the pod itself stands against every node, whichever it is. */
export function unplaceableMessage(reason: string, nodes: number, settings: ClusterSettings): string {
  const minor = minorVersion(settings)
  const head = `0/${nodes} nodes are available`
  if (minor >= 35) return `${head}: ${reason}. not found`
  if (minor < 24) return `${head}: ${nodes} ${reason}.`
  return `${head}: ${reason}. ${preemptionPrefix(minor)}${head}: ${nodes} Preemption is not helpful for scheduling.`
}

/** The scheduler's message where no node fits: `0/4 nodes are available: 1 node(s) had ..., 3 Insufficient cpu. preemption: ...`. */
export function unschedulableMessage(rejections: readonly Rejection[], settings: ClusterSettings, preemption: PreemptionOutcome): string {
  const minor = minorVersion(settings)
  const total = rejections.length
  const count = (reasons: string[]): string => {
    const counts = new Map<string, number>()
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
    return [...counts]
      .map(([reason, times]) => `${times} ${reason}`)
      .toSorted()
      .join(', ')
  }
  const head = `0/${total} nodes are available`
  if (total === 0) return minor >= 24 ? `${head}. ${preemptionPrefix(minor)}${head}.` : `${head}.`
  const message = `${head}: ${count(rejections.flatMap(({ reasons }) => reasons))}.`
  if (minor < 24 || preemption === 'done') return message
  if (preemption === 'awaited') return `${message} ${preemptionPrefix(minor)}not eligible due to a terminating pod on the nominated node.`
  if (preemption === 'never') return `${message} ${preemptionPrefix(minor)}not eligible due to preemptionPolicy=Never.`
  const help = rejections.map(({ preemptable }) =>
    preemptable ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling',
  )
  return `${message} ${preemptionPrefix(minor)}${head}: ${count(help)}.`
}

function preemptionPrefix(minor: number): string {
  return minor >= 34 ? 'no new claims to deallocate, preemption: ' : 'preemption: '
}
