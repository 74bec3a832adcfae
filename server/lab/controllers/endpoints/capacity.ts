/** How many addresses an Endpoints object takes (maxCapacity), and what it leaves out above that: slices have no such limit. */
const MAX_CAPACITY = 1_000
export const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

export interface Subset {
  addresses?: object[]
  notReadyAddresses?: object[]
  ports?: object[]
}

/**
 * The subsets with a thousand addresses at most: those that are not ready go first; what is left is shared out among the subsets by their sizes, rounded
 * up, as truncateEndpoints of pkg/controller/endpoint. Gives the subsets themselves where they are not too many.
 */
export function withinCapacity(subsets: Subset[]): Subset[] {
  const count = (name: 'addresses' | 'notReadyAddresses'): number => subsets.reduce((sum, subset) => sum + (subset[name]?.length ?? 0), 0)
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')]
  if (ready + notReady <= MAX_CAPACITY) return subsets
  const name = ready > MAX_CAPACITY ? 'addresses' : 'notReadyAddresses'
  const [all, room] = name === 'addresses' ? [ready, MAX_CAPACITY] : [notReady, MAX_CAPACITY - ready]
  let left = room
  return subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const taken = name === 'addresses' ? addresses : notReadyAddresses
    const kept = taken.slice(0, Math.min(left, Math.ceil((taken.length / all) * room)))
    left -= kept.length
    const [up, down] = name === 'addresses' ? [kept, []] : [addresses, kept]
    return {
      ...(up.length > 0 ? { addresses: up } : {}),
      ...(down.length > 0 ? { notReadyAddresses: down } : {}),
      ...(ports ? { ports } : {}),
    }
  })
}
