/** A deployment's replica sets: the new one and its revision, scaling, and the history's end; as sync.go. */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError } from '../../store/api-error.ts'
import type { ControllerContext } from '../../machinery/context.ts'
import type { EventRecorder } from '../../machinery/events.ts'
import { templateHash } from '../../machinery/hash.ts'
import { controllerOf, controllerReference } from '../../machinery/objects.ts'
import { hasDeadline, storeStatus } from './status.ts'
import {
  fenceposts,
  findActiveOrLatest,
  findNewSet,
  HASH_LABEL,
  isActive,
  isRollingUpdate,
  isSaturated,
  MAX_REPLICAS,
  maxSurge,
  newCondition,
  newSetReplicas,
  oldestFirst,
  REVISION,
  revisionOf,
  sameTemplate,
  setAnnotations,
  setCondition,
  setReplicasAnnotations,
  wanted,
} from './util.ts'

/** One sync's view; `deployment` is a copy that is brought up to date as the sync writes. */
export interface Rollout {
  context: ControllerContext
  recorder: EventRecorder
  deployment: KubeObject
  newSet: KubeObject | undefined
  oldSets: KubeObject[]
}

export function allSets(rollout: Rollout): KubeObject[] {
  return [...rollout.oldSets, ...(rollout.newSet ? [rollout.newSet] : [])]
}

/** Finds or (`create`) makes the set with the deployment's template, and brings revisions up to date. */
export function loadRollout(
  context: ControllerContext,
  recorder: EventRecorder,
  deployment: KubeObject,
  sets: readonly KubeObject[],
  create: boolean,
): Rollout {
  const found = findNewSet(deployment, sets)
  const oldSets = sets.filter((set) => set.metadata.uid !== found?.metadata.uid)
  const revision = Math.max(0, ...oldSets.map(revisionOf)) + 1
  const rollout: Rollout = { context, recorder, deployment, newSet: found, oldSets }
  if (found) syncRevision(rollout, found, revision)
  else if (create) rollout.newSet = createSet(rollout, revision)
  return rollout
}

function syncRevision(rollout: Rollout, found: KubeObject, revision: number): void {
  const { context, deployment } = rollout
  const { minReadySeconds } = deployment.spec
  const copy = structuredClone(found)
  const changed = setAnnotations(deployment, copy, revision, true) || (copy.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)
  if (changed) {
    if (minReadySeconds) copy.spec.minReadySeconds = minReadySeconds
    else delete copy.spec.minReadySeconds
    rollout.newSet = context.store.update('replicasets.apps', copy)
    return
  }
  const conditions = deployment.status?.conditions ?? []
  const progressing = conditions.find(({ type }: { type: string }) => type === 'Progressing')
  const annotated = setRevision(rollout, copy.metadata.annotations?.[REVISION] ?? '')
  if (hasDeadline(deployment) && !progressing) {
    const message = `Found new replica set "${found.metadata.name}"`
    const condition = newCondition(context.clock.now(), 'Progressing', 'True', 'FoundNewReplicaSet', message)
    writeStatus(rollout, { ...deployment.status, conditions: setCondition(conditions, condition) })
  } else if (annotated) {
    reload(rollout)
  }
}

/** The deployment's own revision annotation; returns whether it changed. */
function setRevision(rollout: Rollout, revision: string): boolean {
  const { context, deployment } = rollout
  if (deployment.metadata.annotations?.[REVISION] === revision) return false
  const { namespace, name } = deployment.metadata
  // Written with the status, which counts no generation.
  const change = (copy: KubeObject): void => {
    copy.metadata.annotations = { ...copy.metadata.annotations, [REVISION]: revision }
  }
  context.store.mutate('deployments.apps', namespace ?? null, name, change, { subresource: 'status' })
  return true
}

function writeStatus(rollout: Rollout, status: KubeObject['status']): void {
  storeStatus(rollout.context, rollout.deployment, status)
  reload(rollout)
}

function reload(rollout: Rollout): void {
  const { namespace, name } = rollout.deployment.metadata
  const stored = rollout.context.store.get('deployments.apps', namespace ?? null, name)
  if (stored) rollout.deployment = structuredClone(stored)
}

function createSet(rollout: Rollout, revision: number): KubeObject | undefined {
  const { context, recorder, deployment, oldSets } = rollout
  const { namespace } = deployment.metadata
  const template = structuredClone(deployment.spec.template)
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount, context.settings)
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [HASH_LABEL]: hash } }
  const selector = structuredClone(deployment.spec.selector)
  selector.matchLabels = { ...selector.matchLabels, [HASH_LABEL]: hash }
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace,
      ownerReferences: [controllerReference(deployment)],
      labels: template.metadata.labels,
    },
    spec: {
      replicas: newSetReplicas(deployment, oldSets, undefined),
      selector,
      template,
      ...(deployment.spec.minReadySeconds ? { minReadySeconds: deployment.spec.minReadySeconds } : {}),
    },
  } as unknown as KubeObject
  setAnnotations(deployment, set, revision, false)
  let created: KubeObject
  try {
    created = context.store.create('replicasets.apps', set)
  } catch (error) {
    return failedToCreate(rollout, set, error)
  }
  if (created.spec.replicas > 0) {
    const message = scaledMessage(context, 'up', created, 0, created.spec.replicas)
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  }
  setRevision(rollout, String(revision))
  reload(rollout)
  if (hasDeadline(deployment)) {
    const message = `Created new replica set "${created.metadata.name}"`
    const condition = newCondition(context.clock.now(), 'Progressing', 'True', 'NewReplicaSetCreated', message)
    const { status } = rollout.deployment
    writeStatus(rollout, { ...status, conditions: setCondition(status?.conditions ?? [], condition) })
  }
  return created
}

