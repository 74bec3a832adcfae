/** Which nodes a pod asks for: its nodeSelector and required node affinity. The scheduler looks at them, and so does the kubelet once more. */
import type { KubeObject } from '../resources/definition.ts'
import { matchesExpression } from './selectors.ts'

export interface NodeSelectorTerm {
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
  matchFields?: { key: string; operator: string; values?: string[] }[]
}

/** An empty term matches nothing, as in component-helpers' nodeaffinity. */
export function matchesTerm(term: NodeSelectorTerm, node: KubeObject): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  return (
    matchExpressions.every((expression) => matchesExpression(expression, node.metadata.labels)) &&
    matchFields.every((field) => matchesExpression(field, { 'metadata.name': node.metadata.name }))
  )
}

/** nodeSelector and required node affinity. */
export function matchesNodeAffinity(pod: KubeObject, node: KubeObject): boolean {
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (node.metadata.labels?.[key] !== value) return false
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (!required) return true
  return (required.nodeSelectorTerms ?? []).some((term: NodeSelectorTerm) => matchesTerm(term, node))
}
