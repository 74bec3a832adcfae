import type { RequestTrace, Topology } from '../../server/protocol/topology.ts'

/**
 * The request that a picture without motion shows: the last one, unless something has happened since that makes its way untrue (a node went off,
 * the address moved, a pod came or went).
 */
export function restingRequest(topology: Topology): RequestTrace | null {
  const last = topology.recent.at(-1)
  if (last === undefined) return null
  const moved = Object.values(topology.holders).some(({ since }) => since !== null && since > last.at)
  const off = Object.values(topology.poweredOff).some((at) => at > last.at)
  const newer = Object.values(topology.pods).some((pod) => pod.namespace === 'default' && pod.createdAt > last.at)
  const gone = last.pod !== null && !Object.values(topology.pods).some(({ name, terminating }) => name === last.pod && !terminating)
  return moved || off || newer || gone ? null : last
}
