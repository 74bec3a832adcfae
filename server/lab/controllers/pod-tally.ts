/** How many pods each owner has, counted by a watch: a sync of a set of thousands must not look at each of them whenever one changes. */
import { byController } from '../machinery/index-by.ts'
import { isPodActive, isPodReady, isPodTerminating } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { Disposable, Store } from '../store/store.ts'

/** An owner's pods that have the same labels. */
export interface AlikePods {
  labels: Record<string, string> | undefined
  active: number
  /** Active ones that are ready. */
  ready: number
  terminating: number
}

export interface PodTally extends Disposable {
  /** Pods by a key of {@link byController}. */
  of(key: string): readonly AlikePods[]
}

export function createPodTally(store: Store): PodTally {
  const groups = new Map<string, Map<string, AlikePods>>()
  const counted = new Map<string, KubeObject>()

  const count = (pod: KubeObject, by: 1 | -1): void => {
    const { labels } = pod.metadata
    const text = JSON.stringify(labels ?? {})
    for (const key of byController(pod)) {
      let owned = groups.get(key)
      if (!owned) groups.set(key, (owned = new Map()))
      let alike = owned.get(text)
      if (!alike) owned.set(text, (alike = { labels, active: 0, ready: 0, terminating: 0 }))
      if (isPodActive(pod)) {
        alike.active += by
        if (isPodReady(pod)) alike.ready += by
      } else if (isPodTerminating(pod)) alike.terminating += by
      if (alike.active > 0 || alike.terminating > 0) continue
      owned.delete(text)
      if (owned.size === 0) groups.delete(key)
    }
  }
  const watch = store.watch('pods', { initial: true }, ({ type, object }) => {
    const { uid } = object.metadata
    const before = counted.get(uid)
    if (before) count(before, -1)
    if (type === 'DELETED') {
      counted.delete(uid)
      return
    }
    counted.set(uid, object)
    count(object, 1)
  })
  return {
    of: (key) => [...(groups.get(key)?.values() ?? [])],
    dispose: () => watch.dispose(),
  }
}
