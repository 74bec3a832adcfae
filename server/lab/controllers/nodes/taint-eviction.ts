/** Taint eviction, as pkg/controller/tainteviction: pods leave a node with NoExecute taints once they have tolerated them for long enough. */
import type { Timer } from '../../clock.ts'
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder } from '../../machinery/events.ts'
import { createIndex } from '../../machinery/index-by.ts'
import { hasEnded, milliseconds, timestamp } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Disposable } from '../../store/store.ts'
import { type Taint, type Toleration, toleratesTaint } from '../taints.ts'

/** Seconds that the pod may stay: 0 where a taint is not tolerated, Infinity where all are for ever. */
function toleratedSeconds(tolerations: readonly Toleration[], taints: readonly Taint[]): number {
  let least = Infinity
  for (const taint of taints) {
    const matching = tolerations.filter((toleration) => toleratesTaint(toleration, taint))
    if (matching.length === 0) return 0
    for (const { tolerationSeconds } of matching)
      if (tolerationSeconds !== undefined) least = Math.min(least, Math.max(0, tolerationSeconds))
  }
  return least
}

export function startTaintEviction(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, minorVersion(context.settings) >= 29 ? 'taint-eviction-controller' : 'taint-controller')
  const pods = createIndex(store, 'pods', (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []))
  const pending = new Map<string, { timer: Timer; at: number; pod: KubeObject }>()

  const event = (pod: KubeObject, message: string): void => {
    const { namespace, name } = pod.metadata
    recorder.event({ apiVersion: 'v1', kind: 'Pod', name, ...(namespace ? { namespace } : {}) }, 'Normal', 'TaintManagerEviction', message)
  }
  const cancel = (uid: string): void => {
    const entry = pending.get(uid)
    if (!entry) return
    entry.timer.cancel()
    pending.delete(uid)
    const { namespace, name } = entry.pod.metadata
    if (store.get('pods', namespace ?? null, name)?.metadata.uid === uid)
      event(entry.pod, `Cancelling deletion of Pod ${namespace}/${name}`)
  }
  const evict = (pod: KubeObject): void => {
    const { namespace, name, uid } = pod.metadata
    pending.delete(uid)
    const current = store.get('pods', namespace ?? null, name)
    if (current?.metadata.uid !== uid || current.metadata.deletionTimestamp) return
    event(pod, `Marking for deletion Pod ${namespace}/${name}`)
    if (minorVersion(context.settings) >= 26) markDisrupted(namespace ?? null, name)
    try {
      store.delete('pods', namespace ?? null, name, { preconditions: { uid } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }
  const markDisrupted = (namespace: string | null, name: string): void => {
    store.mutate(
      'pods',
      namespace,
      name,
      (copy) => {
        const others = (copy.status.conditions ?? []).filter(({ type }: { type: string }) => type !== 'DisruptionTarget')
        const condition = {
          lastProbeTime: null,
          lastTransitionTime: timestamp(clock.now()),
          message: 'Taint manager: deleting due to NoExecute taint',
          ...(minorVersion(context.settings) >= 34 ? { observedGeneration: copy.metadata.generation ?? 1 } : {}),
          reason: 'DeletionByTaintManager',
          status: 'True',
          type: 'DisruptionTarget',
        }
        copy.status.conditions = [...others, condition]
      },
      { subresource: 'status' },
    )
  }

  const sync = (node: string): void => {
    const taints = ((store.get('nodes', null, node)?.spec.taints ?? []) as Taint[]).filter(({ effect }) => effect === 'NoExecute')
    for (const pod of pods.get(node)) {
      const { uid, deletionTimestamp } = pod.metadata
      if (taints.length === 0) {
        cancel(uid)
        continue
      }
      if (deletionTimestamp || hasEnded(pod)) continue
      const seconds = toleratedSeconds(pod.spec.tolerations ?? [], taints)
      if (seconds === Infinity) {
        cancel(uid)
        continue
      }
      const since = Math.max(...taints.map(({ timeAdded }) => (timeAdded ? milliseconds(timeAdded) : clock.now())))
      const known = pending.get(uid)
      // the time runs from when the controller first saw the taint; an earlier date replaces a later one
      const at = known ? Math.min(known.at, since + seconds * 1000) : clock.now() + seconds * 1000
      if (known && known.at <= at) continue
      known?.timer.cancel()
      pending.set(uid, { timer: clock.after(Math.max(0, at - clock.now()), () => evict(pod)), at, pod })
    }
  }
  const queue = createWorkqueue(context, sync, { latency: [2, 8] })
  const watches = [
    store.watch('nodes', { initial: true }, ({ object, previous }) => {
      const effects = (node: KubeObject | undefined): string =>
        JSON.stringify((node?.spec.taints ?? []).filter((taint: Taint) => taint.effect === 'NoExecute'))
      if (effects(object) !== effects(previous)) queue.add(object.metadata.name)
    }),
    store.watch('pods', {}, ({ type, object, previous }) => {
      if (type === 'DELETED') {
        const entry = pending.get(object.metadata.uid)
        entry?.timer.cancel()
        pending.delete(object.metadata.uid)
      } else if (object.spec?.nodeName && previous?.spec?.nodeName !== object.spec.nodeName) {
        queue.add(object.spec.nodeName)
      }
    }),
  ]
  return disposeAll([pods, queue, { dispose: () => [...pending.values()].forEach(({ timer }) => timer.cancel()) }, ...watches])
}
