/** The job controller, as pkg/controller/job: pods are counted once, by a finalizer, and the job ends by completions, failures or time. */
import { type ControllerContext, minorVersion } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder } from '../../machinery/events.ts'
import { byController, createIndex } from '../../machinery/index-by.ts'
import {
  type Condition,
  controllerOf,
  hasEnded,
  isPodReady,
  keyOf,
  milliseconds,
  sameJson,
  splitKey,
  timestamp,
} from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Disposable } from '../../store/store.ts'
import { claim, createPodControl } from '../pod-control.ts'
import { judgeFailure } from './pod-failure-policy.ts'

const RESOURCE = 'jobs.batch'
const FINALIZER = 'batch.kubernetes.io/job-tracking'
const INDEX = 'batch.kubernetes.io/job-completion-index'
/** Wait after a pod's failure before the next is made: 10 s, 20, 40 ... */
const FIRST_BACK_OFF = 10_000
const LONGEST_BACK_OFF = 600_000

type Reason = { reason: string; message: string }

/** What a job lacks or has too much of is made or deleted: `active` of its `own` pods; `key` is the workqueue's. */
type Manage = (
  job: KubeObject,
  status: KubeObject['status'],
  active: readonly KubeObject[],
  own: readonly KubeObject[],
  key: string,
) => void

