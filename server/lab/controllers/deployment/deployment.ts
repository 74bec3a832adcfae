/** The deployment controller, as pkg/controller/deployment: rolling updates, recreation, pausing, scaling. */
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder } from '../../machinery/events.ts'
import { byController, createIndex } from '../../machinery/index-by.ts'
import { controllerOf, hasEnded, keyOf, sameJson, splitKey } from '../../machinery/objects.ts'
import { claim } from '../pod-control.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import { allSets, cleanUp, loadRollout, type Rollout, scaleProportionally, scaleSet } from './replica-sets.ts'
import { calculateStatus, hasDeadline, storeStatus, syncRolloutStatus } from './status.ts'
import {
  counted,
  DESIRED_REPLICAS,
  fenceposts,
  isActive,
  isComplete,
  newCondition,
  newSetReplicas,
  oldestFirst,
  setCondition,
  wanted,
} from './util.ts'

export function startDeploymentController(context: ControllerContext): Disposable {
  const { store } = context
  const recorder = createRecorder(context, 'deployment-controller')
  const sets = createIndex(store, 'replicasets.apps', byController)
  const pods = createIndex(store, 'pods', byController)

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const stored = store.get('deployments.apps', namespace, name)
    if (!stored) return
    let deployment = structuredClone(stored)
    const owned = claim(context, deployment, 'replicasets.apps', [
      ...sets.get(deployment.metadata.uid),
      ...sets.get(`orphan:${namespace}`),
    ]).flatMap((set) => store.get('replicasets.apps', namespace, set.metadata.name) ?? [])

    if (deployment.metadata.deletionTimestamp) {
      const rollout = loadRollout(context, recorder, deployment, owned, false)
      storeStatus(context, rollout.deployment, calculateStatus(context, rollout.deployment, allSets(rollout), rollout.newSet))
      return
    }
    deployment = checkPaused(context, deployment)
    if (deployment.spec.paused || isScalingEvent(deployment, owned)) {
      const rollout = loadRollout(context, recorder, deployment, owned, false)
      scaleProportionally(rollout)
      if (deployment.spec.paused) cleanUp(rollout)
      storeStatus(context, rollout.deployment, calculateStatus(context, rollout.deployment, allSets(rollout), rollout.newSet))
      return
    }
    const again =
      deployment.spec.strategy?.type === 'Recreate'
        ? recreate(context, recorder, deployment, owned, (set) => pods.get(set.metadata.uid))
        : roll(context, recorder, deployment, owned)
    if (again !== null) queue.addAfter(key, again)
  }

  const queue = createWorkqueue(context, sync, { latency: [4, 12] })
  const addOwner = (set: KubeObject): void => {
    const owner = controllerOf(set)
    if (owner?.kind === 'Deployment') queue.add(`${set.metadata.namespace}/${owner.name}`)
  }
  const watches = [
    store.watch('deployments.apps', { initial: true }, ({ object }) => queue.add(keyOf(object))),
    store.watch('replicasets.apps', {}, ({ type, object, previous }) => {
      if (type === 'MODIFIED' && previous && !sameJson(controllerOf(previous), controllerOf(object))) addOwner(previous)
      addOwner(object)
      if (!controllerOf(object) && type !== 'DELETED') {
        for (const deployment of store.list('deployments.apps', object.metadata.namespace)) queue.add(keyOf(deployment))
      }
    }),
    // a Recreate deployment waits for the last old pod
    store.watch('pods', {}, ({ type, object }) => {
      if (type !== 'DELETED') return
      const owner = controllerOf(object)
      if (owner?.kind !== 'ReplicaSet') return
      const set = store.get('replicasets.apps', object.metadata.namespace ?? null, owner.name)
      if (set) addOwner(set)
    }),
  ]
  return disposeAll([sets, pods, queue, ...watches])
}

/** A paused deployment makes no progress, and that must not count against its deadline. */
function checkPaused(context: ControllerContext, deployment: KubeObject): KubeObject {
  if (!hasDeadline(deployment)) return deployment
  const conditions = deployment.status?.conditions ?? []
  const current = conditions.find(({ type }: { type: string }) => type === 'Progressing')
  if (current?.reason === 'ProgressDeadlineExceeded') return deployment
  const paused = Boolean(deployment.spec.paused)
  if (paused === (current?.reason === 'DeploymentPaused')) return deployment
  const [reason, message] = paused ? ['DeploymentPaused', 'Deployment is paused'] : ['DeploymentResumed', 'Deployment is resumed']
  const condition = newCondition(context.clock.now(), 'Progressing', 'Unknown', reason, message)
  storeStatus(context, deployment, { ...deployment.status, conditions: setCondition(conditions, condition) })
  const { namespace, name } = deployment.metadata
  return structuredClone(context.store.get('deployments.apps', namespace ?? null, name) ?? deployment)
}

