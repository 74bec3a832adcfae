/** The job controller, as pkg/controller/job: pods are counted once, by a finalizer, and the job ends by completions, failures or time. */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
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
import { podsToDelete } from '../replicaset.ts'
import { type BackOff, backOffLeft, finishedTime, noteEnds } from './job-back-off.ts'
import {
  awaitingReplacement,
  failsIndex,
  failureAnnotations,
  failuresWith,
  formatIndexes,
  freeIndexes,
  hasLimitPerIndex,
  INDEX,
  indexesOf,
  indexOf,
  isIndexed,
  parseIndexes,
} from './job-indexes.ts'
import { COMPLETIONS_REACHED, type JobEnd, type JobTally, verdictOf } from './job-verdict.ts'
import { judgeFailure } from './pod-failure-policy.ts'

const RESOURCE = 'jobs.batch'
const FINALIZER = 'batch.kubernetes.io/job-tracking'

/** A job and its pods as one sync sees them. */
interface Scene {
  job: KubeObject
  key: string
  status: KubeObject['status']
  own: readonly KubeObject[]
  active: readonly KubeObject[]
  /** Neither ended nor active: on their way out. */
  terminating: number
  /** Of `own`, what has ended and was not counted before. */
  succeeded: readonly KubeObject[]
  failed: readonly KubeObject[]
  tally: JobTally
  /** With a limit per index: the failed pods that stay until they are replaced, by index. */
  waiting: ReadonlyMap<number, KubeObject>
}

