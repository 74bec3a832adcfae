/** Ingress classes: their rules, and which one is the default (apis/networking/validation, the admission plugin DefaultIngressClass). */
import type { FieldError, KubeObject } from './definition.ts'
import { checkImmutable, checkRule } from './kit/checks.ts'
import { forbidden, invalid, notSupported, required } from './kit/field-errors.ts'
import { dnsLabel, dnsSubdomain, pathSegment } from './kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/
const SCOPES = ['Cluster', 'Namespace']

export function validateIngressClass({ spec = {} }: KubeObject): FieldError[] {
  return [...checkController(spec.controller ?? '', 'spec.controller'), ...checkParameters(spec.parameters, 'spec.parameters')]
}

/** A path below a domain (IsDomainPrefixedPath). */
function checkController(value: string, path: string): FieldError[] {
  if (value === '') return [required(path)]
  const at = value.indexOf('/')
  const [host, rest] = [value.slice(0, at), value.slice(at + 1)]
  if (at <= 0 || rest === '') return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors = checkRule(dnsSubdomain, host, path)
  if (!PATH.test(rest)) errors.push(invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"))
  return errors
}

function checkParameters(parameters: any, path: string): FieldError[] {
  if (!parameters) return []
  const { apiGroup, kind, name, scope, namespace } = parameters
  const errors = apiGroup === undefined ? [] : checkRule(dnsSubdomain, apiGroup, `${path}.apiGroup`)
  for (const [key, value] of Object.entries({ kind, name })) {
    errors.push(...(value ? checkRule(pathSegment, value, `${path}.${key}`) : [required(`${path}.${key}`)]))
  }
  if (scope === undefined || scope === null) errors.push(required(`${path}.scope`))
  else if (!SCOPES.includes(scope)) errors.push(notSupported(`${path}.scope`, scope, SCOPES))
  else if (scope === 'Namespace') {
    if (namespace === undefined) errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
    else errors.push(...checkRule(dnsLabel, namespace, `${path}.namespace`))
  } else if (namespace !== undefined) errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  return errors
}

export function validateIngressClassUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  return [...checkImmutable(object['spec']?.controller, old['spec']?.controller, 'spec.controller'), ...validateIngressClass(object)]
}

/** The youngest of those that are marked so. */
export function defaultIngressClass(classes: readonly KubeObject[]): string | undefined {
  return classes
    .filter(({ metadata }) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true')
    .toSorted(
      (a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) || a.metadata.name.localeCompare(b.metadata.name),
    )[0]?.metadata.name
}
