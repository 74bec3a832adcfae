/** Deletes jobs a while after they have ended (ttlSecondsAfterFinished), as pkg/controller/ttlafterfinished. */
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { type Condition, keyOf, milliseconds, splitKey } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { Disposable } from '../../store/store.ts'
import { isFinished } from './job.ts'

export function startJobTtlController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const job = store.get('jobs.batch', namespace, name)
    const seconds = job?.spec.ttlSecondsAfterFinished
    if (!job || seconds === undefined || !isFinished(job) || job.metadata.deletionTimestamp) return
    const end = job.status.conditions.find(({ type }: Condition) => type === 'Complete' || type === 'Failed')
    const wait = milliseconds(end.lastTransitionTime) + seconds * 1000 - clock.now()
    if (wait > 0) return queue.addAfter(key, wait)
    store.delete('jobs.batch', namespace, name, { propagationPolicy: 'Foreground' })
  }
  const queue = createWorkqueue(context, sync)
  const watch = store.watch('jobs.batch', { initial: true }, ({ type, object }) => {
    if (type !== 'DELETED') queue.add(keyOf(object))
  })
  return disposeAll([queue, watch])
}
