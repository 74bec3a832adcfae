/**
 * What an object counts for in a quota, as the evaluators of pkg/quota/v1/evaluator/core: pods by their requests and limits, services by type, claims
 * by storage, everything else by number.
 */
import { resourceName, type KubeObject, type ResourceDefinition } from '../definition.ts'
import { qualityOfService } from '../core/pods/quality.ts'
import { podLimits, podRequests } from '../core/pod-requests.ts'
import { storageClassOf } from '../core/volumes.ts'
import { addLists, type ResourceList } from '../kit/resource-list.ts'
import { CONTAINER_RESOURCES, isHugePage, isQuotaHugePage } from '../kit/resource-names.ts'

/** Which quotas a kind may be charged to, and with what. */
export interface Evaluator {
  /** Those of these resources that this kind counts for. */
  matching(names: readonly string[]): string[]
  usage(object: KubeObject, now: number): ResourceList
  /** undefined where the kind knows no scopes: a quota that has some never holds for it. */
  inScope?(object: KubeObject, scope: ScopeRequirement): boolean
  /** What an object lacks that a quota asks every object to say. */
  missing?(object: KubeObject, required: readonly string[]): string | null
  /** Whether a change can matter; creation always does. */
  onUpdate?(object: KubeObject, old: KubeObject): boolean
}

export interface ScopeRequirement {
  scopeName: string
  operator: string
  values?: string[]
}

/** `count/deployments.apps`. */
function countName(definition: { group: string; plural: string }): string {
  return `count/${resourceName(definition)}`
}

const POD_RESOURCES = new Set(
  ['count/pods', 'pods'].concat([...CONTAINER_RESOURCES].flatMap((name) => [name, `requests.${name}`, `limits.${name}`])),
)
/** Whoever limits these asks every container to name them. */
const DEMANDED = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

const isExtendedInQuota = (name: string): boolean =>
  name.startsWith('requests.') &&
  name.includes('/') &&
  (!name.includes('kubernetes.io/') || name.includes('deviceclass.resource.kubernetes.io/'))

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const used: ResourceList = { pods: '1' }
  for (const [name, value] of Object.entries(requests)) {
    if (CONTAINER_RESOURCES.has(name) || isHugePage(name)) used[name] = used[`requests.${name}`] = value
    else if (name.includes('/')) used[`requests.${name}`] = value
  }
  for (const [name, value] of Object.entries(limits)) {
    if (CONTAINER_RESOURCES.has(name)) used[`limits.${name}`] = value
  }
  return used
}

function hasEnded({ metadata, status }: KubeObject, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata
  return deletionTimestamp !== undefined && now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

const hasDeadline = ({ spec }: KubeObject): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0

function reachesOtherNamespaces({ spec }: KubeObject): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  return [podAffinity, podAntiAffinity].some((affinity) =>
    [
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each: { podAffinityTerm: object }) => each.podAffinityTerm),
    ].some((term) => (term?.namespaces?.length ?? 0) > 0 || term?.namespaceSelector),
  )
}

function named(value: string | undefined, { operator, values = [] }: ScopeRequirement): boolean {
  if (operator === 'In') return value !== undefined && values.includes(value)
  if (operator === 'NotIn') return value === undefined || !values.includes(value)
  return operator === 'DoesNotExist' ? value === undefined : value !== undefined
}

function podInScope(pod: KubeObject, scope: ScopeRequirement): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return hasDeadline(pod)
    case 'NotTerminating':
      return !hasDeadline(pod)
    case 'BestEffort':
      return qualityOfService(pod['spec']) === 'BestEffort'
    case 'NotBestEffort':
      return qualityOfService(pod['spec']) !== 'BestEffort'
    case 'PriorityClass':
      return named(pod['spec']?.priorityClassName || undefined, scope)
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod)
    default:
      return false
  }
}

const pods: Evaluator = {
  matching: (names) => names.filter((name) => POD_RESOURCES.has(name) || isQuotaHugePage(name) || isExtendedInQuota(name)),
  usage: (pod, now) => ({
    'count/pods': '1',
    ...(hasEnded(pod, now) ? {} : computeUsage(podRequests(pod['spec'] ?? {}), podLimits(pod['spec'] ?? {}))),
  }),
  inScope: podInScope,
  missing({ spec }, required) {
    if (Object.keys({ ...spec?.resources?.requests, ...spec?.resources?.limits }).length > 0) return null
    const lacking = new Map<string, Set<string>>()
    for (const { name, resources } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      const given = computeUsage(resources?.requests ?? {}, resources?.limits ?? {})
      for (const resource of required.filter((each) => DEMANDED.includes(each) && !(each in given))) {
        lacking.set(resource, (lacking.get(resource) ?? new Set()).add(name))
      }
    }
    const parts = [...lacking]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, containers]) => `${name} for: ${[...containers].toSorted().join(',')}`)
    return parts.length === 0 ? null : `must specify ${parts.join('; ')}`
  },
  onUpdate: (pod, old) => hasDeadline(pod) !== hasDeadline(old),
}

