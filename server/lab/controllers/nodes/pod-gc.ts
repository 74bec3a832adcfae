/** The pod garbage collector, as pkg/controller/podgc: pods of nodes that are gone, pods that end before they were placed, and too many ended ones. */
import type { ControllerContext } from '../../machinery/context.ts'
import { hasEnded } from '../../machinery/objects.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Disposable } from '../../store/store.ts'

const PERIOD = 20_000
/** How long a node must be gone. */
const QUARANTINE = 40_000
/** terminatedPodGCThreshold. */
const MOST_ENDED = 12_500

export function startPodGarbageCollector(context: ControllerContext): Disposable {
  const { store, clock } = context
  const missing = new Map<string, number>()
  const remove = (namespace: string | undefined, name: string, uid: string): void => {
    try {
      store.delete('pods', namespace ?? null, name, { gracePeriodSeconds: 0, preconditions: { uid } })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }
  const collect = (): void => {
    const now = clock.now()
    const nodes = new Set(store.list('nodes').map(({ metadata }) => metadata.name))
    for (const name of missing.keys()) if (nodes.has(name)) missing.delete(name)
    const ended = []
    for (const pod of store.list('pods')) {
      const { namespace, name, uid, deletionTimestamp } = pod.metadata
      const node: string = pod.spec?.nodeName ?? ''
      if (node && !nodes.has(node)) {
        const since = missing.get(node) ?? now
        missing.set(node, since)
        if (now - since >= QUARANTINE) remove(namespace, name, uid)
      } else if (!node && deletionTimestamp) {
        remove(namespace, name, uid)
      } else if (hasEnded(pod)) ended.push(pod)
    }
    const surplus = ended.length - MOST_ENDED
    if (surplus <= 0) return
    ended.sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
    for (const { metadata } of ended.slice(0, surplus)) remove(metadata.namespace, metadata.name, metadata.uid)
  }
  const timer = clock.every(PERIOD, collect)
  return { dispose: () => timer.cancel() }
}
