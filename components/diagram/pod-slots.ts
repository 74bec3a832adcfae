/**
 * Which place in its node a pod has. A pod keeps its place while others come and go: a new one takes the lowest free place, in the order of
 * creation. Pure: what has to be remembered goes in and comes out.
 */
import type { Topology, TopologyPod } from '../../server/protocol/topology.ts'

export interface PodSlots {
  /** By uid of the pod. */
  byPod: Record<string, { node: string; slot: number }>
  /** The most places that any node has needed so far: tiles get denser when a node fills, and do not grow back while it empties. */
  peak: number
}

export const NO_SLOTS: PodSlots = { byPod: {}, peak: 0 }

/**
 * The pods that the diagram draws: those of the focused Service's namespace (`default` without one), and MetalLB's controller, which gives
 * out addresses. The rest of the system is machinery.
 */
export function drawnPods(topology: Topology, namespace: string): TopologyPod[] {
  return Object.values(topology.pods)
    .filter((pod) => pod.node !== null && (pod.namespace === namespace || isAddressController(pod)))
    .toSorted(byCreation)
}

/** Whether the pod is MetalLB's controller. */
export function isAddressController(pod: TopologyPod): boolean {
  return pod.namespace === 'metallb-system' && pod.labels['component'] === 'controller'
}

function byCreation(a: TopologyPod, b: TopologyPod): number {
  return a.createdAt - b.createdAt || compare(a.name, b.name) || compare(a.uid, b.uid)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The places of `pods` (in the order of {@link drawnPods}), those of `before` kept. */
export function assignSlots(before: PodSlots, pods: TopologyPod[]): PodSlots {
  const byPod: PodSlots['byPod'] = {}
  const taken = new Map<string, Set<number>>()
  const take = (uid: string, node: string, slot: number): void => {
    byPod[uid] = { node, slot }
    const slots = taken.get(node)
    if (slots) slots.add(slot)
    else taken.set(node, new Set([slot]))
  }
  for (const { uid, node } of pods) {
    const kept = before.byPod[uid]
    if (node !== null && kept?.node === node && !taken.get(node)?.has(kept.slot)) take(uid, node, kept.slot)
  }
  for (const { uid, node } of pods) {
    if (node === null || byPod[uid] !== undefined) continue
    let slot = 0
    while (taken.get(node)?.has(slot)) slot++
    take(uid, node, slot)
  }
  const needed = Object.values(byPod).reduce((most, { slot }) => Math.max(most, slot + 1), 0)
  return { byPod, peak: pods.length === 0 ? 0 : Math.max(before.peak, needed) }
}
