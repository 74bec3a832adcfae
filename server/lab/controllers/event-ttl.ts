/** Events are kept for an hour after they were written last, as etcd's lease on them in a real cluster. */
import type { ControllerContext } from '../machinery/context.ts'
import { keyOf, milliseconds, splitKey } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { Disposable } from '../store/store.ts'

const KEPT_FOR = 3600_000
const PERIOD = 60_000

/** When an event that is there already was written last, as far as it says. */
function lastWritten(event: KubeObject): number {
  const times = [event.metadata.creationTimestamp, event['lastTimestamp'], event['series']?.lastObservedTime]
  return Math.max(...times.filter(Boolean).map((time) => milliseconds(time)))
}

export function startEventExpiry(context: ControllerContext): Disposable {
  const { store, clock } = context
  const there = store.list('events').map((event): [string, number] => [keyOf(event), lastWritten(event)])
  /** By key, what was written first before what was written later. */
  const written = new Map(there.toSorted(([, a], [, b]) => a - b))
  const watch = store.watch('events', {}, ({ type, object }) => {
    written.delete(keyOf(object))
    if (type !== 'DELETED') written.set(keyOf(object), clock.now())
  })
  const timer = clock.every(PERIOD, () => {
    const before = clock.now() - KEPT_FOR
    for (const [key, at] of written) {
      if (at >= before) break
      const { namespace, name } = splitKey(key)
      store.delete('events', namespace, name)
    }
  })
  return {
    dispose() {
      watch.dispose()
      timer.cancel()
    },
  }
}
