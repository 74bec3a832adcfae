/** The stateful set controller, as pkg/controller/statefulset: pods with a number each, in order. */
import type { ControllerContext } from '../machinery/context.ts'
import { minorVersion } from '../resources/kit/version.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { createRecorder, type EventRecorder } from '../machinery/events.ts'
import { byController, createIndex } from '../machinery/index-by.ts'
import { controllerOf, controllerReference, hasEnded, isPodAvailable, isPodReady, keyOf, sameJson, splitKey } from '../machinery/objects.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'
import { type History, REVISION_HASH, syncHistory, truncateHistory } from './history.ts'
import { claim } from './pod-control.ts'

const RESOURCE = 'statefulsets.apps'
const POD_NAME = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX = 'apps.kubernetes.io/pod-index'

export function startStatefulSetController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'statefulset-controller')
  const pods = createIndex(store, 'pods', byController)

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const set = store.get(RESOURCE, namespace, name)
    if (!set || set.metadata.deletionTimestamp) return
    const history = syncHistory(context, set, {})
    const update = history.current.metadata.name
    const current: string = set.status?.currentRevision || update
    const own = (): Map<number, KubeObject> => {
      const claimed = claim(context, set, 'pods', [...pods.get(set.metadata.uid), ...pods.get(`orphan:${namespace}`)])
      return new Map(claimed.flatMap((pod) => (ordinal(set, pod) === null ? [] : [[ordinal(set, pod) as number, pod]])))
    }
    step(context, recorder, set, own(), history, current, update)
    const now = own()
    const status = statusOf(set, now, current, update, clock.now())
    if (!sameJson(set.status, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    truncateHistory(context, set, history, new Set([...now.values()].map(({ metadata }) => metadata.labels?.[REVISION_HASH] ?? '')))
    const { minReadySeconds = 0 } = set.spec
    if (minReadySeconds && [...now.values()].some((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, clock.now()))) {
      queue.addAfter(key, minReadySeconds * 1000)
    }
  }
  const queue = createWorkqueue(context, sync, { latency: [5, 15] })
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch('pods', {}, ({ type, object }) => {
      const owner = controllerOf(object)
      if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
      else if (!owner && type !== 'DELETED') for (const set of store.list(RESOURCE, object.metadata.namespace)) queue.add(keyOf(set))
    }),
  ]
  return disposeAll([pods, queue, ...watches])
}

function ordinal(set: KubeObject, pod: KubeObject): number | null {
  const match = /^(.*)-(\d+)$/.exec(pod.metadata.name)
  return match?.[1] === set.metadata.name ? Number(match[2]) : null
}

/** The revision that the pod of a number should have: those below the partition keep the old one. */
function revisionFor(set: KubeObject, number: number, current: string, update: string): string {
  if (set.spec.updateStrategy?.type === 'OnDelete') return update
  return number < (set.spec.updateStrategy?.rollingUpdate?.partition ?? 0) ? current : update
}

function isHealthy(pod: KubeObject): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod) && !pod.metadata.deletionTimestamp
}

/** Does the next thing; with OrderedReady no more than one at a time. */
function step(
  context: ControllerContext,
  recorder: EventRecorder,
  set: KubeObject,
  own: ReadonlyMap<number, KubeObject>,
  history: History,
  current: string,
  update: string,
): void {
  const ordered = set.spec.podManagementPolicy !== 'Parallel'
  const first: number = set.spec.ordinals?.start ?? 0
  const replicas: number = set.spec.replicas ?? 1
  const last = first + replicas - 1
  for (let number = first; number <= last; number++) {
    const pod = own.get(number)
    if (pod && hasEnded(pod) && !pod.metadata.deletionTimestamp) {
      const kind = pod.status.phase === 'Failed' ? 'Failed' : 'Succeeded'
      recorder.event(
        set,
        kind === 'Failed' ? 'Warning' : 'Normal',
        `Recreating${kind}Pod`,
        `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${kind.toLowerCase()} Pod ${pod.metadata.name}`,
      )
      remove(context, recorder, set, pod)
      if (ordered) return
      continue
    }
    if (!pod) {
      const wanted = revisionFor(set, number, current, update)
      const revision = history.all.find(({ metadata }) => metadata.name === wanted) ?? history.current
      if (!create(context, recorder, set, number, revision)) return
      if (ordered) return
      continue
    }
    if (ordered && !isHealthy(pod)) return
  }
  const surplus = [...own].filter(([number]) => number < first || number > last).toSorted(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    if (!pod.metadata.deletionTimestamp) remove(context, recorder, set, pod)
    if (ordered) return
  }
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  for (let number = last; number >= first; number--) {
    const pod = own.get(number)
    if (!pod) return
    const wanted = revisionFor(set, number, current, update)
    const outdated = wanted === update && pod.metadata.labels?.[REVISION_HASH] !== wanted
    if (outdated && !pod.metadata.deletionTimestamp) {
      remove(context, recorder, set, pod)
      return
    }
    if (!isHealthy(pod)) return
  }
}

