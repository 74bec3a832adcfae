/** A pool of addresses as MetalLB's programs work with it, whatever it was read from, and what is checked of its prefixes. */
import type { LabelSelector } from '../../resources/kit/labels.ts'
import { cidrContains, cidrText, cidrsOverlap, parseRange } from './cidr.ts'
import type { Cidr } from './cidr.ts'
import { ConfigError } from './config-error.ts'

export interface L2Advertisement {
  /** The nodes that may announce. */
  nodes: Set<string>
  /** Empty: all interfaces. */
  interfaces: string[]
}

export interface BgpAdvertisement {
  name: string
  nodes: Set<string>
  aggregation: { 4: number; 6: number }
  localPreference: number
  communities: string[]
  /** Empty: all. */
  peers: string[]
}

export interface ServiceAllocation {
  /** 0: none, used last. */
  priority: number
  namespaces: Set<string>
  serviceSelectors: LabelSelector[]
}

export interface Pool {
  name: string
  /** As they are written. */
  addresses: string[]
  cidrs: Cidr[]
  avoidBuggy: boolean
  autoAssign: boolean
  allocation: ServiceAllocation | null
  l2: L2Advertisement[]
  bgp: BgpAdvertisement[]
}

/** The prefixes of a pool's address list. */
export function poolCidrs(name: string, addresses: readonly string[]): Cidr[] {
  if (addresses.length === 0) throw new ConfigError('pool has no prefixes defined')
  return addresses.flatMap((text) => {
    const parsed = parseRange(text)
    if ('error' in parsed) throw new ConfigError(`invalid CIDR ${JSON.stringify(text)} in pool ${JSON.stringify(name)}: ${parsed.error}`)
    return parsed.cidrs
  })
}

/** Throws where a pool's prefixes overlap with another one's, or among themselves. */
export function checkOverlap(pools: readonly Pick<Pool, 'name' | 'cidrs'>[]): void {
  const all: Cidr[] = []
  for (const { name, cidrs } of pools)
    for (const cidr of cidrs) {
      const other = all.find((each) => cidrsOverlap(cidr, each))
      if (other)
        throw new ConfigError(
          `CIDR ${JSON.stringify(cidrText(cidr))} in pool ${JSON.stringify(name)} overlaps with already defined CIDR ${JSON.stringify(cidrText(other))}`,
        )
      all.push(cidr)
    }
}

/** The pool that an address belongs to, or null. */
export function poolOfAddress(pools: ReadonlyMap<string, Pool> | null, ip: string): Pool | null {
  for (const pool of pools?.values() ?? []) if (pool.cidrs.some((cidr) => cidrContains(cidr, ip))) return pool
  return null
}
