/** Roles and who has them (rbac.authorization.k8s.io). */
import { isDeepStrictEqual } from 'node:util'
import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition } from './definition.ts'
import { checkRule, checkSelector } from './kit/checks.ts'
import { column, DEFAULT_COLUMNS, wide } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { invalid, notSupported, required } from './kit/field-errors.ts'
import { dnsSubdomain, pathSegment } from './kit/names.ts'
import { minorVersion } from './kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const group = 'rbac.authorization.k8s.io'

function subjects(kind: string) {
  return ({ subjects: all = [] }: KubeObject): string => {
    const own: any[] = all.filter((each: any) => each.kind === kind)
    return own.map((each) => (kind === 'ServiceAccount' ? `${each.namespace ?? ''}/${each.name}` : each.name)).join(', ')
  }
}

/** Who may be bound, and to what (apis/rbac/validation). */
function validateBinding({ roleRef, subjects: all = [] }: KubeObject, namespaced: boolean): FieldError[] {
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const errors: FieldError[] = []
  if (roleRef.apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [group]))
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind ?? '', kinds))
  errors.push(...(roleRef.name ? checkRule(pathSegment, roleRef.name, 'roleRef.name') : [required('roleRef.name')]))
  for (const [index, subject] of all.entries()) errors.push(...checkSubject(subject, namespaced, `subjects[${index}]`))
  return errors
}

function checkSubject({ kind, name, namespace, apiGroup = '' }: any, namespaced: boolean, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`)]
  if (kind === 'ServiceAccount') {
    if (name) errors.push(...checkRule(dnsSubdomain, name, `${path}.name`))
    if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
    if (!namespaced && !namespace) errors.push(required(`${path}.namespace`))
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]))
  } else errors.push(notSupported(`${path}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group']))
  return errors
}

function validateRules({ rules = [] }: KubeObject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, rule] of (rules ?? []).entries()) {
    const { verbs = [], nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
    const path = `rules[${index}]`
    if (!verbs?.length) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
    if (nonResourceURLs.length > 0) {
      const at = `${path}.nonResourceURLs`
      if (namespaced) errors.push(invalid(at, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
      if (apiGroups.length + resources.length + resourceNames.length > 0) {
        errors.push(invalid(at, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
      }
      continue
    }
    if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
    if (resources.length === 0) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
  }
  return errors
}

function checkAggregation({ aggregationRule }: KubeObject): FieldError[] {
  if (!aggregationRule) return []
  const path = 'aggregationRule.clusterRoleSelectors'
  const selectors: any[] = aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => checkSelector(selector, `${path}[${index}]`))
}

function binding(kind: string, settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind,
    namespaced: !kind.startsWith('Cluster'),
    name: pathSegment,
    columns: [
      column('Role', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
      wide('Users', subjects('User')),
      wide('Groups', subjects('Group')),
      wide('ServiceAccounts', subjects('ServiceAccount')),
    ],
    strategy: {
      setDefaults(object) {
        const reference = (object['roleRef'] ??= {})
        reference.apiGroup ||= group
        for (const subject of object['subjects'] ?? []) {
          if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group
        }
      },
      validate: (object) => validateBinding(object, !kind.startsWith('Cluster')),
      validateUpdate(object, old) {
        const errors = validateBinding(object, !kind.startsWith('Cluster'))
        if (isDeepStrictEqual(object['roleRef'], old['roleRef'])) return errors
        const { apiGroup, kind: roleKind, name } = object['roleRef']
        return [...errors, invalid('roleRef', { APIGroup: apiGroup, Kind: roleKind, Name: name }, 'cannot change roleRef')]
      },
    },
    ...older(settings),
  })
}

function role(kind: string, settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind,
    namespaced: kind === 'Role',
    name: pathSegment,
    columns: { all: DEFAULT_COLUMNS },
    strategy: { validate: (object) => [...validateRules(object, kind === 'Role'), ...checkAggregation(object)] },
    ...older(settings),
  })
}

function older(settings: ClusterSettings): { alsoServedAs?: { version: string }[] } {
  return minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}
}

export function roles(settings: ClusterSettings): ResourceDefinition[] {
  return [binding('ClusterRoleBinding', settings), role('ClusterRole', settings), binding('RoleBinding', settings), role('Role', settings)]
}
