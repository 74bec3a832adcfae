/** The configuration of MetalLB up to 0.12: YAML in the ConfigMap `config`. Layer 2 pools; what concerns BGP is read and not acted on. */
import { parse } from 'yaml'
import { ConfigError } from './config-error.ts'
import { checkOverlap, poolCidrs } from './config.ts'
import type { Pool } from './config.ts'

const FIELDS = new Set(['peers', 'bgp-communities', 'address-pools'])
const POOL_FIELDS = new Set(['protocol', 'name', 'addresses', 'avoid-buggy-ips', 'auto-assign', 'bgp-advertisements'])

interface RawPool {
  protocol?: string
  name?: string
  addresses?: string[]
  'avoid-buggy-ips'?: boolean
  'auto-assign'?: boolean
  'bgp-advertisements'?: unknown[]
}

function strictly(object: object, known: ReadonlySet<string>, type: string): void {
  for (const field of Object.keys(object))
    if (!known.has(field))
      throw new ConfigError(
        `could not parse config: error unmarshaling JSON: while decoding JSON: json: unknown field ${JSON.stringify(field)}${type}`,
      )
}

function poolOf(raw: RawPool): Pool {
  if (!raw.name) throw new ConfigError('missing pool name')
  const cidrs = poolCidrs(raw.name, raw.addresses ?? [])
  if (!raw.protocol) throw new ConfigError('address pool is missing the protocol field')
  if (raw.protocol !== 'layer2' && raw.protocol !== 'bgp') throw new ConfigError(`unknown protocol ${JSON.stringify(raw.protocol)}`)
  if (raw.protocol === 'layer2' && (raw['bgp-advertisements'] ?? []).length > 0)
    throw new ConfigError('cannot have bgp-advertisements configuration element in a layer2 address pool')
  return {
    name: raw.name,
    addresses: raw.addresses ?? [],
    cidrs,
    avoidBuggy: raw['avoid-buggy-ips'] === true,
    autoAssign: raw['auto-assign'] !== false,
    allocation: null,
    // up to 0.12 every node may announce; a BGP pool is announced to routers, not on the LAN
    l2: raw.protocol === 'layer2' ? [{ nodes: new Set(), interfaces: [] }] : [],
    bgp: [],
  }
}

/** The pools of `data.config`, in the order of their names. Throws {@link ConfigError}. */
export function poolsFromConfigMap(text: string): Map<string, Pool> {
  let raw: unknown
  try {
    raw = parse(text) ?? {}
  } catch (error) {
    throw new ConfigError(`could not parse config: ${(error as Error).message.split('\n')[0]}`)
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw))
    throw new ConfigError(
      'could not parse config: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type config.configFile',
    )
  strictly(raw, FIELDS, '')
  const pools: Pool[] = []
  for (const [i, each] of ((raw as { 'address-pools'?: RawPool[] })['address-pools'] ?? []).entries()) {
    strictly(each, POOL_FIELDS, '')
    try {
      pools.push(poolOf(each))
    } catch (error) {
      if (error instanceof ConfigError) throw new ConfigError(`parsing address pool #${i + 1}: ${error.message}`)
      throw error
    }
    if (pools.some(({ name }, j) => j < pools.length - 1 && name === each.name))
      throw new ConfigError(`duplicate definition of pool ${JSON.stringify(each.name)}`)
    checkOverlap(pools)
  }
  return new Map(pools.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((pool) => [pool.name, pool]))
}
