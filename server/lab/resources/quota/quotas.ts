import type { FieldError, KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { IMMUTABLE, invalid, required } from '../kit/field-errors.ts'
import { checkQuotaResourceName, checkResourceQuantity, isStandardQuotaResource } from '../kit/resource-names.ts'

/* oxlint-disable typescript/no-explicit-any */

/** `pods: 1/10, ...` of what is used and what is the most, limits apart. */
function usage({ status }: KubeObject, limits: boolean): string {
  const hard: Record<string, string> = status?.hard ?? {}
  return Object.keys(hard)
    .toSorted()
    .filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${hard[name]}`)
    .join(', ')
}

const OF_PODS = ['pods', 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
/** Scopes, and the resources that each can be asked of. */
const SCOPES: Record<string, string[]> = {
  Terminating: OF_PODS,
  NotTerminating: OF_PODS,
  NotBestEffort: OF_PODS,
  PriorityClass: OF_PODS,
  CrossNamespacePodAffinity: OF_PODS,
  BestEffort: ['pods'],
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}
const CONFLICTING = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]
const ONLY_EXISTS = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const ONLY_EXISTS_MESSAGE =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function unfit(scope: string, hard: object): string[] {
  const fit = SCOPES[scope]
  return fit === undefined ? [] : Object.keys(hard).filter((name) => isStandardQuotaResource(name) && !fit.includes(name))
}

function conflicting(given: readonly string[], scopes: unknown, path: string): FieldError[] {
  return CONFLICTING.filter((pair) => pair.every((each) => given.includes(each))).map(() =>
    invalid(path, scopes ?? null, 'conflicting scopes'),
  )
}

function checkScopes({ hard = {}, scopes }: any): FieldError[] {
  if (!scopes?.length) return []
  const path = 'spec.scopes'
  return [
    ...scopes.flatMap((scope: string) => [
      ...(scope in SCOPES ? [] : [invalid(path, scopes, 'unsupported scope')]),
      ...unfit(scope, hard).map(() => invalid(path, scopes, 'unsupported scope applied to resource')),
    ]),
    ...conflicting(scopes, scopes, path),
  ]
}

function checkScopeSelector({ hard = {}, scopes, scopeSelector }: any): FieldError[] {
  if (!scopeSelector) return []
  const path = 'spec.scopeSelector.matchExpressions'
  const expressions: any[] = scopeSelector.matchExpressions ?? []
  const errors: FieldError[] = []
  for (const { scopeName, operator, values } of expressions) {
    if (!(scopeName in SCOPES)) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'))
    errors.push(...unfit(scopeName, hard).map(() => invalid(path, scopeSelector, 'unsupported scope applied to resource')))
    if (ONLY_EXISTS.includes(scopeName) && operator !== 'Exists') errors.push(invalid(`${path}.operator`, operator, ONLY_EXISTS_MESSAGE))
    if (operator === 'In' || operator === 'NotIn') {
      if (!values?.length)
        errors.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values?.length) {
        errors.push(invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
      }
    } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  return [
    ...errors,
    ...conflicting(
      expressions.map(({ scopeName }) => scopeName),
      scopes,
      path,
    ),
  ]
}

function validateSpec(spec: any): FieldError[] {
  return [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, value]) => [
      ...checkQuotaResourceName(name, `spec.hard[${name}]`),
      ...checkResourceQuantity(name, value, `spec.hard[${name}]`),
    ]),
    ...checkScopes(spec ?? {}),
    ...checkScopeSelector(spec ?? {}),
  ]
}

function sameScopes(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.every((each) => b.includes(each)) && b.every((each) => a.includes(each))
}

export function resourceQuotas(): ResourceDefinition {
  return defineResource({
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    subresources: ['status'],
    strategy: {
      validate: ({ spec }) => validateSpec(spec),
      validateUpdate: ({ spec }, old) => [
        ...validateSpec(spec),
        ...(sameScopes(spec?.scopes, old['spec']?.scopes) ? [] : [invalid('spec.scopes', spec?.scopes ?? null, IMMUTABLE)]),
      ],
    },
    columns: [column('Request', (quota) => usage(quota, false)), column('Limit', (quota) => usage(quota, true))],
  })
}
