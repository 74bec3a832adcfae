/** The rules for services (core/validation validateService), in the server's order. */
import type { FieldError, KubeObject } from '../../definition.ts'
import { checkCidr, checkIp, checkMaybeOneOf, checkOneOf, checkPort, checkPortOrName, checkRule } from '../../kit/checks.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../kit/field-errors.ts'
import { validateLabels } from '../../kit/metadata.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../kit/names.ts'
import { checkEndpointIp } from '../endpoint-addresses.ts'
import { isExternal, isHeadless, needsClusterIp, needsHealthCheckPort } from './needs.ts'

/* oxlint-disable typescript/no-explicit-any */

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const POLICIES = ['Cluster', 'Local']
const LONGEST_AFFINITY = 86_400

export function validateService(service: KubeObject, minor: number): FieldError[] {
  const { spec } = service
  const ports: any[] = spec.ports ?? []
  return [
    ...(ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...checkType(spec),
    ...checkPorts(ports),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...checkAffinity(spec),
    ...(spec.type === 'ExternalName' ? [] : checkAddresses(spec)),
    ...(spec.externalIPs ?? []).flatMap((address: string, index: number) => checkExternalIp(address, `spec.externalIPs[${index}]`)),
    ...checkOneOf(spec.type, TYPES, 'spec.type'),
    ...checkNodePorts(spec),
    ...checkSourceRanges(spec),
    ...checkBalancer(spec),
    ...checkTrafficPolicies(spec, minor),
  ]
}

function checkType(spec: any): FieldError[] {
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(spec)) {
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
  }
  if (spec.type !== 'ExternalName') return []
  const message = 'may not be set for ExternalName services'
  const errors = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']
    .filter((key) => spec[key] !== undefined && spec[key].length > 0)
    .map((key) => forbidden(`spec.${key}`, message))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [...errors, ...(name === '' ? [required('spec.externalName')] : checkRule(dnsSubdomain, name, 'spec.externalName'))]
}

function checkPorts(ports: any[]): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`
    if (port.name) {
      errors.push(...checkRule(dnsLabel, port.name, `${at}.name`))
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      names.add(port.name)
    } else if (ports.length > 1) errors.push(required(`${at}.name`))
    errors.push(...checkPort(port.port ?? 0, `${at}.port`))
    errors.push(...checkOneOf(port.protocol, PROTOCOLS, `${at}.protocol`))
    errors.push(...checkPortOrName(port.targetPort, `${at}.targetPort`))
    if (typeof port.appProtocol === 'string') errors.push(...checkRule(qualifiedName, port.appProtocol, `${at}.appProtocol`))
  }
  return errors
}

function checkAffinity({ sessionAffinity, sessionAffinityConfig }: any): FieldError[] {
  const errors = checkOneOf(sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity')
  if (sessionAffinity !== 'ClientIP') return errors
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (seconds > 0 && seconds <= LONGEST_AFFINITY) return errors
  const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  return [...errors, invalid(path, seconds, `must be greater than 0 and less than ${LONGEST_AFFINITY}`)]
}

const isV6 = (address: string): boolean => address.includes(':')

export function checkAddresses(spec: any): FieldError[] {
  const addresses: string[] = spec.clusterIPs ?? []
  const families: string[] = spec.ipFamilies ?? []
  const errors: FieldError[] = []
  if (spec.clusterIP && addresses.length > 0 && addresses[0] !== spec.clusterIP) {
    errors.push(invalid('spec.clusterIPs', addresses, 'first value must match `clusterIP`'))
  } else if (!spec.clusterIP && addresses.length > 0) {
    errors.push(invalid('spec.clusterIPs', addresses, 'must be empty when `clusterIP` is not specified'))
  }
  for (const [index, family] of families.entries()) {
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(`spec.ipFamilies[${index}]`, family, ['IPv4', 'IPv6']))
    if (families.indexOf(family) < index) errors.push(duplicate(`spec.ipFamilies[${index}]`, family))
  }
  errors.push(...checkMaybeOneOf(spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'], 'spec.ipFamilyPolicy'))
  let bad = false
  for (const [index, address] of addresses.entries()) {
    if (index === 0 && address === 'None') {
      if (addresses.length === 1) continue
      bad = true
      errors.push(invalid('spec.clusterIPs', addresses, "'None' must be the first and only value"))
      continue
    }
    const problems = checkIp(address, `spec.clusterIPs[${index}]`)
    bad ||= problems.length > 0
    errors.push(...problems)
  }
  if (addresses.length > 2) errors.push(invalid('spec.clusterIPs', addresses, 'may only hold up to 2 values'))
  if (bad) return errors
  if (addresses.length === 2 && isV6(addresses[0] as string) === isV6(addresses[1] as string)) {
    errors.push(invalid('spec.clusterIPs', addresses, 'may specify no more than one IP for each IP family'))
  }
  for (const [index, address] of isHeadless(spec) ? [] : addresses.entries()) {
    const family = families[index]
    if (family === undefined || (family === 'IPv6') === isV6(address)) continue
    errors.push(invalid(`spec.clusterIPs[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``))
  }
  return errors
}