export function startJobController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const minor = minorVersion(context.settings)
  const recorder = createRecorder(context, 'job-controller')
  const control = createPodControl(context, recorder)
  const pods = createIndex(store, 'pods', byController)
  const backOffs = new Map<string, BackOff>()
  const tracks = minor >= 22

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const stored = store.get(RESOURCE, namespace, name)
    if (!stored || (stored.spec.managedBy ?? 'kubernetes.io/job-controller') !== 'kubernetes.io/job-controller') return
    const job = structuredClone(stored)
    const own = claim(context, job, 'pods', [...pods.get(job.metadata.uid), ...pods.get(`orphan:${namespace}`)])
    if (isFinished(job)) {
      backOffs.delete(job.metadata.uid)
      for (const pod of own) release(pod)
      return
    }
    const scene = look(job, key, own)
    const { status, active } = scene
    const { startTime } = status
    const deadline = job.spec.activeDeadlineSeconds
    const isPast = Boolean(deadline && startTime && !job.spec.suspend && clock.now() >= milliseconds(startTime) + deadline * 1000)
    let end = verdictOf(job, own, scene.failed, scene.tally, isPast)
    let removed: readonly KubeObject[] = []
    if (end) {
      for (const pod of active) control.remove(job, pod)
      removed = active
    } else {
      if (!job.metadata.deletionTimestamp) removed = manage(scene)
      end = isComplete(scene, active.length - removed.length) ? COMPLETIONS_REACHED : null
    }
    takeIn(scene, end)
    const now = pods.get(job.metadata.uid).filter((pod) => !hasEnded(pod) && !pod.metadata.deletionTimestamp)
    const terminating = scene.terminating + removed.length
    setNumbers(status, end ? 0 : now.length, terminating, now)
    if (end) finish(job, status, end, terminating > 0)
    if (!sameJson(job.status, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    plan(job, status, key)
  }

  const look = (job: KubeObject, key: string, own: readonly KubeObject[]): Scene => {
    const status = structuredClone(job.status ?? {})
    if (!status.startTime && !job.spec.suspend) status.startTime = timestamp(clock.now())
    const counts = (pod: KubeObject): boolean => (!tracks || hasFinalizer(pod)) && (!isIndexed(job) || !Number.isNaN(indexOf(job, pod)))
    const succeeded = own.filter((pod) => counts(pod) && pod.status?.phase === 'Succeeded')
    const failed = own.filter((pod) => counts(pod) && hasFailed(job, pod))
    const live = own.filter((pod) => !hasEnded(pod))
    const active = live.filter(({ metadata }) => !metadata.deletionTimestamp)
    const succeededIndexes = isIndexed(job) ? parseIndexes(status.completedIndexes).union(indexesOf(job, succeeded)) : new Set<number>()
    const newlyFailed = hasLimitPerIndex(job) ? failed.filter((pod) => failsIndex(job, pod)) : []
    const failedIndexes = hasLimitPerIndex(job) ? parseIndexes(status.failedIndexes).union(indexesOf(job, newlyFailed)) : new Set<number>()
    const tally: JobTally = {
      succeeded: isIndexed(job) ? succeededIndexes.size : (tracks ? (status.succeeded ?? 0) : 0) + succeeded.length,
      failed: (tracks ? (status.failed ?? 0) : 0) + failed.filter((pod) => counted(job, pod)).length,
      succeededIndexes,
      failedIndexes,
    }
    const taken = succeededIndexes.union(failedIndexes).union(indexesOf(job, active))
    const waiting = hasLimitPerIndex(job) ? awaitingReplacement(job, failed, (index) => taken.has(index)) : new Map<number, KubeObject>()
    return { job, key, status, own, active, terminating: live.length - active.length, succeeded, failed, tally, waiting }
  }

  /** Takes what has ended into the status and lets go of it. A job that has failed counts what it ends as failed, too. */
  const takeIn = ({ job, status, own, succeeded, failed, tally, waiting }: Scene, end: JobEnd | null): void => {
    const kept = new Set(end || job.metadata.deletionTimestamp ? [] : [...waiting.values()].map(({ metadata }) => metadata.uid))
    const lost = end && !end.succeeded && tracks ? own.filter((pod) => hasFinalizer(pod) && !hasEnded(pod) && !failed.includes(pod)) : []
    const over = [...failed, ...lost].filter(({ metadata }) => !kept.has(metadata.uid))
    status.succeeded = tally.succeeded
    status.failed = (tracks ? (status.failed ?? 0) : 0) + over.filter((pod) => counted(job, pod)).length
    if (isIndexed(job)) {
      status.completedIndexes = formatIndexes(tally.succeededIndexes)
      if (!status.completedIndexes) delete status.completedIndexes
    }
    if (hasLimitPerIndex(job)) status.failedIndexes = formatIndexes(tally.failedIndexes)
    if (tracks && !hasLimitPerIndex(job) && succeeded.length + over.length > 0) {
      backOffs.set(job.metadata.uid, noteEnds(backOffs.get(job.metadata.uid), succeeded, over))
    }
    for (const pod of end ? own : [...succeeded, ...over]) release(pod)
  }

  const release = (pod: KubeObject): void => {
    if (!hasFinalizer(pod) || !store.get('pods', pod.metadata.namespace ?? null, pod.metadata.name)) return
    store.mutate('pods', pod.metadata.namespace ?? null, pod.metadata.name, (copy) => {
      copy.metadata.finalizers = copy.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? []
    })
  }

  const addCondition = (status: KubeObject['status'], type: string, value: 'True' | 'False', why: Partial<JobEnd>): boolean => {
    const conditions: Condition[] = status.conditions ?? []
    if (conditions.some((condition) => condition.type === type && condition.status === value)) return false
    const time = timestamp(clock.now())
    const { reason, message } = why
    status.conditions = [
      ...conditions.filter((condition) => condition.type !== type),
      { type, status: value, lastProbeTime: time, lastTransitionTime: time, ...(reason ? { reason, message } : {}) },
    ]
    return true
  }

  const finish = (job: KubeObject, status: KubeObject['status'], end: JobEnd, podsRemain: boolean): void => {
    if (minor >= 31) addCondition(status, end.succeeded ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', end)
    if (podsRemain && minor >= 31) return
    if (!end.succeeded) {
      if (addCondition(status, 'Failed', 'True', end)) recorder.event(job, 'Warning', end.reason, end.message)
      return
    }
    if (addCondition(status, 'Complete', 'True', minor >= 31 ? end : {})) recorder.event(job, 'Normal', 'Completed', 'Job completed')
    status.completionTime = timestamp(clock.now())
  }

  /** Makes what the job lacks, takes what it has too much of, and returns what it took. */
  const manage = (scene: Scene): readonly KubeObject[] => {
    const { job, status, active } = scene
    if (job.spec.suspend) {
      for (const pod of active) discard(job, pod)
      if (addCondition(status, 'Suspended', 'True', { reason: 'JobSuspended', message: 'Job suspended' })) {
        recorder.event(job, 'Normal', 'Suspended', 'Job suspended')
      }
      return active
    }
    const resumes = status.conditions?.some(({ type, status: value }: Condition) => type === 'Suspended' && value === 'True')
    if (resumes) status.startTime = timestamp(clock.now())
    const removed = fill(scene)
    if (!resumes) return removed
    addCondition(status, 'Suspended', 'False', { reason: 'JobResumed', message: 'Job resumed' })
    recorder.event(job, 'Normal', 'Resumed', 'Job resumed')
    return removed
  }

  /** A pod that has to go without having failed: it is not counted any more. */
  const discard = (job: KubeObject, pod: KubeObject): void => {
    release(pod)
    control.remove(job, pod)
  }

  /** As many pods as the job may have at a time. */
  const fill = (scene: Scene): readonly KubeObject[] => {
    const { job, active, own, tally, key } = scene
    const parallelism: number = job.spec.parallelism ?? 1
    const { completions } = job.spec
    const unbounded = tally.succeeded > 0 ? active.length : parallelism
    const wanted = completions == null ? unbounded : Math.max(0, Math.min(parallelism, completions - tally.succeeded))
    if (active.length > wanted) {
      const surplus = podsToDelete(active, own, active.length - wanted, clock.now())
      for (const pod of surplus) discard(job, pod)
      return surplus
    }
    const missing = wanted - active.length - (replacesOnlyFailed(job) ? scene.terminating : 0)
    if (missing <= 0) return []
    if (hasLimitPerIndex(job)) {
      fillIndexes(scene, missing)
      return []
    }
    const wait = backOffLeft(noteEnds(backOffs.get(job.metadata.uid), scene.succeeded, scene.failed), clock.now())
    if (wait > 0) queue.addAfter(key, wait)
    else if (isIndexed(job)) for (const index of pending(scene, missing)) createPod(job, index)
    else for (let i = 0; i < missing; i++) createPod(job, undefined)
    return []
  }

  const pending = ({ job, own, active, tally }: Scene, count: number): number[] => {
    const leaving = replacesOnlyFailed(job) ? own.filter((pod) => !hasEnded(pod)) : active
    return freeIndexes(job.spec.completions, count, tally.succeededIndexes, tally.failedIndexes, indexesOf(job, leaving))
  }

  /** Each index waits for itself alone. */
  const fillIndexes = (scene: Scene, missing: number): void => {
    const { job, waiting } = scene
    const waits = pending(scene, missing).map((index) => {
      const pod = waiting.get(index)
      return { index, wait: pod ? backOffLeft({ failures: failuresWith(pod), since: finishedTime(pod) }, clock.now()) : 0 }
    })
    const due = waits.filter(({ wait }) => wait === 0)
    if (due.length === 0 && waits.length > 0) queue.addAfter(scene.key, Math.min(...waits.map(({ wait }) => wait)))
    for (const { index } of due) createPod(job, index, failureAnnotations(job, waiting.get(index)))
  }

  const createPod = (job: KubeObject, index: number | undefined, annotations: Record<string, string> = {}): void => {
    try {
      control.create(job, job.spec.template, (pod) => {
        if (tracks) pod.metadata.finalizers = [...(pod.metadata.finalizers ?? []), FINALIZER]
        if (index === undefined) return
        pod.metadata.generateName = `${job.metadata.name}-${index}-`
        pod.metadata.annotations = { ...pod.metadata.annotations, [INDEX]: String(index), ...annotations }
        pod.metadata.labels = { ...pod.metadata.labels, [INDEX]: String(index) }
        pod.spec.hostname = `${job.metadata.name}-${index}`
        const fieldPath = `metadata.${minor >= 28 ? 'labels' : 'annotations'}['${INDEX}']`
        for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
          if (container.env?.some(({ name }: { name: string }) => name === 'JOB_COMPLETION_INDEX')) continue
          container.env = [...(container.env ?? []), { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }]
        }
      })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
    }
  }

  const setNumbers = (status: KubeObject['status'], active: number, terminating: number, live: readonly KubeObject[]): void => {
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

function isComplete({ job, tally }: Scene, active: number): boolean {
  const { completions } = job.spec
  return active === 0 && (completions == null ? tally.succeeded > 0 : tally.succeeded >= completions)
}

function hasFinalizer(pod: KubeObject): boolean {
  return pod.metadata.finalizers?.includes(FINALIZER) === true
}

/** Pods that are only on their way out are replaced when they have gone. */
function replacesOnlyFailed(job: KubeObject): boolean {
  return job.spec.podReplacementPolicy === 'Failed' || Boolean(job.spec.podFailurePolicy)
}

/** A pod that is deleted before its work is done has failed as well. */
function hasFailed(job: KubeObject, pod: KubeObject): boolean {
  if (pod.status?.phase === 'Failed') return true
  return !replacesOnlyFailed(job) && Boolean(pod.metadata.deletionTimestamp) && pod.status?.phase !== 'Succeeded'
}

/** Whether a failure goes into the job's count. */
function counted(job: KubeObject, pod: KubeObject): boolean {
  return judgeFailure(job, pod)?.action !== 'Ignore'
}
