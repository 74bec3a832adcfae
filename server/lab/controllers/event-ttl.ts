/** Events are kept for an hour, as etcd's lease on them in a real cluster. */
import type { ControllerContext } from '../machinery/context.ts'
import { milliseconds } from '../machinery/objects.ts'
import type { Disposable } from '../store/store.ts'

const KEPT_FOR = 3600_000
const PERIOD = 60_000

export function startEventExpiry(context: ControllerContext): Disposable {
  const { store, clock } = context
  const timer = clock.every(PERIOD, () => {
    const before = clock.now() - KEPT_FOR
    for (const event of store.list('events')) {
      const last = Math.max(
        milliseconds(event.metadata.creationTimestamp),
        ...[event['lastTimestamp'], event['series']?.lastObservedTime].filter(Boolean).map((time) => milliseconds(time)),
      )
      if (last < before) store.delete('events', event.metadata.namespace ?? null, event.metadata.name)
    }
  })
  return { dispose: () => timer.cancel() }
}
