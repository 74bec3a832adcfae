/** activeDeadlineSeconds of a pod: how long it may be on its node at all. */
import type { Timer } from '../clock.ts'
import type { WorkedPod } from './worked-pod.ts'

export const DEADLINE_EXCEEDED = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' }

/** Calls `expire` once the time of a pod that began at `since` (ms) is over; never for a pod without such a time. */
export function watchDeadline(worker: WorkedPod & { after(ms: number, fire: () => void): Timer }, since: number, expire: () => void): void {
  const seconds: number | undefined = worker.pod.spec.activeDeadlineSeconds
  if (seconds) worker.after(Math.max(0, since + seconds * 1000 - worker.runtime.context.clock.now()), expire)
}