/** As its events write a verb: with a capital by now. */
function verb(context: ControllerContext, word: 'create' | 'delete'): string {
  return minorVersion(context.settings) >= 35 ? word.replace(/^./, (letter) => letter.toUpperCase()) : word
}

function remove(context: ControllerContext, recorder: EventRecorder, set: KubeObject, pod: KubeObject): void {
  const { namespace, name, uid } = pod.metadata
  try {
    context.store.delete('pods', namespace ?? null, name, { preconditions: { uid } })
    recorder.event(
      set,
      'Normal',
      'SuccessfulDelete',
      `${verb(context, 'delete')} Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

/** Returns false where the API server refuses; the event says why. */
function create(context: ControllerContext, recorder: EventRecorder, set: KubeObject, number: number, revision: KubeObject): boolean {
  const { store } = context
  const { namespace } = set.metadata
  const name = `${set.metadata.name}-${number}`
  const template = structuredClone(revision['data'].spec.template)
  const volumes = createClaims(context, recorder, set, name)
  try {
    store.create('pods', {
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        generateName: `${set.metadata.name}-`,
        labels: {
          ...template.metadata?.labels,
          [REVISION_HASH]: revision.metadata.name,
          [POD_NAME]: name,
          ...(minorVersion(context.settings) >= 28 ? { [POD_INDEX]: String(number) } : {}),
        },
        ...(template.metadata?.annotations ? { annotations: template.metadata.annotations } : {}),
        ownerReferences: [controllerReference(set)],
      },
      spec: {
        ...template.spec,
        hostname: name,
        ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
        ...(volumes.length > 0 ? { volumes: [...volumes, ...(template.spec.volumes ?? [])] } : {}),
      },
    })
    recorder.event(
      set,
      'Normal',
      'SuccessfulCreate',
      `${verb(context, 'create')} Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    )
    return true
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const message = `${verb(context, 'create')} Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${error.message}`
    recorder.event(set, 'Warning', 'FailedCreate', message)
    return false
  }
}

function createClaims(context: ControllerContext, recorder: EventRecorder, set: KubeObject, pod: string): object[] {
  const { store } = context
  const { namespace } = set.metadata
  return (set.spec.volumeClaimTemplates ?? []).map((template: KubeObject) => {
    const name = `${template.metadata.name}-${pod}`
    if (store.definition('persistentvolumeclaims') && !store.get('persistentvolumeclaims', namespace ?? null, name)) {
      const labels = set.spec.selector?.matchLabels
      store.create('persistentvolumeclaims', {
        metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
        spec: template.spec,
      })
      const message = `${verb(context, 'create')} Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`
      recorder.event(set, 'Normal', 'SuccessfulCreate', message)
    }
    return { name: template.metadata.name, persistentVolumeClaim: { claimName: name } }
  })
}

function statusOf(
  set: KubeObject,
  own: ReadonlyMap<number, KubeObject>,
  current: string,
  update: string,
  now: number,
): KubeObject['status'] {
  const pods = [...own.values()].filter((pod) => !hasEnded(pod))
  const live = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  const of = (revision: string): number => live.filter(({ metadata }) => metadata.labels?.[REVISION_HASH] === revision).length
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod))
  const available = ready.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length
  const updated = of(update)
  // once all pods have the new revision it becomes the current one
  const done = current !== update && updated === (set.spec.replicas ?? 1) && ready.length === updated && pods.length === updated
  const currentRevision = done ? update : current
  const count = of(currentRevision)
  return {
    availableReplicas: available,
    collisionCount: set.status?.collisionCount ?? 0,
    ...(count > 0 ? { currentReplicas: count } : {}),
    currentRevision,
    observedGeneration: set.metadata.generation,
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    replicas: pods.length,
    updateRevision: update,
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
  }
}
