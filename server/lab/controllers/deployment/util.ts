/** What the deployment controller knows of replica sets, as pkg/controller/deployment/util. */
import type { KubeObject } from '../../resources/definition.ts'
import { type Condition, sameJson, scaledValue, timestamp } from '../../machinery/objects.ts'

export const REVISION = 'deployment.kubernetes.io/revision'
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'
export const HASH_LABEL = 'pod-template-hash'

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

const byCreation = (a: KubeObject, b: KubeObject): number =>
  a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) || a.metadata.name.localeCompare(b.metadata.name)

export function oldestFirst(sets: readonly KubeObject[]): KubeObject[] {
  return sets.toSorted(byCreation)
}

export function isActive(set: KubeObject): boolean {
  return (set.spec.replicas ?? 0) > 0
}

/** Sum of spec.replicas. */
export function wanted(sets: readonly KubeObject[]): number {
  return sets.reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0)
}

/** Sum of a field of status. */
export function counted(sets: readonly KubeObject[], field: string): number {
  return sets.reduce((sum, set) => sum + (set.status?.[field] ?? 0), 0)
}

export function isRollingUpdate(deployment: KubeObject): boolean {
  return deployment.spec.strategy?.type === 'RollingUpdate'
}

/** maxSurge and maxUnavailable as numbers of pods, as ResolveFenceposts: never both 0. */
export function fenceposts(deployment: KubeObject): { surge: number; unavailable: number } {
  const replicas: number = deployment.spec.replicas ?? 1
  if (!isRollingUpdate(deployment) || replicas === 0) return { surge: 0, unavailable: 0 }
  const limits = deployment.spec.strategy.rollingUpdate ?? {}
  const surge = scaledValue(limits.maxSurge, replicas, true)
  const unavailable = scaledValue(limits.maxUnavailable, replicas, false)
  if (surge === 0 && unavailable === 0) return { surge: 0, unavailable: 1 }
  return { surge, unavailable: Math.min(unavailable, replicas) }
}

export function maxSurge(deployment: KubeObject): number {
  return isRollingUpdate(deployment)
    ? scaledValue(deployment.spec.strategy.rollingUpdate?.maxSurge, deployment.spec.replicas ?? 1, true)
    : 0
}

function templateWithoutHash(template: KubeObject['spec']): unknown {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  const { creationTimestamp: _none, ...metadata } = template.metadata ?? {}
  return { ...template, metadata: { ...metadata, labels } }
}

export function sameTemplate(a: KubeObject['spec'], b: KubeObject['spec']): boolean {
  return sameJson(templateWithoutHash(a), templateWithoutHash(b))
}

/** The replica set that has the deployment's template; of several the oldest. */
export function findNewSet(deployment: KubeObject, sets: readonly KubeObject[]): KubeObject | undefined {
  return oldestFirst(sets).find((set) => sameTemplate(set.spec.template, deployment.spec.template))
}

export function revisionOf(object: KubeObject): number {
  return Number.parseInt(object.metadata.annotations?.[REVISION] ?? '0', 10) || 0
}

/** Longest history of revisions in characters (maxRevHistoryLengthInChars). */
const LONGEST_HISTORY = 2000

/** As SetNewReplicaSetAnnotations; the set is changed in place. Returns whether anything changed. */
export function setAnnotations(deployment: KubeObject, set: KubeObject, revision: number, exists: boolean): boolean {
  const annotations: Record<string, string> = (set.metadata.annotations ??= {})
  let changed = false
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (NOT_COPIED.has(key) || annotations[key] === value) continue
    annotations[key] = value
    changed = true
  }
  const old = annotations[REVISION]
  const oldRevision = revisionOf(set)
  if (oldRevision < revision) {
    annotations[REVISION] = String(revision)
    changed = true
    if (old !== undefined) {
      const history = annotations[REVISION_HISTORY] ? [...annotations[REVISION_HISTORY].split(','), old] : [old]
      while (history.join(',').length > LONGEST_HISTORY) history.shift()
      annotations[REVISION_HISTORY] = history.join(',')
    }
  }
  if (!exists && setReplicasAnnotations(deployment, set)) changed = true
  return changed
}

/** Desired and greatest number of pods, by which the controller later notices that somebody scaled the deployment. */
export function setReplicasAnnotations(deployment: KubeObject, set: KubeObject): boolean {
  const annotations: Record<string, string> = (set.metadata.annotations ??= {})
  const desired = String(deployment.spec.replicas)
  const most = String(deployment.spec.replicas + maxSurge(deployment))
  if (annotations[DESIRED_REPLICAS] === desired && annotations[MAX_REPLICAS] === most) return false
  annotations[DESIRED_REPLICAS] = desired
  annotations[MAX_REPLICAS] = most
  return true
}

/** The only active set, or the newest where none is; undefined where several are. */
export function findActiveOrLatest(newSet: KubeObject | undefined, oldSets: readonly KubeObject[]): KubeObject | undefined {
  const active = [...oldSets, ...(newSet ? [newSet] : [])].filter(isActive)
  if (active.length > 1) return undefined
  return active[0] ?? newSet ?? oldestFirst(oldSets).at(-1)
}

/** How far the new set may grow now, as NewRSNewReplicas. */
export function newSetReplicas(deployment: KubeObject, all: readonly KubeObject[], newSet: KubeObject | undefined): number {
  const replicas: number = deployment.spec.replicas
  if (!isRollingUpdate(deployment)) return replicas
  const room = replicas + maxSurge(deployment) - wanted(all)
  const has: number = newSet?.spec.replicas ?? 0
  if (room <= 0) return has
  return has + Math.min(room, replicas - has)
}

export function isSaturated(deployment: KubeObject, set: KubeObject | undefined): boolean {
  if (!set) return false
  const { replicas } = deployment.spec
  return (
    set.spec.replicas === replicas &&
    Number(set.metadata.annotations?.[DESIRED_REPLICAS]) === replicas &&
    (set.status?.availableReplicas ?? 0) === replicas
  )
}

/** As DeploymentComplete. */
export function isComplete(deployment: KubeObject, status: KubeObject['status']): boolean {
  const { replicas } = deployment.spec
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** As DeploymentProgressing: more updated, fewer old, more ready or more available pods than before. */
export function isProgressing(deployment: KubeObject, status: KubeObject['status']): boolean {
  const old = deployment.status ?? {}
  const outdated = (s: KubeObject['status']): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0)
  return (
    (status.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(status) < outdated(old) ||
    (status.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  )
}

export function newCondition(now: number, type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, lastUpdateTime: timestamp(now), lastTransitionTime: timestamp(now), reason, message }
}

/** As SetDeploymentCondition: nothing where status and reason are the same; a replaced one goes to the end. */
export function setCondition(conditions: Condition[], condition: Condition): Condition[] {
  const current = conditions.find(({ type }) => type === condition.type)
  if (current && current.status === condition.status && current.reason === condition.reason) return conditions
  if (current && current.status === condition.status) condition.lastTransitionTime = current.lastTransitionTime
  return [...conditions.filter(({ type }) => type !== condition.type), condition]
}
