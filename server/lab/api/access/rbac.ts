/** The RBAC authorizer (plugin/pkg/auth/authorizer/rbac): what the roles say that are bound to a user. */
import type { Store } from '../../store/store.ts'
import type { User } from './user.ts'

/** What somebody wants to do: with a resource, or with a path that is none. */
export type Attributes =
  | { verb: string; group: string; resource: string; subresource?: string; namespace?: string; name?: string }
  | { verb: string; path: string }

export interface PolicyRule {
  verbs: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

interface Grant {
  rule: PolicyRule
  /** The binding, the role and the subject, as the reason of a decision names them. */
  reason: string
}

const GROUP = 'rbac.authorization.k8s.io'

interface Subject {
  kind: string
  name: string
  namespace?: string
}

/** How a subject that takes in the user is named, or null. */
function described(subject: Subject, user: User, namespace: string): string | null {
  if (subject.kind === 'User') return subject.name === user.username ? `User "${subject.name}"` : null
  if (subject.kind === 'Group') return user.groups.includes(subject.name) ? `Group "${subject.name}"` : null
  const of = subject.namespace || namespace
  if (user.username !== `system:serviceaccount:${of}:${subject.name}`) return null
  return `ServiceAccount "${subject.name}/${of}"`
}

/** The rules of a role by its name, or null where it is not there. */
export function rulesOfRole(store: Store, kind: string, name: string, namespace: string): PolicyRule[] | null {
  const resource = kind === 'ClusterRole' ? `clusterroles.${GROUP}` : `roles.${GROUP}`
  const role = store.get(resource, kind === 'ClusterRole' ? null : namespace, name)
  return role ? (role['rules'] ?? []) : null
}

/** All rules that hold for a user, in a namespace where one is named, and the roles that are bound but not there. */
export function grantsFor(store: Store, user: User, namespace: string | undefined): { grants: Grant[]; missing: string[] } {
  const bindings = [...store.list(`clusterrolebindings.${GROUP}`), ...(namespace ? store.list(`rolebindings.${GROUP}`, namespace) : [])]
  const grants: Grant[] = []
  const missing: string[] = []
  for (const binding of bindings) {
    const subjects: Subject[] = binding['subjects'] ?? []
    const subject = subjects.map((each) => described(each, user, binding.metadata.namespace ?? '')).find((each) => each !== null)
    if (subject === undefined) continue
    const { kind, name } = binding['roleRef']
    const rules = rulesOfRole(store, kind, name, binding.metadata.namespace ?? '')
    if (rules === null) missing.push(`${kind.toLowerCase()}.${GROUP} "${name}" not found`)
    const own = binding.metadata.namespace ? `${binding.metadata.name}/${binding.metadata.namespace}` : binding.metadata.name
    const reason = `RBAC: allowed by ${binding.kind} "${own}" of ${kind} "${name}" to ${subject}`
    for (const rule of rules ?? []) grants.push({ rule, reason })
  }
  return { grants, missing }
}

const has = (list: string[] | undefined, value: string): boolean => list !== undefined && (list.includes('*') || list.includes(value))

/** As pkg/apis/rbac/v1 evaluation_helpers.go. */
export function ruleAllows(rule: PolicyRule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false
  if ('path' in wanted) {
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === '*' || url === wanted.path || (url.endsWith('*') && wanted.path.startsWith(url.replace(/\*+$/, ''))),
    )
  }
  if (!has(rule.apiGroups, wanted.group)) return false
  const { resource, subresource, name = '' } = wanted
  const combined = subresource ? `${resource}/${subresource}` : resource
  const named = has(rule.resources, combined) || (subresource !== undefined && rule.resources?.includes(`*/${subresource}`))
  return Boolean(named) && (!rule.resourceNames?.length || rule.resourceNames.includes(name))
}

export interface Decision {
  allowed: boolean
  /** Why; empty where nothing is to say. */
  reason: string
}

export function authorize(store: Store, user: User, wanted: Attributes): Decision {
  if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
  const { grants, missing } = grantsFor(store, user, 'namespace' in wanted ? wanted.namespace : undefined)
  const grant = grants.find(({ rule }) => ruleAllows(rule, wanted))
  if (grant) return { allowed: true, reason: grant.reason }
  if (missing.length === 0) return { allowed: false, reason: '' }
  return { allowed: false, reason: `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`}` }
}
