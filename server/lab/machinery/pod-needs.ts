/** What a pod needs of a node: resources and ports of the machine. */
import type { KubeObject } from '../resources/definition.ts'
import { parseQuantity } from './quantity.ts'

const ASSUMED = { cpu: 0.1, memory: 200 * 2 ** 20 }

export type Requests = Record<string, number>

/** Adds amounts to others, by resource. */
export function add(into: Requests, from: Requests): void {
  for (const name in from) into[name] = (into[name] ?? 0) + (from[name] as number)
}

/**
 * The sum of what a pod's containers and sidecars ask for, or its largest init container together with the sidecars that run by then
 * (PodRequests of component-helpers' resource).
 */
function sumOf(spec: KubeObject['spec'], assume: boolean): Requests {
  const total: Requests = {}
  const of = (container: { resources?: { requests?: Record<string, string>; limits?: Record<string, string> } }): Requests => {
    const requests: Requests = {}
    for (const [name, value] of Object.entries(container.resources?.requests ?? {})) requests[name] = parseQuantity(value)
    if (assume) for (const [name, value] of Object.entries(ASSUMED)) requests[name] ??= value
    return requests
  }
  for (const container of spec.containers ?? []) add(total, of(container))
  const sidecars: Requests = {}
  const starting: Requests = {}
  for (const container of spec.initContainers ?? []) {
    const own = of(container)
    const isSidecar = container.restartPolicy === 'Always'
    if (isSidecar) {
      add(total, own)
      add(sidecars, own)
    }
    for (const [name, amount] of Object.entries(own)) {
      starting[name] = Math.max(starting[name] ?? 0, (sidecars[name] ?? 0) + (isSidecar ? 0 : amount))
    }
  }
  for (const [name, amount] of Object.entries(starting)) total[name] = Math.max(total[name] ?? 0, amount)
  add(total, quantities(spec.overhead))
  return total
}

/** Sums by spec: a stored spec never changes. */
const sums = new WeakMap<object, { requested: Requests; assumed: Requests }>()

/** A pod's requests. */
export function requestsOf(pod: KubeObject, assume = false): Requests {
  let sum = sums.get(pod.spec)
  if (!sum) {
    sum = { requested: sumOf(pod.spec, false), assumed: sumOf(pod.spec, true) }
    if (Object.isFrozen(pod.spec)) sums.set(pod.spec, sum)
  }
  return assume ? sum.assumed : sum.requested
}

/** Amounts as numbers: cpu in cores, memory in bytes. */
export function quantities(texts: Record<string, string> | undefined): Requests {
  return Object.fromEntries(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]))
}

function hostPorts(pod: KubeObject): string[] {
  return (pod.spec.containers ?? []).flatMap((container: { ports?: { hostPort?: number; protocol?: string }[] }) =>
    (container.ports ?? []).flatMap(({ hostPort, protocol }) => (hostPort ? `${protocol ?? 'TCP'}/${hostPort}` : [])),
  )
}

/** Whether any port of the machine that a pod asks for is another one's already. */
export function portTaken(pod: KubeObject, others: readonly KubeObject[]): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return false
  const taken = new Set(others.flatMap(hostPorts))
  return wanted.some((port) => taken.has(port))
}
