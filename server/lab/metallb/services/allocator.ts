/** Who has which address of which pool: internal/allocator of MetalLB, its order and its words. */
import type { KubeObject } from '../../resources/definition.ts'
import { selects } from '../../resources/kit/labels.ts'
import { addressesOf, cidrContains, countOf, isBuggy } from '../configuration/cidr.ts'
import type { Pool } from '../configuration/pool.ts'

/** What a service asks of an address. */
export interface Claim {
  /** `namespace/name`. */
  key: string
  service: KubeObject
  /** `TCP/80`. */
  ports: string[]
  sharingKey: string
  backendKey: string
  family: 4 | 6
}

interface Allocation {
  pool: string
  ip: string
  ports: string[]
  sharingKey: string
  backendKey: string
}

/** Why an address is not to be had. */
export interface Denied {
  error: string
}

export class Allocator {
  private pools: ReadonlyMap<string, Pool> = new Map()
  private readonly allocated = new Map<string, Allocation>()
  private readonly onCountersChanged: (pool: string) => void
  /** `["192.168.1.11"]`, before 0.13 `"192.168.1.11"`. */
  private readonly printed: (ip: string) => string

  constructor(options: { printed(ip: string): string; onCountersChanged(pool: string): void }) {
    this.printed = options.printed
    this.onCountersChanged = options.onCountersChanged
  }

  setPools(pools: ReadonlyMap<string, Pool>): void {
    this.pools = pools
    for (const [key, allocation] of this.allocated) {
      const pool = this.poolFor(allocation.ip)
      if (pool === null) this.allocated.delete(key)
      else allocation.pool = pool.name
    }
    for (const name of pools.keys()) this.onCountersChanged(name)
  }

  /** A service that could not keep its address under other pools, or null. */
  misfit(pools: ReadonlyMap<string, Pool>): { key: string; ip: string } | null {
    for (const [key, { ip }] of this.allocated)
      if (![...pools.values()].some((pool) => pool.cidrs.some((cidr) => cidrContains(cidr, ip)))) return { key, ip }
    return null
  }

  poolOf(key: string): string {
    return this.allocated.get(key)?.pool ?? ''
  }

  ipOf(key: string): string | null {
    return this.allocated.get(key)?.ip ?? null
  }

  /** Changes where a shared address may be usable by others now. */
  allocationKey(key: string): string {
    const allocation = this.allocated.get(key)
    return allocation ? allocation.backendKey + allocation.sharingKey : ''
  }

  poolFor(ip: string): Pool | null {
    for (const pool of this.pools.values())
      if (!(pool.avoidBuggy && isBuggy(ip)) && pool.cidrs.some((cidr) => cidrContains(cidr, ip))) return pool
    return null
  }

  unassign(key: string): boolean {
    const allocation = this.allocated.get(key)
    if (!allocation) return false
    this.allocated.delete(key)
    if (this.pools.has(allocation.pool)) this.onCountersChanged(allocation.pool)
    return true
  }

  /** Gives one certain address, or says why not. Idempotent. */
  assign(claim: Claim, ip: string): Denied | null {
    const pool = this.poolFor(ip)
    if (!pool) return { error: `${this.printed(ip)} is not allowed in config` }
    if (!isCompatible(pool, claim.service)) return { error: `pool ${pool.name} not compatible for ip assignment` }
    const denied = this.checkSharing(claim, ip)
    if (denied) return denied
    const { key, ports, sharingKey, backendKey } = claim
    this.allocated.set(key, { pool: pool.name, ip, ports, sharingKey, backendKey })
    this.onCountersChanged(pool.name)
    return null
  }

  /** Any address: pools pinned to the service first, in the order of their priority, then all that assign by themselves. */
  allocate(claim: Claim): { ip: string } | Denied {
    const known = this.ipOf(claim.key)
    if (known !== null) return this.assign(claim, known) ?? { ip: known }
    const open = [...this.pools.values()].filter(({ autoAssign, allocation }) => autoAssign && allocation === null)
    for (const pools of [this.pinned(claim.service), open]) {
      const free = pools.map((pool) => this.freeIn(pool, claim)).find((ip) => ip !== null)
      if (free !== undefined && free !== null && this.assign(claim, free) === null) return { ip: free }
    }
    return { error: 'no available IPs' }
  }

  allocateFromPool(claim: Claim, name: string): { ip: string } | Denied {
    const known = this.ipOf(claim.key)
    if (known !== null) return this.assign(claim, known) ?? { ip: known }
    const pool = this.pools.get(name)
    if (!pool) return { error: `unknown pool ${JSON.stringify(name)}` }
    // an empty pool makes MetalLB try no address at all, and it says so in this odd way
    const free = this.freeIn(pool, claim) ?? '<nil>'
    return this.assign(claim, free) ?? { ip: free }
  }

  /** As `status` of an IPAddressPool; counts beyond 2^53 are cut. */
  counters(name: string): { assignedIPv4: number; assignedIPv6: number; availableIPv4: number; availableIPv6: number } | null {
    const pool = this.pools.get(name)
    if (!pool) return null
    const used = new Set([...this.allocated.values()].flatMap(({ pool: of, ip }) => (of === name ? ip : [])))
    const assigned = { 4: [...used].filter((ip) => !ip.includes(':')).length, 6: [...used].filter((ip) => ip.includes(':')).length }
    const total = (family: 4 | 6): number =>
      Number(pool.cidrs.reduce((sum, cidr) => (cidr.family === family ? sum + countOf(cidr, pool.avoidBuggy) : sum), 0n))
    return {
      assignedIPv4: assigned[4],
      assignedIPv6: assigned[6],
      availableIPv4: total(4) - assigned[4],
      availableIPv6: Math.min(total(6) - assigned[6], Number.MAX_SAFE_INTEGER),
    }
  }

  private pinned(service: KubeObject): Pool[] {
    return [...this.pools.values()]
      .filter((pool) => pool.autoAssign && pool.allocation !== null && isCompatible(pool, service))
      .toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
  }

  private freeIn(pool: Pool, claim: Claim): string | null {
    for (const cidr of pool.cidrs) {
      if (cidr.family !== claim.family) continue
      for (const ip of addressesOf(cidr)) {
        if (pool.avoidBuggy && isBuggy(ip)) continue
        if (this.checkSharing(claim, ip) === null) return ip
      }
    }
    return null
  }

  private checkSharing(claim: Claim, ip: string): Denied | null {
    const others = [...this.allocated].filter(([key, allocation]) => allocation.ip === ip && key !== claim.key)
    if (others.length === 0) return null
    const existing = (others[0] as [string, Allocation])[1]
    const shared = existing.sharingKey !== '' && existing.sharingKey === claim.sharingKey && existing.backendKey === claim.backendKey
    if (!shared)
      return {
        error: `can't change sharing key for ${JSON.stringify(claim.key)}, address also in use by ${others.map(([key]) => key).join(',')}`,
      }
    for (const port of claim.ports)
      if (others.some(([, { ports }]) => ports.includes(port))) return { error: `port ${port} is already in use on ${JSON.stringify(ip)}` }
    return null
  }
}

/** Lower comes first; no priority comes last. */
function rank({ allocation }: Pool): number {
  return allocation?.priority || Infinity
}

function isCompatible({ allocation }: Pool, { metadata }: KubeObject): boolean {
  if (allocation === null) return true
  if (allocation.namespaces.size > 0 && !allocation.namespaces.has(metadata.namespace ?? '')) return false
  if (allocation.serviceSelectors.length === 0) return true
  return allocation.serviceSelectors.some((selector) => selects(selector, metadata.labels ?? {}))
}
