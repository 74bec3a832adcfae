/** The configuration of MetalLB up to 0.12: YAML in the ConfigMap `config` (internal/config/config.go of 0.9.6). What concerns BGP is checked, and not acted on. */
import { communityError } from '../configuration/bgp.ts'
import { cidrText, parseIp } from '../configuration/cidr.ts'
import type { Cidr } from '../configuration/cidr.ts'
import { ConfigError, within } from '../configuration/config-error.ts'
import { milliseconds } from '../configuration/go-duration.ts'
import { checkOverlap, poolCidrs } from '../configuration/pool.ts'
import type { Pool } from '../configuration/pool.ts'
import { TEXT, decodeStrictly } from './strict-yaml.ts'
import type { Shape } from './strict-yaml.ts'

const LIST_OF_TEXT: Shape = { is: 'list', of: TEXT }
const number = (go: string): Shape => ({ is: 'number', go })

const ADVERTISEMENT: Shape = {
  is: 'struct',
  go: 'config.bgpAdvertisement',
  fields: { 'aggregation-length': number('int'), localpref: number('uint32'), communities: LIST_OF_TEXT },
}
const POOL: Shape = {
  is: 'struct',
  go: 'config.addressPool',
  fields: {
    protocol: { is: 'string', go: 'config.Proto' },
    name: TEXT,
    addresses: LIST_OF_TEXT,
    'avoid-buggy-ips': { is: 'bool', go: 'bool' },
    'auto-assign': { is: 'bool', go: 'bool' },
    'bgp-advertisements': { is: 'list', of: ADVERTISEMENT },
  },
}
const REQUIREMENTS: Shape = {
  is: 'struct',
  go: 'config.selectorRequirements',
  fields: { key: TEXT, operator: TEXT, values: LIST_OF_TEXT },
}
const NODE_SELECTOR: Shape = {
  is: 'struct',
  go: 'config.nodeSelector',
  fields: { 'match-labels': { is: 'map', of: TEXT }, 'match-expressions': { is: 'list', of: REQUIREMENTS } },
}
const PEER: Shape = {
  is: 'struct',
  go: 'config.peer',
  fields: {
    'my-asn': number('uint32'),
    'peer-asn': number('uint32'),
    'peer-address': TEXT,
    'peer-port': number('uint16'),
    'hold-time': TEXT,
    'router-id': TEXT,
    'node-selectors': { is: 'list', of: NODE_SELECTOR },
    password: TEXT,
  },
}
const FILE: Shape = {
  is: 'struct',
  go: 'config.configFile',
  fields: {
    peers: { is: 'list', of: PEER },
    'bgp-communities': { is: 'map', of: TEXT },
    'address-pools': { is: 'list', of: POOL },
  },
}

interface RawAdvertisement {
  'aggregation-length'?: number
  communities?: string[]
}

interface RawPool {
  protocol?: string
  name?: string
  addresses?: string[]
  'avoid-buggy-ips'?: boolean
  'auto-assign'?: boolean
  'bgp-advertisements'?: RawAdvertisement[]
}

interface RawFile {
  peers?: Record<string, string | number | undefined>[]
  'bgp-communities'?: Record<string, string>
  'address-pools'?: RawPool[]
}

function checkPeer(peer: Record<string, string | number | undefined>): void {
  if (!peer['my-asn']) throw new ConfigError('missing local ASN')
  if (!peer['peer-asn']) throw new ConfigError('missing peer ASN')
  const address = String(peer['peer-address'] ?? '')
  if (!parseIp(address)) throw new ConfigError(`invalid peer IP ${JSON.stringify(address)}`)
  const hold = String(peer['hold-time'] ?? '')
  const seconds = Math.trunc(milliseconds(hold) / 1_000)
  if (hold !== '' && seconds !== 0 && seconds < 3) throw new ConfigError(`invalid hold time ${JSON.stringify(hold)}: must be 0 or >=3s`)
  const router = String(peer['router-id'] ?? '')
  if (router !== '' && !parseIp(router)) throw new ConfigError(`invalid router ID ${JSON.stringify(router)}`)
}

/** A community as 0.9 words what is wrong with it. */
function checkCommunity(text: string): void {
  const [first = '', ...rest] = text.split(':')
  if (rest.length !== 1) throw new ConfigError(`invalid community string ${JSON.stringify(text)}`)
  if (communityError(text) === null) return
  const wrong = communityError(`${first}:0`) === null ? 'second' : 'first'
  const section = wrong === 'first' ? first : (rest[0] as string)
  const why = /^\d+$/.test(section) ? 'value out of range' : 'invalid syntax'
  throw new ConfigError(
    `invalid ${wrong} section of community ${JSON.stringify(first)}: strconv.ParseUint: parsing ${JSON.stringify(section)}: ${why}`,
  )
}

function checkAdvertisement(raw: RawAdvertisement, cidrs: readonly Cidr[], named: Record<string, string>): void {
  const length = raw['aggregation-length'] ?? 32
  if (length > 32) throw new ConfigError(`invalid aggregation length '${String.fromCodePoint(length)}'`)
  const wide = cidrs.find(({ bits }) => length < bits)
  if (wide)
    throw new ConfigError(
      `invalid aggregation length ${length}: prefix ${JSON.stringify(cidrText(wide))} in this pool is more specific than the aggregation length`,
    )
  for (const community of raw.communities ?? [])
    if (!Object.hasOwn(named, community))
      within(`invalid community ${JSON.stringify(community)} in BGP advertisement`, () => checkCommunity(community))
}

function poolOf(raw: RawPool, communities: Record<string, string>): Pool {
  if (!raw.name) throw new ConfigError('missing pool name')
  const cidrs = poolCidrs(raw.name, raw.addresses ?? [])
  const advertisements = raw['bgp-advertisements'] ?? []
  if (!raw.protocol) throw new ConfigError('address pool is missing the protocol field')
  if (raw.protocol !== 'layer2' && raw.protocol !== 'bgp') throw new ConfigError(`unknown protocol ${JSON.stringify(raw.protocol)}`)
  if (raw.protocol === 'layer2' && advertisements.length > 0)
    throw new ConfigError('cannot have bgp-advertisements configuration element in a layer2 address pool')
  within('parsing BGP communities', () => advertisements.forEach((each) => checkAdvertisement(each, cidrs, communities)))
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
  const raw = within('could not parse config', () => (decodeStrictly(text, FILE) ?? {}) as RawFile)
  for (const [i, peer] of (raw.peers ?? []).entries()) within(`parsing peer #${i + 1}`, () => checkPeer(peer))
  const communities = raw['bgp-communities'] ?? {}
  for (const [name, value] of Object.entries(communities))
    within(`parsing community ${JSON.stringify(name)}`, () => checkCommunity(value ?? ''))
  const pools: Pool[] = []
  for (const [i, each] of (raw['address-pools'] ?? []).entries()) {
    const pool = within(`parsing address pool #${i + 1}`, () => poolOf(each ?? {}, communities))
    if (pools.some(({ name }) => name === pool.name)) throw new ConfigError(`duplicate definition of pool ${JSON.stringify(pool.name)}`)
    pools.push(pool)
    checkOverlap(pools)
  }
  return new Map(pools.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((pool) => [pool.name, pool]))
}
