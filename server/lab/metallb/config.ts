/** MetalLB's configuration as its controller and speakers work with it, made from custom resources (0.13 and later), with the words of its errors. */
import type { KubeObject } from '../resources/definition.ts'
import { selects } from '../resources/kit/labels.ts'
import type { LabelSelector } from '../resources/kit/labels.ts'
import { cidrContains, cidrText, cidrsOverlap, parseRange } from './cidr.ts'
import type { Cidr } from './cidr.ts'

export interface L2Advertisement {
  /** The nodes that may announce. */
  nodes: Set<string>
  /** Empty: all interfaces. */
  interfaces: string[]
}

export interface ServiceAllocation {
  /** 0: none, used last. */
  priority: number
  namespaces: Set<string>
  serviceSelectors: LabelSelector[]
}

export interface Pool {
  name: string
  cidrs: Cidr[]
  avoidBuggy: boolean
  autoAssign: boolean
  allocation: ServiceAllocation | null
  l2: L2Advertisement[]
}

export interface ConfigObjects {
  pools: readonly KubeObject[]
  l2Advertisements: readonly KubeObject[]
  nodes: readonly KubeObject[]
  namespaces: readonly KubeObject[]
}

/** A configuration that MetalLB rejects; the message is its own. */
export class ConfigError extends Error {}

function noDuplicates(list: readonly string[], what: string): void {
  const seen = new Set<string>()
  for (const each of list) {
    if (seen.has(each)) throw new ConfigError(`duplicate definition of ${what} ${JSON.stringify(each)}`)
    seen.add(each)
  }
}

function noDuplicateSelectors(selectors: readonly LabelSelector[], what: string): void {
  for (const { matchExpressions = [] } of selectors)
    for (const { values = [] } of matchExpressions) noDuplicates(values, 'match expression value in label selector')
  noDuplicates(
    selectors.map((selector) => JSON.stringify(selector)),
    what,
  )
}

/** Whether labels satisfy any of the selectors. */
function anySelects(selectors: readonly LabelSelector[], labels: Record<string, string> | undefined): boolean {
  return selectors.some((selector) => selects(selector, labels))
}

function allocationOf(pool: KubeObject, namespaces: readonly KubeObject[]): ServiceAllocation | null {
  const wanted = pool.spec?.serviceAllocation
  if (!wanted) return null
  const names: string[] = wanted.namespaces ?? []
  if (new Set(names).size < names.length) throw new ConfigError('duplicate definition in namespaces field')
  const namespaceSelectors: LabelSelector[] = wanted.namespaceSelectors ?? []
  const serviceSelectors: LabelSelector[] = wanted.serviceSelectors ?? []
  const priority: number = wanted.priority ?? 0
  if (names.length + namespaceSelectors.length + serviceSelectors.length === 0)
    return { priority, namespaces: new Set(), serviceSelectors: [{}] }
  noDuplicateSelectors(namespaceSelectors, 'namespaceSelectors')
  noDuplicateSelectors(serviceSelectors, 'serviceSelectors')
  const selected = namespaces.flatMap(({ metadata }) => (anySelects(namespaceSelectors, metadata.labels) ? metadata.name : []))
  return { priority, namespaces: new Set([...names, ...selected]), serviceSelectors }
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

function poolOf(object: KubeObject, namespaces: readonly KubeObject[]): Pool {
  const { name } = object.metadata
  try {
    return {
      name,
      cidrs: poolCidrs(name, object.spec?.addresses ?? []),
      avoidBuggy: object.spec?.avoidBuggyIPs === true,
      autoAssign: object.spec?.autoAssign !== false,
      allocation: allocationOf(object, namespaces),
      l2: [],
    }
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`parsing address pool ${name}: ${error.message}`)
    throw error
  }
}

function advertise(object: KubeObject, objects: ConfigObjects, pools: ReadonlyMap<string, Pool>): void {
  const { spec = {} } = object
  const names: string[] = spec.ipAddressPools ?? []
  const poolSelectors: LabelSelector[] = spec.ipAddressPoolSelectors ?? []
  const nodeSelectors: LabelSelector[] = spec.nodeSelectors ?? []
  noDuplicates(names, 'ipAddressPools')
  noDuplicateSelectors(poolSelectors, 'ipAddressPoolSelectors')
  noDuplicateSelectors(nodeSelectors, 'nodeSelectors')
  const nodes = objects.nodes.flatMap(({ metadata }) =>
    nodeSelectors.length === 0 || anySelects(nodeSelectors, metadata.labels) ? metadata.name : [],
  )
  const advertisement: L2Advertisement = { nodes: new Set(nodes), interfaces: spec.interfaces ?? [] }
  const everywhere = names.length === 0 && poolSelectors.length === 0
  const selected = objects.pools.flatMap(({ metadata }) => (anySelects(poolSelectors, metadata.labels) ? metadata.name : []))
  for (const name of everywhere ? pools.keys() : [...names, ...selected]) pools.get(name)?.l2.push(advertisement)
}

/** The pools by name, with who may announce their addresses. Throws {@link ConfigError}. */
export function poolsFrom(objects: ConfigObjects): Map<string, Pool> {
  const pools = new Map<string, Pool>()
  const parsed: Pool[] = []
  for (const object of objects.pools) {
    parsed.push(poolOf(object, objects.namespaces))
    checkOverlap(parsed)
  }
  for (const pool of parsed.toSorted((a, b) => (a.name < b.name ? -1 : 1))) pools.set(pool.name, pool)
  for (const object of objects.l2Advertisements) advertise(object, objects, pools)
  return pools
}

/** A text that is the same for the same configuration. */
export function fingerprint(pools: ReadonlyMap<string, Pool>): string {
  return JSON.stringify([...pools.values()], (_key, value) =>
    value instanceof Set ? [...value].toSorted() : typeof value === 'bigint' ? value.toString() : value,
  )
}

/** The pool that an address belongs to, or null. */
export function poolOfAddress(pools: ReadonlyMap<string, Pool> | null, ip: string): Pool | null {
  for (const pool of pools?.values() ?? []) if (pool.cidrs.some((cidr) => cidrContains(cidr, ip))) return pool
  return null
}
