/** Whether a job is to end, and why, as the order of questions in syncJob. */
import type { Condition } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { parseIndexes } from './job-indexes.ts'
import { judgeFailure } from './pod-failure-policy.ts'

export interface JobEnd {
  succeeded: boolean
  reason: string
  message: string
}

/** What a job's pods have come to. */
export interface JobTally {
  succeeded: number
  failed: number
  succeededIndexes: ReadonlySet<number>
  failedIndexes: ReadonlySet<number>
}

const failure = (reason: string, message: string): JobEnd => ({ succeeded: false, reason, message })

export const COMPLETIONS_REACHED: JobEnd = {
  succeeded: true,
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}

/** An end that is decided before a pod is made or taken; `failed`: the pods that have. `pastDeadline`: activeDeadlineSeconds are over. */
export function verdictOf(
  job: KubeObject,
  pods: readonly KubeObject[],
  failed: readonly KubeObject[],
  tally: JobTally,
  pastDeadline: boolean,
): JobEnd | null {
  const conditions: Condition[] = job.status?.conditions ?? []
  const decided = (wanted: string): Condition | undefined => conditions.find(({ type, status }) => type === wanted && status === 'True')
  const met = decided('SuccessCriteriaMet')
  if (met) return { succeeded: true, reason: met.reason ?? '', message: met.message ?? '' }
  const target = decided('FailureTarget')
  if (target) return failure(target.reason ?? '', target.message ?? '')
  const fatal = failed.map((pod) => judgeFailure(job, pod)).find((verdict) => verdict?.action === 'FailJob')
  if (fatal) return failure('PodFailurePolicy', fatal.message)
  if (tally.failed > (job.spec.backoffLimit ?? 6) || restartsTooOften(job, pods)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  if (pastDeadline) return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
  return indexVerdict(job, tally)
}

function restartsTooOften(job: KubeObject, pods: readonly KubeObject[]): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum: number, { restartCount = 0 }: { restartCount?: number }) => sum + restartCount, 0)
  return restarts > 0 && restarts >= (job.spec.backoffLimit ?? 6)
}

function indexVerdict(job: KubeObject, { succeededIndexes, failedIndexes }: JobTally): JobEnd | null {
  const { maxFailedIndexes, completions, successPolicy } = job.spec
  if (failedIndexes.size > (maxFailedIndexes ?? Infinity)) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  }
  if (failedIndexes.size > 0 && failedIndexes.size + succeededIndexes.size >= completions) {
    return failure('FailedIndexes', 'Job has failed indexes')
  }
  const rules: { succeededIndexes?: string; succeededCount?: number }[] = successPolicy?.rules ?? []
  const rule = rules.findIndex((each) => isMet(each, completions, succeededIndexes))
  return rule < 0 ? null : { succeeded: true, reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` }
}

function isMet(
  { succeededIndexes, succeededCount }: { succeededIndexes?: string; succeededCount?: number },
  completions: number,
  done: ReadonlySet<number>,
): boolean {
  if (done.size === 0) return false
  if (succeededIndexes === undefined) return succeededCount !== undefined && done.size >= succeededCount
  const required = [...parseIndexes(succeededIndexes)].filter((index) => index < completions)
  const reached = required.filter((index) => done.has(index)).length
  return required.length > 0 && (reached === required.length || reached >= (succeededCount ?? Infinity))
}