function failedToCreate(rollout: Rollout, set: KubeObject, error: unknown): KubeObject {
  const { context, recorder, deployment } = rollout
  if (!(error instanceof ApiError)) throw error
  const existing = context.store.get('replicasets.apps', set.metadata.namespace ?? null, set.metadata.name)
  if (error.reason === 'AlreadyExists' && existing) {
    const ours = controllerOf(existing)?.uid === deployment.metadata.uid
    if (ours && sameTemplate(existing.spec.template, deployment.spec.template)) return existing
    writeStatus(rollout, { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 })
    throw error
  }
  if (error.message.includes('because it is being terminated')) throw error
  const message = `Failed to create new replica set "${set.metadata.name}": ${error.message}`
  const condition = newCondition(context.clock.now(), 'Progressing', 'False', 'ReplicaSetCreateError', message)
  writeStatus(rollout, { ...deployment.status, conditions: setCondition(deployment.status?.conditions ?? [], condition) })
  recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
  throw error
}

/** Up to 1.22 or so the event named the new size alone. */
function scaledMessage(context: ControllerContext, direction: 'up' | 'down', set: KubeObject, from: number, to: number): string {
  const old = Number(/^v1\.(\d+)/.exec(context.settings.version)?.[1]) < 24
  return `Scaled ${direction} replica set ${set.metadata.name} ${old ? '' : `from ${from} `}to ${to}`
}

/** Scales a set; where its size changes, the deployment gets an event. Returns whether it did. */
export function scaleSet(rollout: Rollout, set: KubeObject, size: number): boolean {
  const { context, recorder, deployment } = rollout
  const from: number = set.spec.replicas ?? 0
  const copy = structuredClone(set)
  const annotated = setReplicasAnnotations(deployment, copy)
  if (from === size && !annotated) return false
  copy.spec.replicas = size
  const updated = context.store.update('replicasets.apps', copy)
  if (rollout.newSet?.metadata.uid === updated.metadata.uid) rollout.newSet = updated
  rollout.oldSets = rollout.oldSets.map((old) => (old.metadata.uid === updated.metadata.uid ? updated : old))
  if (from === size) return false
  recorder.event(deployment, 'Normal', 'ScalingReplicaSet', scaledMessage(context, from < size ? 'up' : 'down', set, from, size))
  return true
}

/** Spreads a new size over all active sets in proportion to theirs, as sync.go's scale. */
export function scaleProportionally(rollout: Rollout): void {
  const { deployment } = rollout
  const { replicas } = deployment.spec
  const only = findActiveOrLatest(rollout.newSet, rollout.oldSets)
  if (only) {
    if (only.spec.replicas !== replicas) scaleSet(rollout, only, replicas)
    return
  }
  if (isSaturated(deployment, rollout.newSet)) {
    for (const set of rollout.oldSets.filter(isActive)) scaleSet(rollout, set, 0)
    return
  }
  if (!isRollingUpdate(deployment)) return
  const active = allSets(rollout).filter(isActive)
  const allowed = replicas > 0 ? replicas + fenceposts(deployment).surge : 0
  const toAdd = allowed - wanted(active)
  const sorted = oldestFirst(active)
  if (toAdd > 0) sorted.reverse()
  sorted.sort((a, b) => b.spec.replicas - a.spec.replicas)
  let added = 0
  const sizes = sorted.map((set) => {
    const part = toAdd === 0 ? 0 : proportion(deployment, set, toAdd, added)
    added += part
    return set.spec.replicas + part
  })
  sorted.forEach((set, i) => {
    const leftover = i === 0 && toAdd !== 0 ? toAdd - added : 0
    scaleSet(rollout, set, Math.max(0, (sizes[i] ?? 0) + leftover))
  })
}

function proportion(deployment: KubeObject, set: KubeObject, toAdd: number, added: number): number {
  const size: number = set.spec.replicas
  if (size === 0 || toAdd === added) return 0
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS]) || deployment.status?.replicas || 1
  const allowed = deployment.spec.replicas + maxSurge(deployment)
  const part = (deployment.spec.replicas === 0 ? 0 : Math.round((size * allowed) / before)) - size
  return toAdd > 0 ? Math.min(part, toAdd - added) : Math.max(part, toAdd - added)
}

/** Deletes what is older than revisionHistoryLimit. */
export function cleanUp(rollout: Rollout): void {
  const { context, deployment } = rollout
  const limit = deployment.spec.revisionHistoryLimit
  if (limit === undefined || limit === null || limit === 2_147_483_647) return
  const sets = rollout.oldSets.filter((set) => !set.metadata.deletionTimestamp).toSorted((a, b) => revisionOf(a) - revisionOf(b))
  for (const set of sets.slice(0, Math.max(0, sets.length - limit))) {
    const busy = set.status?.replicas || set.spec.replicas || (set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0)
    if (!busy) context.store.delete('replicasets.apps', set.metadata.namespace ?? null, set.metadata.name)
  }
}
