/**
 * What a kubelet refuses of the pods that are bound to its node without having been scheduled: it looks once more at resources, node affinity and ports
 * (pkg/kubelet/lifecycle/predicate.go).
 */
import { matchesNodeAffinity } from '../machinery/node-affinity.ts'
import { portTaken, quantities, requestsOf } from '../machinery/pod-needs.ts'
import type { KubeObject } from '../resources/definition.ts'

export interface Refusal {
  reason: string
  message: string
}

/** CPU is counted in thousandths of a core. */
function whole(resource: string, amount: number): number {
  return resource === 'cpu' ? Math.round(amount * 1000) : amount
}

/** Why a pod may not run here beside the others, or null. */
export function refusalOf(pod: KubeObject, node: KubeObject, others: readonly KubeObject[]): Refusal | null {
  const capacity = quantities(node.status?.allocatable)
  const outOf = (resource: string, requested: number, used: number): Refusal => ({
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, requested: ${whole(resource, requested)}, used: ${whole(resource, used)}, capacity: ${whole(resource, capacity[resource] ?? 0)}`,
  })
  const failed = (predicate: string, why: string): Refusal => ({ reason: predicate, message: `Predicate ${predicate} failed: ${why}` })
  if (others.length + 1 > (capacity['pods'] ?? 110)) return outOf('pods', 1, others.length)
  for (const [resource, amount] of Object.entries(requestsOf(pod))) {
    const used = others.reduce((sum, other) => sum + (requestsOf(other)[resource] ?? 0), 0)
    if (amount > 0 && amount + used > (capacity[resource] ?? 0)) return outOf(resource, amount, used)
  }
  if (!matchesNodeAffinity(pod, node)) return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  return portTaken(pod, others) ? failed('NodePorts', "node(s) didn't have free ports for the requested pod ports") : null
}