function checkExternalIp(address: string, path: string): FieldError[] {
  const errors = checkIp(address, path)
  return errors.length > 0 ? errors : checkEndpointIp(address, path)
}

function checkNodePorts(spec: any): FieldError[] {
  const ports: any[] = spec.ports ?? []
  const errors: FieldError[] = []
  if (spec.type === 'ClusterIP') {
    for (const [index, port] of ports.entries()) {
      if (port.nodePort) errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
    }
  }
  const nodePorts = new Set<string>()
  for (const [index, { protocol, nodePort }] of ports.entries()) {
    if (!nodePort) continue
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort))
    nodePorts.add(`${protocol}/${nodePort}`)
  }
  const seen = new Set<string>()
  for (const [index, { protocol, port }] of ports.entries()) {
    // The server prints the key that it compares: an internal port with nothing else in it.
    const key = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    if (seen.has(`${protocol}/${port}`)) errors.push(duplicate(`spec.ports[${index}]`, key))
    seen.add(`${protocol}/${port}`)
  }
  return errors
}

function checkSourceRanges(spec: any): FieldError[] {
  const ranges: string[] = spec.loadBalancerSourceRanges ?? []
  const path = 'spec.LoadBalancerSourceRanges'
  if (ranges.length === 0) return []
  return [
    ...(spec.type === 'LoadBalancer' ? [] : [forbidden(path, "may only be used when `type` is 'LoadBalancer'")]),
    ...ranges.flatMap((range, index) => checkCidr(range.trim(), `${path}[${index}]`)),
  ]
}

function checkBalancer(spec: any): FieldError[] {
  const message = "may only be used when `type` is 'LoadBalancer'"
  if (spec.type === 'LoadBalancer') {
    return spec.loadBalancerClass === undefined ? [] : checkRule(qualifiedName, spec.loadBalancerClass, 'spec.loadBalancerClass')
  }
  return ['allocateLoadBalancerNodePorts', 'loadBalancerClass']
    .filter((key) => spec[key] !== undefined && spec[key] !== null)
    .map((key) => forbidden(`spec.${key}`, message))
}

function checkTrafficPolicies(spec: any, minor: number): FieldError[] {
  const errors: FieldError[] = []
  const external = 'spec.externalTrafficPolicy'
  if (isExternal(spec)) errors.push(...checkOneOf(spec.externalTrafficPolicy, POLICIES, external))
  else if (spec.externalTrafficPolicy) {
    errors.push(invalid(external, spec.externalTrafficPolicy, 'may only be set for externally-accessible services'))
  }
  const health = 'spec.healthCheckNodePort'
  if (needsHealthCheckPort(spec)) {
    errors.push(...(spec.healthCheckNodePort ? checkPort(spec.healthCheckNodePort, health) : [required(health)]))
  } else if (spec.healthCheckNodePort) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(invalid(health, spec.healthCheckNodePort, message))
  }
  if (minor >= 22) {
    if (needsClusterIp(spec) && !spec.internalTrafficPolicy) errors.push(required('spec.internalTrafficPolicy'))
    errors.push(...checkMaybeOneOf(spec.internalTrafficPolicy, POLICIES, 'spec.internalTrafficPolicy'))
  }
  const distributions = minor >= 34 ? ['PreferClose', 'PreferSameZone', 'PreferSameNode'] : ['PreferClose']
  return [...errors, ...checkMaybeOneOf(spec.trafficDistribution, distributions, 'spec.trafficDistribution')]
}
