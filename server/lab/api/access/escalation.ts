/**
 * Nobody gives away by a role or a binding what he may not do himself, unless he may `escalate` the one or `bind` the other (pkg/registry/rbac's
 * escalation_check.go and policybased storages, component-helpers' policy_comparator.go).
 */
import type { KubeObject } from '../../resources/definition.ts'
import { forbidden, notFound } from '../../store/api-error.ts'
import { equal } from '../../store/objects.ts'
import type { Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { authorize, grantsFor, type PolicyRule, rulesOfRole } from './rbac.ts'
import { requesterOf, type User } from './user.ts'

const GROUP = 'rbac.authorization.k8s.io'
const ROLES = ['roles', 'clusterroles']
const BINDINGS = ['rolebindings', 'clusterrolebindings']
const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Throws 403 where a role or a binding that is about to be written grants more than its writer has. */
export function checkEscalation(exchange: Exchange, target: Target, object: KubeObject | null, old: KubeObject | null): void {
  const { group, plural } = target.definition
  if (object === null || group !== GROUP || (old !== null && equal(essence(object), essence(old)))) return
  const isRole = ROLES.includes(plural)
  if (!isRole && !BINDINGS.includes(plural)) return
  const { lab, request } = exchange
  const { user } = requesterOf(lab, request.headers, request.rawHeaders)
  if (user.groups.includes('system:masters')) return
  const namespace = target.namespace ?? undefined
  const name = object.metadata.name ?? ''
  const where = namespace === undefined ? {} : { namespace }
  const check = (rules: PolicyRule[], words?: string): void => {
    const why = excess(exchange, user, namespace, rules)
    if (why !== null) throw forbidden({ group, plural }, name, words ?? why)
  }
  if (isRole) {
    if (
      authorize(lab.store, user, { verb: 'escalate', group, resource: plural, ...where, ...(target.name ? { name: target.name } : {}) })
        .allowed
    )
      return
    check(object['rules'] ?? [])
    const aggregates = (object['aggregationRule']?.clusterRoleSelectors ?? []).length > 0
    if (aggregates) check(EVERYTHING, 'must have cluster-admin privileges to use the aggregationRule')
    return
  }
  const { kind, name: role } = object['roleRef'] ?? {}
  if (kind !== 'Role' && kind !== 'ClusterRole') return
  const resource = kind === 'Role' ? 'roles' : 'clusterroles'
  if (authorize(lab.store, user, { verb: 'bind', group, resource, ...where, name: role }).allowed) return
  const rules = rulesOfRole(lab.store, kind, role, namespace ?? '')
  // the server names the kind that is written
  if (rules === null) throw notFound({ group, plural }, role)
  check(rules)
}

/** What of an object is not for the garbage collector alone. */
function essence({ metadata, ...rest }: KubeObject): object {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, resourceVersion: _revision, ...kept } = metadata
  return { ...rest, metadata: kept }
}

/** In the server's words what the rules give that the user does not have, or null. */
function excess({ lab }: Exchange, { username, groups, ...rest }: User, namespace: string | undefined, rules: PolicyRule[]): string | null {
  const { grants, missing } = grantsFor(lab.store, { username, groups, ...rest }, namespace)
  const uncovered = rules.flatMap(broken).filter((part) => !grants.some(({ rule }) => covers(rule, part)))
  if (uncovered.length === 0) return null
  const lines = [...new Set(compact(uncovered).map(described))].toSorted()
  const unresolved = missing.length > 0 ? `; resolution errors: [${missing.join(' ')}]` : ''
  return `user ${quoted(username)} (groups=${list(groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${unresolved}`
}

/** A rule in parts of one verb, one group and one resource (or one path) each. */
function broken({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const names = resourceNames.length > 0 ? resourceNames.map((name) => ({ resourceNames: [name] })) : [{}]
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => names.map((named) => ({ verbs: [verb], apiGroups: [group], resources: [resource], ...named }))),
    ),
  )
  return [...ofResources, ...nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })))]
}

const holds = (owned: readonly string[] = [], wanted: readonly string[] = []): boolean =>
  owned.includes('*') || wanted.every((each) => owned.includes(each))

function covers(owner: PolicyRule, part: PolicyRule): boolean {
  const names = owner.resourceNames ?? []
  return (
    holds(owner.verbs, part.verbs) &&
    holds(owner.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => coversResource(owner.resources ?? [], resource)) &&
    (names.length === 0 || ((part.resourceNames ?? []).length > 0 && (part.resourceNames ?? []).every((name) => names.includes(name)))) &&
    (part.nonResourceURLs ?? []).every((url) => (owner.nonResourceURLs ?? []).some((own) => coversUrl(own, url)))
  )
}

function coversResource(owned: readonly string[], resource: string): boolean {
  const at = resource.indexOf('/')
  return owned.includes('*') || owned.includes(resource) || (at >= 0 && owned.includes(`*${resource.slice(at)}`))
}

function coversUrl(owned: string, url: string): boolean {
  return owned === url || (owned.endsWith('*') && url.startsWith(owned.replace(/\*+$/, '')))
}

/** Parts that differ in their verbs alone are one. */
function compact(parts: readonly PolicyRule[]): PolicyRule[] {
  const byResource = new Map<string, PolicyRule>()
  const others: PolicyRule[] = []
  for (const { verbs, ...of } of parts) {
    if (of.nonResourceURLs) {
      others.push({ verbs, ...of })
      continue
    }
    const key = JSON.stringify(of)
    const known = byResource.get(key)
    if (known) known.verbs.push(...verbs)
    else byResource.set(key, { verbs: [...verbs], ...of })
  }
  return [...others, ...byResource.values()]
}

const quoted = (text: string): string => JSON.stringify(text)
const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(' ')}]`

/** As CompactString of apis/rbac/v1. */
function described({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts: [string, string[] | undefined][] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ]
  return `{${parts.flatMap(([name, texts]) => (texts && texts.length > 0 ? [`${name}:${list(texts)}`] : [])).join(', ')}}`
}
