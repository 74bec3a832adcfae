/** The rules for ingresses and network policies (apis/networking/validation). */
import { BlockList, isIP } from 'node:net'
import type { FieldError, KubeObject } from './definition.ts'
import { checkCidr, checkPort, checkRule, checkSelector } from './kit/checks.ts'
import { forbidden, invalid, notSupported, required } from './kit/field-errors.ts'
import { dns1035Label, dnsSubdomain, pathSegment, portName, wildcardSubdomain } from './kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_IN_PATH = ['//', '/./', '/../', '%2f', '%2F']
const BAD_AT_END = ['/..', '/.']

export function validateIngress(ingress: KubeObject, isNew: boolean): FieldError[] {
  const { spec = {}, metadata } = ingress
  const errors: FieldError[] = []
  const rules: any[] = spec.rules ?? []
  if (rules.length === 0 && !spec.defaultBackend) {
    errors.push(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (spec.defaultBackend) errors.push(...checkBackend(spec.defaultBackend, 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries()) errors.push(...checkIngressRule(rule, `spec.rules[${index}]`))
  for (const [index, { hosts = [], secretName }] of (spec.tls ?? []).entries()) {
    for (const [at, host] of hosts.entries()) errors.push(...checkHost(host, `spec.tls[${index}].hosts[${at}]`))
    if (secretName) errors.push(...checkRule(dnsSubdomain, secretName, `spec.tls[${index}].secretName`))
  }
  if (spec.ingressClassName !== undefined) errors.push(...checkRule(dnsSubdomain, spec.ingressClassName, 'spec.ingressClassName'))
  const annotation = metadata.annotations?.[CLASS_ANNOTATION]
  if (isNew && annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, 'must match `ingressClassName` when both are specified'))
  }
  return errors
}

function checkHost(host: string, path: string): FieldError[] {
  return checkRule(host.includes('*') ? wildcardSubdomain : dnsSubdomain, host, path)
}

function checkIngressRule({ host, http }: any, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (host) {
    if (isIP(host) !== 0) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'))
    errors.push(...checkHost(host, `${path}.host`))
  }
  if (!http) return errors
  if (!http.paths?.length) errors.push(required(`${path}.http.paths`))
  for (const [index, each] of (http.paths ?? []).entries()) errors.push(...checkPath(each, `${path}.http.paths[${index}]`))
  return errors
}

function checkPath({ path = '', pathType, backend = {} }: any, at: string): FieldError[] {
  if (pathType === undefined || pathType === null) return [required(`${at}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  const field = `${at}.path`
  if (!PATH_TYPES.includes(pathType)) errors.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES))
  else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalid(field, path, 'must be an absolute path'))
  } else {
    if (!path.startsWith('/')) errors.push(invalid(field, path, 'must be an absolute path'))
    for (const bad of BAD_IN_PATH) if (path.includes(bad)) errors.push(invalid(field, path, `must not contain '${bad}'`))
    for (const bad of BAD_AT_END) if (path.endsWith(bad)) errors.push(invalid(field, path, `cannot end with '${bad}'`))
  }
  return [...errors, ...checkBackend(backend, `${at}.backend`)]
}

function checkBackend({ service, resource }: any, path: string): FieldError[] {
  if (service && resource) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return checkReference(resource, `${path}.resource`)
  if (!service) return [invalid(path, '', 'resource or service backend is required')]
  const errors = service.name ? checkRule(dns1035Label, service.name, `${path}.service.name`) : [required(`${path}.service.name`)]
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (name) errors.push(...checkRule(portName, name, `${path}.service.port.name`))
  else if (number) errors.push(...checkPort(number, `${path}.service.port.number`))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

function checkReference(reference: any, path: string): FieldError[] {
  return ['kind', 'name'].flatMap((key) =>
    reference[key] ? checkRule(pathSegment, reference[key], `${path}.${key}`) : [required(`${path}.${key}`)],
  )
}

export function validateNetworkPolicy({ spec = {} }: KubeObject): FieldError[] {
  const errors = checkSelector(spec.podSelector, 'spec.podSelector')
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [index, rule] of (spec[direction] ?? []).entries()) {
      const path = `spec.${direction}[${index}]`
      for (const [at, port] of (rule.ports ?? []).entries()) errors.push(...checkPolicyPort(port, `${path}.ports[${at}]`))
      for (const [at, peer] of (rule[peers] ?? []).entries()) errors.push(...checkPeer(peer, `${path}.${peers}[${at}]`))
    }
  }
  const types: string[] = spec.policyTypes ?? []
  if (types.length > 2) return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  for (const [index, type] of types.entries()) {
    if (type === 'Ingress' || type === 'Egress') continue
    errors.push(notSupported(`spec.policyTypes[${index}]`, type, ['Ingress', 'Egress']))
  }
  return errors
}

function checkPolicyPort({ protocol, port, endPort }: any, path: string): FieldError[] {
  const protocols = ['TCP', 'UDP', 'SCTP']
  const errors = protocol === undefined || protocols.includes(protocol) ? [] : [notSupported(`${path}.protocol`, protocol, protocols)]
  if (port === undefined) {
    return endPort === undefined
      ? errors
      : [...errors, invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified')]
  }
  if (typeof port === 'string') {
    if (endPort !== undefined) errors.push(invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'))
    return [...errors, ...checkRule(portName, port, `${path}.port`)]
  }
  errors.push(...checkPort(port, `${path}.port`))
  if (endPort === undefined) return errors
  if (endPort < port) errors.push(invalid(`${path}.endPort`, port, 'must be greater than or equal to `port`'))
  return [...errors, ...checkPort(endPort, `${path}.endPort`)]
}

function checkBlock(block: any, path: string): FieldError[] {
  const { cidr, except = [] } = block
  if (!cidr) return [required(`${path}.cidr`)]
  const errors = checkCidr(cidr, `${path}.cidr`)
  if (errors.length > 0) return errors
  for (const [index, each] of except.entries()) {
    const at = `${path}.except[${index}]`
    const problems = checkCidr(each, at)
    errors.push(...problems)
    if (problems.length === 0 && !isStrictlyWithin(each, cidr)) errors.push(invalid(at, each, 'must be a strict subset of `cidr`'))
  }
  return errors
}

function isStrictlyWithin(inner: string, outer: string): boolean {
  const [address = '', bits = ''] = outer.split('/')
  const [innerAddress = '', innerBits = ''] = inner.split('/')
  if (isIP(address) !== isIP(innerAddress) || Number(innerBits) <= Number(bits)) return false
  const block = new BlockList()
  block.addSubnet(address, Number(bits), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  return block.check(innerAddress, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

function checkPeer({ podSelector, namespaceSelector, ipBlock }: any, path: string): FieldError[] {
  const errors = [
    ...checkSelector(podSelector, `${path}.podSelector`),
    ...checkSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? checkBlock(ipBlock, `${path}.ipBlock`) : []),
  ]
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  else if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  return errors
}