export function startJobController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'job-controller')
  const control = createPodControl(context, recorder)
  const pods = createIndex(store, 'pods', byController)
  const tracks = minorVersion(context.settings) >= 22

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const stored = store.get(RESOURCE, namespace, name)
    if (!stored) return
    const job = structuredClone(stored)
    const own = claim(context, job, 'pods', [...pods.get(job.metadata.uid), ...pods.get(`orphan:${namespace}`)])
    if (isFinished(job)) {
      for (const pod of own) release(pod)
      return
    }
    const status = structuredClone(job.status ?? {})
    if (!status.startTime && !job.spec.suspend) status.startTime = timestamp(clock.now())
    const condemned = count(job, own, status)
    const live = own.filter((pod) => !hasEnded(pod))
    const active = live.filter(({ metadata }) => !metadata.deletionTimestamp)
    const failure = failureOf(job, own, status) ?? condemned
    const complete = failure === null && isComplete(job, status, active.length)
    if (failure || complete) {
      for (const pod of active) control.remove(job, pod)
      finish(job, status, failure, live.length > 0)
    } else if (!job.metadata.deletionTimestamp) {
      manage(job, status, active, own, key)
    }
    const now =
      failure || complete
        ? live.filter(({ metadata }) => metadata.deletionTimestamp)
        : pods.get(job.metadata.uid).filter((pod) => !hasEnded(pod) && !pod.metadata.deletionTimestamp)
    setNumbers(status, failure || complete ? 0 : now.length, live.length - active.length, active)
    if (!sameJson(job.status, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    for (const pod of own) if (hasEnded(pod)) release(pod)
    plan(job, status, key)
  }

  /** Takes what has ended into the counts; without finalizers (before 1.22) they are counted anew each time. */
  const count = (job: KubeObject, own: readonly KubeObject[], status: KubeObject['status']): Reason | null => {
    const ended = own.filter((pod) => hasEnded(pod) && (!tracks || pod.metadata.finalizers?.includes(FINALIZER)))
    const succeeded = ended.filter((pod) => pod.status.phase === 'Succeeded').length
    status.succeeded = (tracks ? (status.succeeded ?? 0) : 0) + succeeded
    const verdicts = ended.filter((pod) => pod.status.phase === 'Failed').map((pod) => judgeFailure(job, pod))
    const failed = verdicts.filter((verdict) => verdict?.action !== 'Ignore').length
    status.failed = (tracks ? (status.failed ?? 0) : 0) + failed
    const indexes = ended.filter((pod) => pod.status.phase === 'Succeeded').flatMap((pod) => pod.metadata.annotations?.[INDEX] ?? [])
    if (indexes.length > 0) status.completedIndexes = addIndexes(status.completedIndexes, indexes.map(Number))
    const fatal = verdicts.find((verdict) => verdict?.action === 'FailJob')
    return fatal ? { reason: 'PodFailurePolicy', message: fatal.message } : null
  }

  const release = (pod: KubeObject): void => {
    if (!pod.metadata.finalizers?.includes(FINALIZER)) return
    store.mutate('pods', pod.metadata.namespace ?? null, pod.metadata.name, (copy) => {
      copy.metadata.finalizers = copy.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? []
    })
  }

  const failureOf = (job: KubeObject, own: readonly KubeObject[], status: KubeObject['status']): Reason | null => {
    // decided before; pods may still have to go
    const target = (status.conditions as Condition[] | undefined)?.find(({ type }) => type === 'FailureTarget')
    if (target) return { reason: target.reason ?? '', message: target.message ?? '' }
    const limit: number = job.spec.backoffLimit ?? 6
    const restarts = own
      .filter((pod) => pod.spec.restartPolicy === 'OnFailure')
      .flatMap((pod) => pod.status?.containerStatuses ?? [])
      .reduce((sum: number, { restartCount }: { restartCount: number }) => sum + restartCount, 0)
    if (status.failed > limit || (restarts > 0 && restarts >= limit)) {
      return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
    }
    const deadline = job.spec.activeDeadlineSeconds
    if (deadline && status.startTime && clock.now() >= milliseconds(status.startTime) + deadline * 1000) {
      return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    }
    return null
  }

  const addCondition = (status: KubeObject['status'], type: string, value: 'True' | 'False', why: Partial<Reason>): boolean => {
    const conditions: Condition[] = status.conditions ?? []
    if (conditions.some((condition) => condition.type === type && condition.status === value)) return false
    const time = timestamp(clock.now())
    status.conditions = [
      ...conditions.filter((condition) => condition.type !== type),
      { type, status: value, lastProbeTime: time, lastTransitionTime: time, ...why },
    ]
    return true
  }

  const finish = (job: KubeObject, status: KubeObject['status'], failure: Reason | null, podsRemain: boolean): void => {
    const minor = minorVersion(context.settings)
    const met = { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    if (minor >= 31) addCondition(status, failure ? 'FailureTarget' : 'SuccessCriteriaMet', 'True', failure ?? met)
    if (podsRemain && minor >= 31) return
    if (failure) {
      if (addCondition(status, 'Failed', 'True', failure)) recorder.event(job, 'Warning', failure.reason, failure.message)
      return
    }
    if (addCondition(status, 'Complete', 'True', minor >= 31 ? met : {})) recorder.event(job, 'Normal', 'Completed', 'Job completed')
    status.completionTime = timestamp(clock.now())
  }

  const manage: Manage = (job, status, active, own, key) => {
    if (job.spec.suspend) {
      for (const pod of active) discard(job, pod)
      if (addCondition(status, 'Suspended', 'True', { reason: 'JobSuspended', message: 'Job suspended' })) {
        recorder.event(job, 'Normal', 'Suspended', 'Job suspended')
      }
      return
    }
    const resumes = status.conditions?.some(({ type, status: value }: Condition) => type === 'Suspended' && value === 'True')
    if (resumes) status.startTime = timestamp(clock.now())
    fill(job, status, active, own, key)
    if (!resumes) return
    addCondition(status, 'Suspended', 'False', { reason: 'JobResumed', message: 'Job resumed' })
    recorder.event(job, 'Normal', 'Resumed', 'Job resumed')
  }

  /** A pod that has to go without having failed: it is not counted any more. */
  const discard = (job: KubeObject, pod: KubeObject): void => {
    release(pod)
    control.remove(job, pod)
  }

  /** As many pods as the job may have at a time. */
  const fill: Manage = (job, status, active, own, key) => {
    const parallelism: number = job.spec.parallelism ?? 1
    const { completions } = job.spec
    const wanted =
      completions === undefined
        ? status.succeeded > 0
          ? active.length
          : parallelism
        : Math.min(parallelism, completions - status.succeeded)
    for (const pod of active.slice(wanted)) discard(job, pod)
    const missing = wanted - active.length
    if (missing <= 0) return
    const wait = backOff(own, status.failed)
    if (wait > 0) return queue.addAfter(key, wait)
    const free = job.spec.completionMode === 'Indexed' ? freeIndexes(status.completedIndexes, active, completions) : null
    for (let i = 0; i < missing; i++) createPod(job, free ? free[i] : undefined)
  }

  const backOff = (own: readonly KubeObject[], failed: number): number => {
    if (failed === 0) return 0
    const ends = own
      .filter((pod) => pod.status?.phase === 'Failed')
      .flatMap((pod) => pod.status.containerStatuses ?? [])
      .map(({ state }: { state?: { terminated?: { finishedAt: string } } }) => milliseconds(state?.terminated?.finishedAt))
      .filter((time: number) => !Number.isNaN(time))
    if (ends.length === 0) return 0
    return Math.max(...ends) + Math.min(FIRST_BACK_OFF * 2 ** (failed - 1), LONGEST_BACK_OFF) - clock.now()
  }

  const createPod = (job: KubeObject, index: number | undefined): void => {
    try {
      control.create(job, job.spec.template, (pod) => {
        if (tracks) pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), FINALIZER]
        if (index === undefined) return
        pod.metadata.generateName = `${job.metadata.name}-${index}-`
        pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX]: String(index) }
        pod.metadata.labels = { ...pod.metadata.labels, [INDEX]: String(index) }
        for (const container of pod.spec.containers) {
          const fieldPath = `metadata.${minorVersion(context.settings) >= 28 ? 'labels' : 'annotations'}['${INDEX}']`
          container.env = [...(container.env ?? []), { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }]
        }
      })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  const setNumbers = (status: KubeObject['status'], active: number, terminating: number, live: readonly KubeObject[]): void => {
    const minor = minorVersion(context.settings)
    if (active > 0) status.active = active
    else delete status.active
    if (!status.succeeded) delete status.succeeded
    if (!status.failed) delete status.failed
    if (minor >= 24) status.ready = active === 0 ? 0 : live.filter(isPodReady).length
    if (minor >= 31) status.terminating = terminating
    if (minor >= 24) status.uncountedTerminatedPods = {}
  }

  /** What time alone will change: the deadline. */
  const plan = (job: KubeObject, status: KubeObject['status'], key: string): void => {
    const deadline = job.spec.activeDeadlineSeconds
    if (!deadline || !status.startTime || isFinished({ ...job, status })) return
    queue.addAfter(key, Math.max(1, milliseconds(status.startTime) + deadline * 1000 - clock.now()))
  }

  const queue = createWorkqueue(context, sync, { latency: [5, 20] })
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch('pods', {}, ({ type, object }) => {
      const owner = controllerOf(object)
      if (owner?.kind === 'Job') {
        const job = store.get(RESOURCE, object.metadata.namespace ?? null, owner.name)
        if (job) queue.add(keyOf(job))
        else if (type !== 'DELETED') release(object)
      } else if (object.metadata.finalizers?.includes(FINALIZER)) release(object)
    }),
  ]
  return disposeAll([pods, queue, ...watches])
}

