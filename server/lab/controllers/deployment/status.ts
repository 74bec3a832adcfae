/** A deployment's status and its Progressing condition, as sync.go's calculateStatus and progress.go. */
import type { KubeObject } from '../../resources/definition.ts'
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { type Condition, milliseconds, sameJson } from '../../machinery/objects.ts'
import { counted, fenceposts, isComplete, isProgressing, newCondition, setCondition, wanted } from './util.ts'

/** progressDeadlineSeconds of MaxInt32: no deadline. */
const NO_DEADLINE = 2_147_483_647

export function hasDeadline(deployment: KubeObject): boolean {
  const seconds = deployment.spec.progressDeadlineSeconds
  return seconds !== undefined && seconds !== null && seconds !== NO_DEADLINE
}

/** Status fields that Go leaves out where they are 0. */
function withoutZeros(status: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(Object.entries(status).filter((entry): entry is [string, number] => Boolean(entry[1])))
}

export function calculateStatus(
  context: ControllerContext,
  deployment: KubeObject,
  all: readonly KubeObject[],
  newSet: KubeObject | undefined,
): KubeObject['status'] {
  const now = context.clock.now()
  const available = counted(all, 'availableReplicas')
  const enough = available >= deployment.spec.replicas - fenceposts(deployment).unavailable
  const conditions = setCondition(
    deployment.status?.conditions ?? [],
    enough
      ? newCondition(now, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
      : newCondition(now, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'),
  )
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation,
      replicas: counted(all, 'replicas'),
      updatedReplicas: newSet ? counted([newSet], 'replicas') : 0,
      readyReplicas: counted(all, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wanted(all) - available),
    }),
    ...(minorVersion(context.settings) >= 35 ? { terminatingReplicas: counted(all, 'terminatingReplicas') } : {}),
    ...(deployment.status?.collisionCount ? { collisionCount: deployment.status.collisionCount } : {}),
    conditions,
  }
}

/** Stores a status where it differs. */
export function storeStatus(context: ControllerContext, deployment: KubeObject, status: KubeObject['status']): void {
  if (sameJson(deployment.status, status)) return
  const { namespace, name } = deployment.metadata
  context.store.mutate('deployments.apps', namespace ?? null, name, (copy) => void (copy.status = status), { subresource: 'status' })
}

function replicaFailure(newSet: KubeObject | undefined, all: readonly KubeObject[]): Condition | undefined {
  for (const set of [...(newSet ? [newSet] : []), ...all]) {
    const failure = (set.status?.conditions as Condition[] | undefined)?.find(({ type }) => type === 'ReplicaFailure')
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime }
  }
  return undefined
}

/** Status during a rollout. Returns in how many ms to look again for a passed deadline, or null. */
export function syncRolloutStatus(
  context: ControllerContext,
  deployment: KubeObject,
  all: readonly KubeObject[],
  newSet: KubeObject | undefined,
): number | null {
  const now = context.clock.now()
  const status = calculateStatus(context, deployment, all, newSet)
  const deadline = hasDeadline(deployment)
  const current = (deployment.status?.conditions as Condition[] | undefined)?.find(({ type }) => type === 'Progressing')
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  if (!deadline) status.conditions = status.conditions.filter(({ type }: Condition) => type !== 'Progressing')
  const completeAlready = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable'
  if (deadline && !completeAlready) {
    if (isComplete(deployment, status)) {
      const condition = newCondition(now, 'Progressing', 'True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`)
      status.conditions = setCondition(status.conditions, condition)
    } else if (isProgressing(deployment, status)) {
      const condition = newCondition(now, 'Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`)
      if (current?.status === 'True') condition.lastTransitionTime = current.lastTransitionTime
      status.conditions = [...status.conditions.filter(({ type }: Condition) => type !== 'Progressing'), condition]
    } else if (isTimedOut(deployment, current, now)) {
      const condition = newCondition(now, 'Progressing', 'False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`)
      status.conditions = setCondition(status.conditions, condition)
    }
  }
  const failure = replicaFailure(newSet, all)
  status.conditions = failure
    ? setCondition(status.conditions, failure)
    : status.conditions.filter(({ type }: Condition) => type !== 'ReplicaFailure')
  if (!sameJson(deployment.status, status)) {
    storeStatus(context, deployment, status)
    return null
  }
  if (!deadline || !current || isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded') return null
  return Math.max(0, milliseconds(current.lastUpdateTime as string) + deployment.spec.progressDeadlineSeconds * 1000 - now) + 1000
}

function isTimedOut(deployment: KubeObject, current: Condition | undefined, now: number): boolean {
  if (!current) return false
  if (current.reason === 'NewReplicaSetAvailable') return false
  if (current.reason === 'ProgressDeadlineExceeded') return true
  return milliseconds(current.lastUpdateTime as string) + deployment.spec.progressDeadlineSeconds * 1000 < now
}
