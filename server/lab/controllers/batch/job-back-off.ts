/** How long a job waits after failures of its pods, as backoff_utils.go: 10 s, 20, 40 ... at most 10 min, anew after a success. */
import { type Condition, milliseconds } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'

const FIRST_BACK_OFF = 10_000
const LONGEST_BACK_OFF = 600_000

/** Failures after the last success. */
export interface BackOff {
  failures: number
  /** When the last of them ended, ms. */
  since: number
}

/** `before` with the pods that have ended since. */
export function noteEnds(before: BackOff | undefined, succeeded: readonly KubeObject[], failed: readonly KubeObject[]): BackOff {
  const known = succeeded.length === 0 && before ? before : { failures: 0, since: 0 }
  const success = Math.max(-1, ...succeeded.map(finishedTime))
  const ends = failed.map(finishedTime).filter((time) => time > success)
  return ends.length === 0 ? known : { failures: known.failures + ends.length, since: Math.max(...ends) }
}

/** ms from `now` until the next pod may be made. */
export function backOffLeft({ failures, since }: BackOff, now: number): number {
  if (failures === 0) return 0
  return Math.max(0, since + Math.min(FIRST_BACK_OFF * 2 ** (failures - 1), LONGEST_BACK_OFF) - now)
}

/** When a pod was over, ms: its last container's end, or what comes nearest to it. */
export function finishedTime(pod: KubeObject): number {
  const states: ({ terminated?: { finishedAt?: string } } | undefined)[] = (pod.status?.containerStatuses ?? []).map(
    ({ state }: { state?: object }) => state,
  )
  const ends = states.map((state) => milliseconds(state?.terminated?.finishedAt))
  if (ends.length > 0 && ends.every((end) => !Number.isNaN(end))) return Math.max(...ends)
  const unready = (pod.status?.conditions as Condition[] | undefined)?.find(({ type, status }) => type === 'Ready' && status === 'False')
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  if (unready?.lastTransitionTime) return milliseconds(unready.lastTransitionTime)
  if (deletionTimestamp) return milliseconds(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return milliseconds(creationTimestamp)
}