export function isFinished(job: KubeObject): boolean {
  return Boolean(
    job.status?.conditions?.some(({ type, status }: Condition) => (type === 'Complete' || type === 'Failed') && status === 'True'),
  )
}

function isComplete(job: KubeObject, status: KubeObject['status'], active: number): boolean {
  const { completions } = job.spec
  if (completions === undefined || completions === null) return status.succeeded > 0 && active === 0
  return status.succeeded >= completions
}

/** `0-2,5` as a set, and back. */
function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [from = 0, to = from] = part.split('-').map(Number)
    for (let i = from; i <= to; i++) indexes.add(i)
  }
  return indexes
}

function addIndexes(text: string | undefined, more: readonly number[]): string {
  const sorted = [...new Set([...parseIndexes(text), ...more])].toSorted((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length;) {
    let j = i
    while (sorted[j + 1] === (sorted[j] as number) + 1) j++
    parts.push(j > i ? `${sorted[i]}-${sorted[j]}` : `${sorted[i]}`)
    i = j + 1
  }
  return parts.join(',')
}

function freeIndexes(done: string | undefined, active: readonly KubeObject[], completions: number): number[] {
  const taken = new Set([...parseIndexes(done), ...active.map((pod) => Number(pod.metadata.annotations?.[INDEX]))])
  return Array.from({ length: completions }, (_none, index) => index).filter((index) => !taken.has(index))
}
