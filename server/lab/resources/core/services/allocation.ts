import type { KubeObject, StrategyContext } from '../../definition.ts'
import { minorVersion } from '../../kit/version.ts'
import { isHeadless, mayHaveNodePort, needsClusterIp, needsHealthCheckPort, needsNodePort } from './needs.ts'

/* oxlint-disable typescript/no-explicit-any */

export interface Ipv4Range {
  /** Network address. */
  base: number
  /** How many addresses. */
  size: number
}

/** An IPv4 address as a number; NaN where the text is none. */
export function ipv4Number(address: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number)
  if (parts === undefined || parts.some((part) => part > 255)) return NaN
  return parts.reduce((number, part) => number * 256 + part, 0)
}

export function ipv4Text(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

export function ipv4Range(cidr: string): Ipv4Range {
  const [address = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const number = ipv4Number(address)
  return { base: number - (number % size), size }
}

/**
 * Where chance begins to choose: the lower part of a range is left to those who name an address or port, from 1.26 (addresses) and 1.28 (ports) on.
 */
function reserved(size: number, divisor: number, largest: number): number {
  const smallest = 16
  if (size <= smallest) return 0
  return Math.min(Math.max(smallest, Math.floor(size / divisor)), largest)
}

function pick(from: number, count: number, taken: ReadonlySet<number>, random: () => number): number | undefined {
  if (count <= 0) return undefined
  const start = Math.floor(random() * count)
  for (let i = 0; i < count; i++) {
    const candidate = from + ((start + i) % count)
    if (!taken.has(candidate)) return candidate
  }
  return undefined
}

/** All addresses that services other than this one hold. */
export function takenAddresses(context: StrategyContext, except?: KubeObject): Map<string, string> {
  const taken = new Map<string, string>()
  for (const each of context.list('services')) {
    if (each.metadata.uid === except?.metadata.uid) continue
    for (const address of each['spec']?.clusterIPs ?? []) if (address !== 'None') taken.set(address, each.metadata.name)
  }
  return taken
}

/** All node ports, by protocol, that services other than this one hold: a port may serve TCP here and UDP there. */
export function takenNodePorts(context: StrategyContext, except?: KubeObject): Set<number> {
  const taken = new Set<number>()
  for (const each of context.list('services')) {
    if (each.metadata.uid === except?.metadata.uid) continue
    for (const port of each['spec']?.ports ?? []) if (port.nodePort) taken.add(port.nodePort)
    if (each['spec']?.healthCheckNodePort) taken.add(each['spec'].healthCheckNodePort)
  }
  return taken
}

function freeAddress(context: StrategyContext, except?: KubeObject): string | undefined {
  const { base, size } = ipv4Range(context.settings.serviceCidr)
  if (context.dryRun) return ipv4Text(base)
  const taken = new Set([...takenAddresses(context, except).keys()].map(ipv4Number))
  // The network's own and the broadcast address are never given out.
  const usable = size - 2
  const offset = minorVersion(context.settings) >= 26 ? reserved(size, 16, 256) : 0
  const address = pick(base + 1 + offset, usable - offset, taken, context.random) ?? pick(base + 1, offset, taken, context.random)
  return address === undefined ? undefined : ipv4Text(address)
}

function freeNodePort(context: StrategyContext, taken: ReadonlySet<number>): number | undefined {
  const { from, to } = context.settings.nodePortRange
  const size = to - from + 1
  if (context.dryRun) return pick(to + 2, size, taken, () => 0)
  const offset = minorVersion(context.settings) >= 28 ? reserved(size, 32, 128) : 0
  return pick(from + offset, size - offset, taken, context.random) ?? pick(from, offset, taken, context.random)
}

/** Gives a service what its type asks for and its spec leaves open: cluster address, families, node ports, health check port. In place. */
export function allocate(service: KubeObject, old: KubeObject | null, context: StrategyContext): void {
  const spec = service['spec']
  if (needsClusterIp(spec)) {
    // A family that the cluster does not have is refused by name, in validation.
    const open = (spec.clusterIP === undefined || spec.clusterIP === '') && !spec.ipFamilies?.includes('IPv6')
    if (open) spec.clusterIP = freeAddress(context, old ?? undefined)
    if (spec.clusterIP !== undefined && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    if (minorVersion(context.settings) >= 23 && spec.clusterIP !== undefined) families(spec)
  }
  const taken = takenNodePorts(context, old ?? undefined)
  if (needsNodePort(spec)) nodePorts(spec, taken, context)
  if (needsHealthCheckPort(spec) && !spec.healthCheckNodePort) {
    for (const port of spec.ports ?? []) if (port.nodePort) taken.add(port.nodePort)
    const port = freeNodePort(context, taken)
    if (port !== undefined) spec.healthCheckNodePort = port
  }
}

/** One stack, the address's own. A headless service without selector may have endpoints of any family. */
function families(spec: any): void {
  if (isHeadless(spec) && !Object.keys(spec.selector ?? {}).length) {
    spec.ipFamilyPolicy ??= 'RequireDualStack'
    spec.ipFamilies ??= ['IPv4', 'IPv6']
    return
  }
  spec.ipFamilyPolicy ??= 'SingleStack'
  if (!spec.ipFamilies?.length) spec.ipFamilies = isHeadless(spec) && spec.ipFamilyPolicy !== 'SingleStack' ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** Ports of the same number, TCP and UDP, share a node port. */
function nodePorts(spec: any, taken: Set<number>, context: StrategyContext): void {
  const given = new Map<number, number>()
  for (const { port, nodePort } of spec.ports ?? []) {
    if (!nodePort) continue
    taken.add(nodePort)
    if (!given.has(port)) given.set(port, nodePort)
  }
  for (const each of spec.ports ?? []) {
    if (each.nodePort) continue
    const chosen = given.get(each.port) ?? freeNodePort(context, taken)
    if (chosen === undefined) continue
    each.nodePort = chosen
    taken.add(chosen)
    given.set(each.port, chosen)
  }
}

const KNOWN_TYPES = new Set(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'])

/** Keeps what was allotted where an update leaves it out, and takes back what the new type does not have. In place. */
export function carryOver(service: KubeObject, old: KubeObject): void {
  const spec = service['spec']
  const before = old['spec'] ?? {}
  patchAllocated(spec, before)
  normalizeAddresses(spec, before)
  if (KNOWN_TYPES.has(spec.type)) dropByType(spec, before)
}

function patchAllocated(spec: any, before: any): void {
  if (needsClusterIp(before) && needsClusterIp(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec.clusterIP = before.clusterIP
    if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP && before.clusterIPs) spec.clusterIPs = [...before.clusterIPs]
  }
  if (mayHaveNodePort(before) && needsNodePort(spec)) {
    const used = new Set((spec.ports ?? []).map((each: any) => each.nodePort).filter(Boolean))
    const known = new Map<string, number>()
    for (const each of before.ports ?? []) if (each.nodePort) known.set(`${each.protocol}/${each.port}`, each.nodePort)
    for (const each of spec.ports ?? []) {
      if (each.nodePort) continue
      const kept = known.get(`${each.protocol}/${each.port}`)
      if (kept === undefined || used.has(kept)) continue
      each.nodePort = kept
      used.add(kept)
    }
  }
  if (needsHealthCheckPort(before) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort && before.healthCheckNodePort) {
    spec.healthCheckNodePort = before.healthCheckNodePort
  }
}

/** clusterIP and the first of clusterIPs are one value under two names: whichever the client changed counts (normalizeClusterIPs). */
function normalizeAddresses(spec: any, before: any): void {
  const sameList = JSON.stringify(spec.clusterIPs ?? []) === JSON.stringify(before.clusterIPs ?? [])
  const same = (spec.clusterIP ?? '') === (before.clusterIP ?? '')
  if (!same && sameList) {
    if (!spec.clusterIP) delete spec.clusterIPs
    else spec.clusterIPs = [spec.clusterIP]
  } else if (same && !sameList && !spec.clusterIPs?.length) delete spec.clusterIP
}

const nodePortsOf = (spec: any): string => JSON.stringify((spec.ports ?? []).map((each: any) => each.nodePort ?? 0).toSorted())

function dropByType(spec: any, before: any): void {
  if (needsClusterIp(before) && !needsClusterIp(spec)) {
    if (spec.clusterIP === before.clusterIP && JSON.stringify(spec.clusterIPs) === JSON.stringify(before.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    for (const key of ['ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']) {
      if (JSON.stringify(spec[key]) === JSON.stringify(before[key])) delete spec[key]
    }
  }
  if (mayHaveNodePort(before) && !mayHaveNodePort(spec) && nodePortsOf(spec) === nodePortsOf(before)) {
    for (const port of spec.ports ?? []) delete port.nodePort
  }
  const gone: [string, boolean, boolean][] = [
    ['healthCheckNodePort', needsHealthCheckPort(before), needsHealthCheckPort(spec)],
    ['allocateLoadBalancerNodePorts', before.type === 'LoadBalancer', spec.type === 'LoadBalancer'],
    ['loadBalancerClass', before.type === 'LoadBalancer', spec.type === 'LoadBalancer'],
    ['externalTrafficPolicy', mayHaveNodePort(before), mayHaveNodePort(spec) || (spec.externalIPs?.length ?? 0) > 0],
  ]
  for (const [key, had, has] of gone) if (had && !has && spec[key] === before[key]) delete spec[key]
}
