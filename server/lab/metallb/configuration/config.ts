/** MetalLB's configuration as its controller and speakers work with it, made from custom resources (0.13 and later), with the words of its errors. */
import type { KubeObject } from '../../resources/definition.ts'
import type { LabelSelector } from '../../resources/kit/labels.ts'
import { communitiesFrom, peersFrom } from './bgp.ts'
import type { Peer } from './bgp.ts'
import { bgpAdvertisementsFrom } from './bgp-advertisements.ts'
import { ConfigError, noDuplicates, within } from './config-error.ts'
import type { ConfigObjects } from './config-objects.ts'
import { refuseWhatNativeModeLacks } from './native-mode.ts'
import { checkOverlap, poolCidrs } from './pool.ts'
import type { L2Advertisement, Pool, ServiceAllocation } from './pool.ts'
import { anySelects, checkSelectors, noDuplicateSelectors } from './selectors.ts'

export interface Config {
  pools: Map<string, Pool>
  peers: Map<string, Peer>
}

function allocationOf(pool: KubeObject, namespaces: readonly KubeObject[]): ServiceAllocation | null {
  const wanted = pool.spec?.serviceAllocation
  if (!wanted) return null
  const { name } = pool.metadata
  const names: string[] = wanted.namespaces ?? []
  if (new Set(names).size < names.length) throw new ConfigError('duplicate definition in namespaces field')
  const namespaceSelectors: LabelSelector[] = wanted.namespaceSelectors ?? []
  const serviceSelectors: LabelSelector[] = wanted.serviceSelectors ?? []
  const priority: number = wanted.priority ?? 0
  if (names.length + namespaceSelectors.length + serviceSelectors.length === 0)
    return { priority, namespaces: new Set(), serviceSelectors: [{}] }
  noDuplicateSelectors(namespaceSelectors, 'namespaceSelectors')
  noDuplicateSelectors(serviceSelectors, 'serviceSelectors')
  checkSelectors(namespaceSelectors, (selector) => `invalid namespace label selector ${selector} in ip pool ${name}`)
  checkSelectors(serviceSelectors, (selector) => `invalid service label selector ${selector} in ip pool ${name}`)
  const selected = namespaces.flatMap(({ metadata }) => (anySelects(namespaceSelectors, metadata.labels) ? metadata.name : []))
  return { priority, namespaces: new Set([...names, ...selected]), serviceSelectors }
}

function poolOf(object: KubeObject, namespaces: readonly KubeObject[]): Pool {
  const { name } = object.metadata
  return within(`parsing address pool ${name}`, () => ({
    name,
    addresses: object.spec?.addresses ?? [],
    cidrs: poolCidrs(name, object.spec?.addresses ?? []),
    avoidBuggy: object.spec?.avoidBuggyIPs === true,
    autoAssign: object.spec?.autoAssign !== false,
    allocation: allocationOf(object, namespaces),
    l2: [],
    bgp: [],
  }))
}

/** The names of the pools that an advertisement is for; throws for a selection that is none. */
function selectedPools({ spec = {} }: KubeObject, pools: readonly KubeObject[]): string[] {
  const names: string[] = spec.ipAddressPools ?? []
  const selectors: LabelSelector[] = spec.ipAddressPoolSelectors ?? []
  checkSelectors(selectors, (selector) => `invalid label selector ${selector}`)
  if (names.length + selectors.length === 0) return pools.map(({ metadata }) => metadata.name)
  return [...names, ...pools.flatMap(({ metadata }) => (anySelects(selectors, metadata.labels) ? metadata.name : []))]
}

/** The nodes that an advertisement is for; throws for a selection that is none. */
function selectedNodes({ metadata, spec = {} }: KubeObject, nodes: readonly KubeObject[]): Set<string> {
  const selectors: LabelSelector[] = spec.nodeSelectors ?? []
  checkSelectors(selectors, (selector) => `invalid label selector ${selector}\nfailed to parse node selector for ${metadata.name}`)
  return new Set(nodes.flatMap((node) => (selectors.length === 0 || anySelects(selectors, node.metadata.labels) ? node.metadata.name : [])))
}

function checkSelections({ spec = {} }: KubeObject): void {
  noDuplicateSelectors(spec.ipAddressPoolSelectors ?? [], 'ipAddressPoolSelectors')
  noDuplicateSelectors(spec.nodeSelectors ?? [], 'nodeSelectors')
}

function advertiseOnLan(object: KubeObject, objects: ConfigObjects, pools: ReadonlyMap<string, Pool>): void {
  noDuplicates(object.spec?.ipAddressPools ?? [], 'ipAddressPools')
  checkSelections(object)
  const advertisement: L2Advertisement = { nodes: selectedNodes(object, objects.nodes ?? []), interfaces: object.spec?.interfaces ?? [] }
  for (const name of selectedPools(object, objects.pools ?? [])) pools.get(name)?.l2.push(advertisement)
}

function poolsFrom(objects: ConfigObjects): Map<string, Pool> {
  const communities = communitiesFrom(objects.communities ?? [])
  const pools = new Map<string, Pool>()
  const parsed: Pool[] = []
  for (const object of objects.pools ?? []) {
    parsed.push(poolOf(object, objects.namespaces ?? []))
    checkOverlap(parsed)
  }
  for (const pool of parsed.toSorted((a, b) => (a.name < b.name ? -1 : 1))) pools.set(pool.name, pool)
  for (const object of objects.l2Advertisements ?? []) advertiseOnLan(object, objects, pools)
  bgpAdvertisementsFrom(objects.bgpAdvertisements ?? [], {
    communities,
    pools,
    checkSelections,
    nodesOf: (object) => selectedNodes(object, objects.nodes ?? []),
    poolsOf: (object) => selectedPools(object, objects.pools ?? []),
  })
  return pools
}

/** The configuration that objects make. Throws {@link ConfigError}. */
export function configFrom(objects: ConfigObjects): Config {
  refuseWhatNativeModeLacks(objects)
  const peers = peersFrom(objects.peers ?? [], objects.secrets ?? [])
  return { pools: poolsFrom(objects), peers }
}

/** A text that is the same for the same configuration. */
export function fingerprint(config: Config): string {
  return JSON.stringify([[...config.pools.values()], [...config.peers.values()]], (_key, value) =>
    value instanceof Set ? [...value].toSorted() : typeof value === 'bigint' ? value.toString() : value,
  )
}
