/** BGPAdvertisements: which pools' addresses are advertised to which peers, from which nodes (setBGPAdvertisementsToPools). */
import type { KubeObject } from '../../resources/definition.ts'
import { communityError } from './bgp.ts'
import { parseRange } from './cidr.ts'
import type { Cidr } from './cidr.ts'
import { ConfigError, joined, noDuplicates } from './config-error.ts'
import type { BgpAdvertisement, Pool } from './pool.ts'

export interface AdvertisementContext {
  communities: ReadonlyMap<string, string>
  pools: ReadonlyMap<string, Pool>
  checkSelections(object: KubeObject): void
  nodesOf(object: KubeObject): Set<string>
  poolsOf(object: KubeObject): string[]
}

/** Adds advertisements to the pools that they are for. Throws {@link ConfigError}. */
export function bgpAdvertisementsFrom(objects: readonly KubeObject[], context: AdvertisementContext): void {
  for (const object of objects) {
    const advertisement = advertisementFrom(object, context)
    for (const name of context.poolsOf(object)) {
      const pool = context.pools.get(name)
      if (!pool) continue
      checkAgainst(pool, advertisement)
      pool.bgp.push(advertisement)
    }
  }
}

function advertisementFrom(object: KubeObject, context: AdvertisementContext): BgpAdvertisement {
  const { metadata, spec = {} } = object
  noDuplicates(spec.ipAddressPools ?? [], 'ipAddressPools')
  noDuplicates(spec.communities ?? [], 'community')
  noDuplicates(spec.peers ?? [], 'peers')
  context.checkSelections(object)
  const aggregation = { 4: spec.aggregationLength ?? 32, 6: spec.aggregationLengthV6 ?? 128 }
  // as Go prints a number by %q: the character
  if (aggregation[4] > 32) throw new ConfigError(`invalid aggregation length '${String.fromCodePoint(aggregation[4])}' for IPv4`)
  if (aggregation[6] > 128) throw new ConfigError(`invalid aggregation length '${String.fromCodePoint(aggregation[6])}' for IPv6`)
  const communities = ((spec.communities ?? []) as string[]).map((text) => {
    const known = context.communities.get(text)
    const error = known === undefined ? communityError(text) : null
    if (error !== null) throw new ConfigError(joined(error, `invalid community ${JSON.stringify(text)} in BGP advertisement`))
    return known ?? text
  })
  return {
    name: metadata.name,
    nodes: context.nodesOf(object),
    aggregation,
    localPreference: spec.localPref ?? 0,
    communities,
    peers: spec.peers ?? [],
  }
}

/** What an advertisement must not do to a pool (validateBGPAdvPerPool). */
function checkAgainst(pool: Pool, advertisement: BgpAdvertisement): void {
  for (const addresses of pool.addresses) {
    const parsed = parseRange(addresses)
    if ('error' in parsed) continue
    const [first] = parsed.cidrs as [Cidr]
    const lowest = Math.min(...parsed.cidrs.map(({ bits }) => bits))
    if (advertisement.aggregation[first.family] < lowest)
      throw new ConfigError(
        `invalid aggregation length ${advertisement.aggregation[4]}: prefix ${lowest} in this pool is more specific than the aggregation length for addresses ${addresses}`,
      )
  }
  for (const other of pool.bgp)
    if (advertisement.localPreference !== other.localPreference && collide(advertisement, other, pool))
      throw new ConfigError(
        `invalid local preference ${advertisement.localPreference}: local preferernce ${other.localPreference} was already set for the same type of BGP update. Check existing BGP advertisements with common pools and aggregation lengths`,
      )
}

/** Whether two advertisements of a pool tell the same routers of the same prefixes (advertisementsAreCompatible). */
function collide(a: BgpAdvertisement, b: BgpAdvertisement, pool: Pool): boolean {
  const families = ([4, 6] as const).filter((family) => pool.cidrs.some((cidr) => cidr.family === family))
  if (families.every((family) => a.aggregation[family] !== b.aggregation[family])) return false
  if (a.peers.length > 0 && b.peers.length > 0 && !a.peers.some((peer) => b.peers.includes(peer))) return false
  return [...a.nodes].some((node) => b.nodes.has(node))
}
