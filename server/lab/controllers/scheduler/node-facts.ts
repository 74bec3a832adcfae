/** What the scheduler knows of a node while it looks for a place for one pod. */
import type { KubeObject } from '../../resources/definition.ts'
import { parseQuantity } from '../../machinery/quantity.ts'

export interface NodeFacts {
  node: KubeObject
  /** Pods on it that have not ended. */
  pods: readonly KubeObject[]
  /** Sums of their requests by resource; cpu in cores, memory in bytes. */
  requested: Record<string, number>
  /** As requested, but a container that asks for nothing counts 0.1 cores and 200 MiB (GetNonzeroRequests), which scores use. */
  assumed: Record<string, number>
}

const ASSUMED = { cpu: 0.1, memory: 200 * 2 ** 20 }

type Requests = Record<string, number>

function add(into: Requests, name: string, amount: number): void {
  into[name] = (into[name] ?? 0) + amount
}

/** A pod's requests: the sum of its containers', or its largest init container's. */
export function requestsOf(pod: KubeObject, assume = false): Requests {
  const total: Requests = {}
  const of = (container: { resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }): Requests => {
    const requests: Requests = {}
    for (const [name, value] of Object.entries(container.resources?.requests ?? {})) requests[name] = parseQuantity(value)
    if (assume) for (const [name, value] of Object.entries(ASSUMED)) requests[name] ??= value
    return requests
  }
  for (const container of pod.spec.containers ?? []) for (const [name, amount] of Object.entries(of(container))) add(total, name, amount)
  for (const container of pod.spec.initContainers ?? []) {
    for (const [name, amount] of Object.entries(of(container))) total[name] = Math.max(total[name] ?? 0, amount)
  }
  return total
}

export function nodeFacts(node: KubeObject, pods: readonly KubeObject[]): NodeFacts {
  const requested: Requests = {}
  const assumed: Requests = {}
  for (const pod of pods) {
    for (const [name, amount] of Object.entries(requestsOf(pod))) add(requested, name, amount)
    for (const [name, amount] of Object.entries(requestsOf(pod, true))) add(assumed, name, amount)
  }
  return { node, pods, requested, assumed }
}
