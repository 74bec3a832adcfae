/** What MetalLB checks of its BGP objects. The lab's LAN has no router to speak BGP with, so nothing else comes of them. */
import type { KubeObject } from '../resources/definition.ts'
import { cidrText, parseIp, parseRange } from './cidr.ts'
import { ConfigError } from './config.ts'

/** What is wrong with a BGPPeer, or null (peerFromCR). */
export function bgpPeerError({ spec = {} }: KubeObject): string | null {
  if (!spec.myASN) return 'missing local ASN'
  if (!spec.peerASN && !spec.dynamicASN) return 'missing peer ASN and dynamicASN'
  if (spec.peerASN && spec.dynamicASN) return 'both peer ASN and dynamicASN specified'
  if (spec.dynamicASN && spec.dynamicASN !== 'internal' && spec.dynamicASN !== 'external') return `invalid dynamicASN ${spec.dynamicASN}`
  if (spec.peerASN === spec.myASN && spec.ebgpMultiHop) return 'invalid ebgp-multihop parameter set for an ibgp peer'
  if (!spec.peerAddress && !spec.interface) return 'peer has no Address or Interface specified'
  if (spec.peerAddress && spec.interface) return 'peer has both Address and Interface specified'
  if (spec.peerAddress && !parseIp(spec.peerAddress)) return `invalid BGPPeer address ${JSON.stringify(spec.peerAddress)}`
  if (spec.routerID && !parseIp(spec.routerID)) return `invalid router ID ${JSON.stringify(spec.routerID)}`
  if (spec.sourceAddress && !parseIp(spec.sourceAddress)) return `invalid source IP ${JSON.stringify(spec.sourceAddress)}`
  return null
}

/** Throws where an advertisement's aggregation is wider than a pool that it is for (validateBGPAdvPerPool). */
export function checkBgpAdvertisements(advertisements: readonly KubeObject[], pools: readonly KubeObject[]): void {
  for (const { spec = {} } of advertisements) {
    const names: string[] = spec.ipAddressPools ?? []
    const duplicate = names.find((name, i) => names.indexOf(name) !== i)
    if (duplicate !== undefined) throw new ConfigError(`duplicate definition of ipAddressPools ${JSON.stringify(duplicate)}`)
    const length: number = spec.aggregationLength ?? 32
    for (const pool of pools) {
      if (names.length > 0 && !names.includes(pool.metadata.name)) continue
      for (const addresses of (pool.spec?.addresses ?? []) as string[]) {
        const parsed = parseRange(addresses)
        if ('error' in parsed || parsed.cidrs[0]?.family !== 4) continue
        const lowest = Math.min(...parsed.cidrs.map((cidr) => Number(cidrText(cidr).split('/')[1])))
        if (length < lowest)
          throw new ConfigError(
            `invalid aggregation length ${length}: prefix ${lowest} in this pool is more specific than the aggregation length for addresses ${addresses}`,
          )
      }
    }
  }
}

/** Throws for communities that are no communities, and for names that stand twice. */
export function checkCommunities(objects: readonly KubeObject[]): void {
  const names = new Set<string>()
  for (const { spec = {} } of objects)
    for (const { name, value } of (spec.communities ?? []) as { name: string; value: string }[]) {
      const parts = String(value).split(':')
      const known =
        (parts.length === 2 || (parts.length === 4 && parts[0] === 'large')) && parts.slice(-2).every((part) => /^\d+$/.test(part))
      if (!known) throw new ConfigError(`parsing community ${JSON.stringify(name)}: invalid community format: ${value}`)
      if (names.has(name)) throw new ConfigError(`duplicate definition of community ${JSON.stringify(name)}`)
      names.add(name)
    }
}
