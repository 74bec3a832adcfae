/** Completion indexes of an Indexed job, as indexed_job_utils.go: sets of them, their text in the status, and what each has failed. */
import type { KubeObject } from '../../resources/definition.ts'
import { finishedTime } from './job-back-off.ts'
import { judgeFailure } from './pod-failure-policy.ts'

export const INDEX = 'batch.kubernetes.io/job-completion-index'
const FAILURES = 'batch.kubernetes.io/job-index-failure-count'
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'

export function isIndexed(job: KubeObject): boolean {
  return job.spec.completionMode === 'Indexed'
}

export function hasLimitPerIndex(job: KubeObject): boolean {
  return typeof job.spec.backoffLimitPerIndex === 'number'
}

/** `0-2,5` as a set. */
export function parseIndexes(text: string | null | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [from = 0, to = from] = part.split('-').map(Number)
    for (let i = from; i <= to; i++) indexes.add(i)
  }
  return indexes
}

/** A set as `0-2,5`; two that follow each other stay apart: `0,1`. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].toSorted((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length;) {
    let j = i
    while (sorted[j + 1] === (sorted[j] as number) + 1) j++
    parts.push(j > i ? `${sorted[i]}${j > i + 1 ? '-' : ','}${sorted[j]}` : `${sorted[i]}`)
    i = j + 1
  }
  return parts.join(',')
}

/** The index that a pod works on; NaN where it has none that its job knows. */
export function indexOf(job: KubeObject, pod: KubeObject): number {
  const index = Number.parseInt(pod.metadata.annotations?.[INDEX] ?? '', 10)
  return index >= 0 && index < job.spec.completions ? index : Number.NaN
}

export function indexesOf(job: KubeObject, pods: readonly KubeObject[]): Set<number> {
  return new Set(pods.map((pod) => indexOf(job, pod)).filter((index) => !Number.isNaN(index)))
}

/** The first `count` indexes that are not taken. */
export function freeIndexes(completions: number, count: number, ...taken: readonly ReadonlySet<number>[]): number[] {
  const free: number[] = []
  for (let index = 0; index < completions && free.length < count; index++) {
    if (!taken.some((set) => set.has(index))) free.push(index)
  }
  return free
}

/** Whether a pod that failed takes its index down with it (backoffLimitPerIndex, or a rule that says so). */
export function failsIndex(job: KubeObject, pod: KubeObject): boolean {
  const verdict = judgeFailure(job, pod)
  if (verdict?.action === 'FailIndex') return true
  return verdict?.action !== 'Ignore' && noted(pod, FAILURES) >= job.spec.backoffLimitPerIndex
}

/** How often an index has failed with this pod, whether it counted or not. */
export function failuresWith(pod: KubeObject): number {
  return noted(pod, FAILURES) + noted(pod, IGNORED_FAILURES) + 1
}

/** The annotations that hand an index's failures on to the pod that replaces `failed`. */
export function failureAnnotations(job: KubeObject, failed: KubeObject | undefined): Record<string, string> {
  if (!failed) return { [FAILURES]: '0' }
  const isIgnored = judgeFailure(job, failed)?.action === 'Ignore'
  const ignored = noted(failed, IGNORED_FAILURES) + Number(isIgnored)
  return {
    [FAILURES]: String(noted(failed, FAILURES) + Number(!isIgnored)),
    ...(ignored > 0 ? { [IGNORED_FAILURES]: String(ignored) } : {}),
  }
}

/** Of the pods that failed at an index that nobody works on now, the last one each: it stays until it is replaced, for what it knows. */
export function awaitingReplacement(
  job: KubeObject,
  failed: readonly KubeObject[],
  over: (index: number) => boolean,
): Map<number, KubeObject> {
  const last = new Map<number, KubeObject>()
  for (const pod of failed) {
    const index = indexOf(job, pod)
    if (Number.isNaN(index) || over(index)) continue
    const known = last.get(index)
    if (!known || (failuresWith(known) <= failuresWith(pod) && finishedTime(pod) >= finishedTime(known))) last.set(index, pod)
  }
  return last
}

function noted(pod: KubeObject, annotation: string): number {
  const value = Number(pod.metadata.annotations?.[annotation] ?? 0)
  return Number.isInteger(value) && value > 0 ? value : 0
}
