/** Node affinity, pod affinity and topology of one pod. */
import type { KubeObject } from '../../resources/definition.ts'
import { type NodeSelectorTerm, matchesTerm } from '../../machinery/node-affinity.ts'
import { matchesSelector } from '../../machinery/selectors.ts'
import type { NodeFacts } from './node-facts.ts'

/** Sum of the weights of preferred terms that the node matches. */
export function preferredNodeScore(pod: KubeObject, node: KubeObject): number {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return preferred
    .filter(({ preference }: { preference: NodeSelectorTerm }) => matchesTerm(preference, node))
    .reduce((sum: number, { weight }: { weight: number }) => sum + weight, 0)
}

interface PodAffinityTerm {
  labelSelector?: Parameters<typeof matchesSelector>[0]
  namespaces?: string[]
  namespaceSelector?: object
  topologyKey: string
}

function termMatches(term: PodAffinityTerm, owner: KubeObject, other: KubeObject): boolean {
  const namespaces = term.namespaces?.length ? term.namespaces : [owner.metadata.namespace]
  if (!term.namespaceSelector && !namespaces.includes(other.metadata.namespace ?? '')) return false
  return matchesSelector(term.labelSelector, other.metadata.labels)
}

/** Nodes' values of the topology key on which a matching pod is. */
function domainsWith(term: PodAffinityTerm, pod: KubeObject, all: readonly NodeFacts[]): Set<string> {
  const domains = new Set<string>()
  for (const { node, pods } of all) {
    const value = node.metadata.labels?.[term.topologyKey]
    if (value !== undefined && pods.some((other) => termMatches(term, pod, other))) domains.add(value)
  }
  return domains
}

/** The reason why pod affinity forbids a node, or null. */
export function podAffinityReason(pod: KubeObject, facts: NodeFacts, all: readonly NodeFacts[]): string | null {
  const labels = facts.node.metadata.labels ?? {}
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  for (const term of podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const domains = domainsWith(term, pod, all)
    const value = labels[term.topologyKey]
    // the first pod of a group may go anywhere, where it matches its own term
    const first = domains.size === 0 && termMatches(term, pod, pod)
    if (value === undefined || (!domains.has(value) && !first)) return "node(s) didn't match pod affinity rules"
  }
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const value = labels[term.topologyKey]
    if (value !== undefined && domainsWith(term, pod, all).has(value)) return "node(s) didn't match pod anti-affinity rules"
  }
  for (const { node, repelling } of all) {
    for (const other of repelling) {
      for (const term of other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
        const value = node.metadata.labels?.[term.topologyKey]
        if (value !== undefined && value === labels[term.topologyKey] && termMatches(term, other, pod)) {
          return "node(s) didn't satisfy existing pods anti-affinity rules"
        }
      }
    }
  }
  return null
}

/** Preferred pod affinity and anti-affinity of the pod, by node. */
export function preferredPodScore(pod: KubeObject, facts: NodeFacts, all: readonly NodeFacts[]): number {
  let score = 0
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  for (const [affinity, sign] of [
    [podAffinity, 1],
    [podAntiAffinity, -1],
  ] as const) {
    for (const { weight, podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      const value = facts.node.metadata.labels?.[podAffinityTerm.topologyKey]
      if (value === undefined) continue
      for (const { node, pods } of all) {
        if (node.metadata.labels?.[podAffinityTerm.topologyKey] !== value) continue
        score += sign * weight * pods.filter((other) => termMatches(podAffinityTerm, pod, other)).length
      }
    }
  }
  return score
}