function isScalingEvent(deployment: KubeObject, sets: readonly KubeObject[]): boolean {
  return sets.filter(isActive).some((set) => {
    const desired = set.metadata.annotations?.[DESIRED_REPLICAS]
    return desired !== undefined && Number(desired) !== deployment.spec.replicas
  })
}

type Recorder = ReturnType<typeof createRecorder>

function roll(context: ControllerContext, recorder: Recorder, deployment: KubeObject, owned: readonly KubeObject[]): number | null {
  const rollout = loadRollout(context, recorder, deployment, owned, true)
  const scaled = growNewSet(rollout) || shrinkOldSets(rollout)
  if (!scaled && isComplete(rollout.deployment, rollout.deployment.status ?? {})) cleanUp(rollout)
  return syncRolloutStatus(context, rollout.deployment, allSets(rollout), rollout.newSet)
}

function growNewSet(rollout: Rollout): boolean {
  const { newSet, deployment } = rollout
  if (!newSet || newSet.spec.replicas === deployment.spec.replicas) return false
  const shrink = newSet.spec.replicas > deployment.spec.replicas
  const size = shrink ? deployment.spec.replicas : newSetReplicas(deployment, allSets(rollout), newSet)
  return newSet.spec.replicas !== size && scaleSet(rollout, newSet, size)
}

/** First the old pods that do not work anyway, then as many as may be missing. */
function shrinkOldSets(rollout: Rollout): boolean {
  const { deployment, newSet } = rollout
  const old = oldestFirst(rollout.oldSets.filter(isActive))
  if (old.length === 0) return false
  const least = deployment.spec.replicas - fenceposts(deployment).unavailable
  const newUnavailable = newSet ? newSet.spec.replicas - (newSet.status?.availableReplicas ?? 0) : 0
  const most = wanted(allSets(rollout)) - least - newUnavailable
  if (most <= 0) return false

  let removed = 0
  for (const set of old) {
    const broken = set.spec.replicas - (set.status?.availableReplicas ?? 0)
    if (removed >= most || broken <= 0) continue
    const count = Math.min(most - removed, broken)
    if (scaleSet(rollout, set, set.spec.replicas - count)) removed += count
  }
  const spare = counted(allSets(rollout), 'availableReplicas') - least
  let shrunk = 0
  for (const set of oldestFirst(rollout.oldSets.filter(isActive))) {
    if (shrunk >= spare) break
    const count = Math.min(set.spec.replicas, spare - shrunk)
    if (scaleSet(rollout, set, set.spec.replicas - count)) shrunk += count
  }
  return removed + shrunk > 0
}

function recreate(
  context: ControllerContext,
  recorder: Recorder,
  deployment: KubeObject,
  owned: readonly KubeObject[],
  podsOf: (set: KubeObject) => readonly KubeObject[],
): number | null {
  let rollout = loadRollout(context, recorder, deployment, owned, false)
  let scaledDown = false
  for (const set of rollout.oldSets.filter(isActive)) scaledDown = scaleSet(rollout, set, 0) || scaledDown
  const oldPodsRun = rollout.oldSets.some((set) => podsOf(set).some((pod) => !hasEnded(pod)))
  if (scaledDown || oldPodsRun) return syncRolloutStatus(context, rollout.deployment, allSets(rollout), rollout.newSet)
  if (!rollout.newSet) rollout = loadRollout(context, recorder, rollout.deployment, rollout.oldSets, true)
  if (rollout.newSet && rollout.newSet.spec.replicas !== rollout.deployment.spec.replicas) {
    scaleSet(rollout, rollout.newSet, rollout.deployment.spec.replicas)
  }
  if (isComplete(rollout.deployment, rollout.deployment.status ?? {})) cleanUp(rollout)
  return syncRolloutStatus(context, rollout.deployment, allSets(rollout), rollout.newSet)
}
