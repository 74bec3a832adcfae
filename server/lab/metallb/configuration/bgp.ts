/** BGP peers and communities: what MetalLB checks of them, and what its speakers make of them. The lab's LAN has no router to speak BGP with. */
import type { KubeObject } from '../../resources/definition.ts'
import type { LabelSelector } from '../../resources/kit/labels.ts'
import { parseIp } from './cidr.ts'
import { ConfigError, joined } from './config-error.ts'
import { durationText, milliseconds } from './go-duration.ts'
import { checkSelectors, noDuplicateSelectors } from './selectors.ts'

export interface Peer {
  name: string
  address: string
  port: number
  myAsn: number
  asn: number
  /** Empty: all nodes. */
  nodeSelectors: LabelSelector[]
  password: string
  /** ms, or null for the default. */
  holdTime: number | null
}

/** The peers by name (peerFromCR). Throws {@link ConfigError}. */
export function peersFrom(objects: readonly KubeObject[], secrets: readonly KubeObject[]): Map<string, Peer> {
  const peers = new Map<string, Peer>()
  for (const object of objects) {
    const { name } = object.metadata
    try {
      peers.set(name, peerFrom(object, secrets))
    } catch (error) {
      if (error instanceof ConfigError) throw new ConfigError(`parsing peer ${name} ${error.message}`)
      throw error
    }
  }
  return peers
}

function peerFrom({ metadata, spec = {} }: KubeObject, secrets: readonly KubeObject[]): Peer {
  const wrong = whatIsWrong(spec)
  if (wrong !== null) throw new ConfigError(wrong)
  const nodeSelectors: LabelSelector[] = spec.nodeSelectors ?? []
  noDuplicateSelectors(nodeSelectors, 'nodeSelectors')
  checkSelectors(nodeSelectors, () => `failed to convert peer ${metadata.name} node selector`)
  const named = `${JSON.stringify(metadata.namespace)}/${JSON.stringify(metadata.name)}`
  const reference: string = spec.passwordSecret?.name ?? ''
  if (spec.password && reference) throw new ConfigError(`can not have both password and secret ref set in peer config ${named}`)
  return {
    name: metadata.name,
    address: spec.peerAddress ?? '',
    port: spec.peerPort ?? 179,
    myAsn: spec.myASN,
    asn: spec.peerASN ?? 0,
    nodeSelectors,
    password: reference === '' ? (spec.password ?? '') : passwordFrom(reference, secrets, metadata.name, named),
    holdTime: spec.holdTime === undefined ? null : milliseconds(spec.holdTime),
  }
}

function passwordFrom(reference: string, secrets: readonly KubeObject[], peer: string, named: string): string {
  const fail = (cause: string): never => {
    throw new ConfigError(joined(cause, `failed to parse peer ${peer} password secret`))
  }
  const secret = secrets.find(({ metadata }) => metadata.name === reference)
  if (!secret) return fail(`secret ref not found for peer config ${named}`)
  const { name, namespace } = secret.metadata
  const where = `${JSON.stringify(namespace)}/${JSON.stringify(name)}`
  if (secret.type !== 'kubernetes.io/basic-auth')
    return fail(`secret type mismatch on ${where}, type "kubernetes.io/basic-auth" is expected `)
  const password: string | undefined = secret.data?.password
  if (password === undefined) return fail(`password not specified in the secret ${where}`)
  return Buffer.from(password, 'base64').toString()
}

function whatIsWrong(spec: Record<string, any>): string | null {
  if (!spec.myASN) return 'missing local ASN'
  if (!spec.peerASN && !spec.dynamicASN) return 'missing peer ASN and dynamicASN'
  if (spec.peerASN && spec.dynamicASN) return 'both peer ASN and dynamicASN specified'
  if (spec.dynamicASN && spec.dynamicASN !== 'internal' && spec.dynamicASN !== 'external') return `invalid dynamicASN ${spec.dynamicASN}`
  if (spec.peerASN === spec.myASN && spec.ebgpMultiHop) return 'invalid ebgp-multihop parameter set for an ibgp peer'
  if (!spec.peerAddress && !spec.interface) return 'peer has no Address or Interface specified'
  if (spec.peerAddress && spec.interface) return 'peer has both Address and Interface specified'
  const timers = wrongTimers(spec.holdTime, spec.keepaliveTime)
  if (timers !== null) return `invalid BGPPeer timers: ${timers}`
  if (spec.peerAddress && !parseIp(spec.peerAddress)) return `invalid BGPPeer address ${JSON.stringify(spec.peerAddress)}`
  if (spec.routerID && !parseIp(spec.routerID)) return `invalid router ID ${JSON.stringify(spec.routerID)}`
  if (spec.sourceAddress && !parseIp(spec.sourceAddress)) return `invalid source IP ${JSON.stringify(spec.sourceAddress)}`
  return null
}

/** The generated String method of metav1.Duration. */
function printedDuration(text: string | undefined): string {
  return text === undefined ? '"nil"' : `"&Duration{Duration:${durationText(milliseconds(text))},}"`
}

function wrongTimers(holdTime: string | undefined, keepalive: string | undefined): string | null {
  if (holdTime === undefined && keepalive === undefined) return null
  const hold = holdTime === undefined ? milliseconds(keepalive) * 3 : milliseconds(holdTime)
  const alive = keepalive === undefined ? hold / 3 : milliseconds(keepalive)
  const rounded = Math.trunc(hold / 1_000)
  if (rounded !== 0 && rounded < 3) return `invalid hold time ${printedDuration(holdTime)}: must be 0 or >=3s`
  return alive > hold
    ? `invalid keepaliveTime ${printedDuration(keepalive)}, must be lower than holdTime ${printedDuration(holdTime)}`
    : null
}

/** `large:1:2:3`, against `64500:1`. */
export function isLargeCommunity(text: string): boolean {
  return text.split(':').length === 4
}

/** What is wrong with a community, or null (internal/bgp/community). */
export function communityError(text: string): string | null {
  const parts = text.split(':')
  if (parts.length !== 2 && parts.length !== 4) return `invalid community format: ${text}`
  if (parts.length === 4 && parts[0] !== 'large')
    return `invalid community value: invalid marker for large community, expected community to be of format large:<uint32>:<uint32>:<uint32> but got ${JSON.stringify(text)} instead`
  const [sections, most] = parts.length === 4 ? [parts.slice(1), 2 ** 32 - 1] : [parts, 2 ** 16 - 1]
  for (const section of sections) {
    const why = /^\d+$/.test(section) ? (Number(section) > most ? 'value out of range' : null) : 'invalid syntax'
    if (why === null) continue
    const error = `strconv.ParseUint: parsing ${JSON.stringify(section)}: ${why}`
    return `invalid community value: invalid section ${JSON.stringify(section)} of community ${JSON.stringify(text)}, err: ${JSON.stringify(error)}`
  }
  return null
}

/** The communities that have a name. Throws for values that are none, and for names that stand twice. */
export function communitiesFrom(objects: readonly KubeObject[]): Map<string, string> {
  const named = new Map<string, string>()
  for (const { spec = {} } of objects)
    for (const { name, value } of (spec.communities ?? []) as { name: string; value: string }[]) {
      const error = communityError(value ?? '')
      if (error !== null) throw new ConfigError(`parsing community ${JSON.stringify(name)}: ${error}`)
      if (named.has(name)) throw new ConfigError(`duplicate definition of community ${JSON.stringify(name)}`)
      named.set(name, value)
    }
  return named
}