const SERVICE_RESOURCES = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers']

const services: Evaluator = {
  matching: (names) => names.filter((name) => SERVICE_RESOURCES.includes(name)),
  usage({ spec }) {
    const ports: { nodePort?: number }[] = spec?.ports ?? []
    const allocates = spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false
    const nodePorts = allocates ? ports.filter(({ nodePort }) => nodePort).length : ports.length
    const balanced = spec?.type === 'LoadBalancer'
    return {
      'count/services': '1',
      services: '1',
      'services.loadbalancers': balanced ? '1' : '0',
      'services.nodeports': balanced || spec?.type === 'NodePort' ? String(nodePorts) : '0',
    }
  },
  onUpdate: () => true,
}

const OF_CLASS = '.storageclass.storage.k8s.io/'
const CLAIM_RESOURCES = ['persistentvolumeclaims', 'requests.storage']

const claims: Evaluator = {
  matching: (names) =>
    names.filter(
      (name) =>
        name === 'count/persistentvolumeclaims' ||
        CLAIM_RESOURCES.includes(name) ||
        CLAIM_RESOURCES.some((each) => name.endsWith(OF_CLASS + each)),
    ),
  usage(claim) {
    const { spec, status } = claim
    const kind = storageClassOf(claim)
    const used: ResourceList = { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1' }
    if (kind !== '') used[`${kind}${OF_CLASS}persistentvolumeclaims`] = '1'
    const storage = status?.allocatedResources?.storage ?? spec?.resources?.requests?.storage
    if (storage !== undefined) {
      used['requests.storage'] = storage
      if (kind !== '') used[`${kind}${OF_CLASS}requests.storage`] = storage
    }
    return used
  },
  inScope: ({ spec }, scope) => scope.scopeName === 'VolumeAttributesClass' && named(spec?.volumeAttributesClassName || undefined, scope),
  onUpdate: () => true,
}

/** Kinds that may be counted by their bare name too. */
const ALIASES = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

/** What is not stored or has never been counted. */
const IGNORED = new Set(['bindings', 'componentstatuses', 'events', 'events.events.k8s.io'])

/** The evaluator of a kind; null where no quota holds for it. */
export function evaluatorOf(definition: ResourceDefinition): Evaluator | null {
  const resource = resourceName(definition)
  if (!definition.namespaced || IGNORED.has(resource)) return null
  if (resource === 'pods') return pods
  if (resource === 'services') return services
  if (resource === 'persistentvolumeclaims') return claims
  const count = countName(definition)
  const names = ALIASES.has(resource) ? [count, resource] : [count]
  return {
    matching: (given) => given.filter((name) => names.includes(name)),
    usage: () => Object.fromEntries(names.map((name) => [name, '1'])),
  }
}

/** All scopes of a quota, of either form. */
function scopesOf(quota: KubeObject): ScopeRequirement[] {
  const plain: ScopeRequirement[] = (quota['spec']?.scopes ?? []).map((scopeName: string) => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(quota['spec']?.scopeSelector?.matchExpressions ?? [])]
}

/** Whether an object is in every scope of a quota. */
export function inScopes(evaluator: Evaluator, quota: KubeObject, object: KubeObject): boolean {
  return scopesOf(quota).every((scope) => evaluator.inScope?.(object, scope) ?? false)
}

/** What these objects use of a quota's resources: zero of each where nothing does (CalculateUsageStats). */
export function totalUsage(
  evaluator: Evaluator,
  quota: KubeObject,
  names: readonly string[],
  objects: readonly KubeObject[],
  now: number,
): ResourceList {
  let total: ResourceList = Object.fromEntries(names.map((name) => [name, '0']))
  for (const object of objects) {
    if (!inScopes(evaluator, quota, object)) continue
    const used = evaluator.usage(object, now)
    total = addLists(total, Object.fromEntries(names.filter((name) => name in used).map((name) => [name, used[name] as string])))
  }
  return total
}
