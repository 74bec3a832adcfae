/** What only the allocators know: whether an address or a port is free and lies in the cluster's range. */
import type { FieldError, KubeObject, StrategyContext } from '../../definition.ts'
import { internal, invalid } from '../../kit/field-errors.ts'
import { ipv4Number, ipv4Range, takenAddresses, takenNodePorts } from './allocation.ts'
import { checkAddresses } from './validate.ts'
import { isHeadless, needsClusterIp, needsHealthCheckPort, needsNodePort } from './needs.ts'
import { minorVersion } from '../../kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const ALLOCATED = 'provided port is already allocated'

/**
 * The allocators' refusals. They come before all other rules and alone, since a service gets its values before it is validated. `old`: null on create;
 * what a service has already is its own.
 */
export function checkAllocation(service: KubeObject, old: KubeObject | null, context: StrategyContext): FieldError[] {
  const { spec } = service
  const own = old ?? undefined
  // The allocators begin with a look at what they are asked for.
  const asked = spec.type === 'ExternalName' ? [] : checkAddresses(spec)
  if (asked.length > 0) return asked
  // An address is given once; that it stays is a rule for later.
  const isNew = old === null || old['spec']?.type === 'ExternalName'
  if (isNew && needsClusterIp(spec)) {
    const stack = checkStack(spec)
    if (stack.length > 0) return stack
    const address = checkAddress(spec, own, context)
    if (address.length > 0) return address
  }
  return checkPorts(spec, own, context)
}

/** The cluster has one family of addresses. */
function checkStack(spec: any): FieldError[] {
  const families: string[] = spec.ipFamilies ?? []
  if (isHeadless(spec) && !Object.keys(spec.selector ?? {}).length) return []
  if (families.length > 1 && spec.ipFamilyPolicy === 'SingleStack') {
    const message = "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"
    return [invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, message)]
  }
  if (isHeadless(spec)) return []
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    return [invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
  }
  const index = families.indexOf('IPv6')
  return index < 0 ? [] : [invalid(`spec.ipFamilies[${index}]`, 'IPv6', 'not configured on this cluster')]
}

function checkAddress(spec: any, own: KubeObject | undefined, context: StrategyContext): FieldError[] {
  const address: string | undefined = spec.clusterIPs?.[0]
  if (address === undefined) {
    return [internal('spec.clusterIPs', 'failed to allocate a serviceIP: range is full')]
  }
  if (address === 'None' || own?.['spec']?.clusterIPs?.includes(address)) return []
  const number = ipv4Number(address)
  const { base, size } = ipv4Range(context.settings.serviceCidr)
  if (Number.isNaN(number) || (context.dryRun && number === base)) return []
  const failed = (reason: string): FieldError[] => [
    invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${address}: ${reason}`),
  ]
  if (number <= base || number >= base + size - 1) {
    if (minorVersion(context.settings) >= 33 && !context.dryRun) return failed('the provided network does not match the current range')
    return failed(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${context.settings.serviceCidr}`)
  }
  return !context.dryRun && takenAddresses(context, own).has(address) ? failed('provided IP is already allocated') : []
}

function checkPorts(spec: any, own: KubeObject | undefined, context: StrategyContext): FieldError[] {
  const { from, to } = context.settings.nodePortRange
  const taken = takenNodePorts(context, own)
  const check = (port: number, path: string): FieldError[] => {
    // A dry run asks no allocator.
    if (context.dryRun) return []
    if (port < from || port > to) {
      return [invalid(path, port, `provided port is not in the valid range. The range of valid ports is ${from}-${to}`)]
    }
    return taken.has(port) ? [invalid(path, port, ALLOCATED)] : []
  }
  const errors: FieldError[] = []
  const mine = new Map<number, number>()
  for (const [index, { port, nodePort }] of needsNodePort(spec) ? (spec.ports ?? []).entries() : []) {
    if (!nodePort) continue
    const path = `spec.ports[${index}].nodePort`
    errors.push(...check(nodePort, path))
    // Two ports of one service cannot have it either, unless they are one number under two protocols.
    if ((mine.get(nodePort) ?? port) !== port) errors.push(invalid(path, nodePort, ALLOCATED))
    mine.set(nodePort, port)
  }
  if (needsHealthCheckPort(spec) && spec.healthCheckNodePort) errors.push(...check(spec.healthCheckNodePort, 'spec.healthCheckNodePort'))
  // The first refusal ends the allocation.
  return errors.slice(0, 1)
}
