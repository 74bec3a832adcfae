import type { RequestTrace, Topology } from '../../server/protocol/topology.ts'

/** Requests further apart than this (ms of lab time) are not one burst: a jump in a recording is not a hundred requests at once. */
const ONE_BURST = 2_500

/** The requests that are new in `after`, oldest first. After a jump only the last ones count. */
export function freshRequests(before: Topology, after: Topology): RequestTrace[] {
  if (before.recent === after.recent) return []
  const known = new Set(before.recent.map(({ id }) => id))
  const newest = after.recent.at(-1)?.at ?? 0
  return after.recent.filter(({ id, at }) => !known.has(id) && at > newest - ONE_BURST)
}
