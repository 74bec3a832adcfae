/** The cron job controller, as pkg/controller/cronjob (the second one). */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder } from '../../machinery/events.ts'
import {
  type Condition,
  controllerOf,
  controllerReference,
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
import { isFinished } from './job.ts'
import { timesOf } from './schedule.ts'

const RESOURCE = 'cronjobs.batch'
const JOBS = 'jobs.batch'

function referenceTo({ metadata }: KubeObject): object {
  const { name, namespace, resourceVersion, uid } = metadata
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, resourceVersion, uid }
}

export function startCronJobController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'cronjob-controller')

  const jobsOf = (cron: KubeObject): KubeObject[] =>
    store.list(JOBS, cron.metadata.namespace).filter((job) => controllerOf(job)?.uid === cron.metadata.uid)

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const stored = store.get(RESOURCE, namespace, name)
    if (!stored) return
    const cron = structuredClone(stored)
    const status = cron.status ?? {}
    const jobs = jobsOf(cron)
    for (const reference of status.active ?? []) {
      const job = jobs.find(({ metadata }) => metadata.uid === reference.uid)
      if (!job) recorder.event(cron, 'Normal', 'MissingJob', `Active job went missing: ${reference.name}`)
      else if (isFinished(job)) {
        const end = job.status.conditions.find(
          ({ type, status: value }: Condition) => (type === 'Complete' || type === 'Failed') && value === 'True',
        )
        recorder.event(cron, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${end.type}`)
        if (end.type === 'Complete') status.lastSuccessfulTime = job.status.completionTime
      }
    }
    const isListed = (job: KubeObject): boolean => (status.active ?? []).some(({ uid }: { uid: string }) => uid === job.metadata.uid)
    const active = jobs.filter((job) => isListed(job) && !isFinished(job))
    for (const job of jobs) {
      if (isListed(job) || isFinished(job)) continue
      recorder.event(cron, 'Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${job.metadata.name}`)
    }
    status.active = (status.active ?? []).filter(({ uid }: { uid: string }) => active.some(({ metadata }) => metadata.uid === uid))
    trimHistory(cron, jobs)
    const wait = cron.metadata.deletionTimestamp || cron.spec.suspend ? null : start(cron, status, active)
    if (status.active.length === 0) delete status.active
    if (!sameJson(stored.status ?? {}, status)) {
      store.mutate(RESOURCE, namespace, name, (copy) => void (copy.status = status), { subresource: 'status' })
    }
    if (wait !== null) queue.addAfter(key, wait)
  }

  /** Starts the job whose time has come. Returns the wait until the next, ms. */
  const start = (cron: KubeObject, status: KubeObject['status'], active: readonly KubeObject[]): number | null => {
    const now = clock.now()
    const schedule = timesOf(cron.spec.schedule)
    if (!schedule) {
      recorder.event(cron, 'Warning', 'UnparseableSchedule', `unparseable schedule: ${cron.spec.schedule}`)
      return null
    }
    const since = Math.max(
      milliseconds(cron.metadata.creationTimestamp),
      status.lastScheduleTime ? milliseconds(status.lastScheduleTime) : 0,
    )
    let due: number | null = null
    for (let time = schedule.next(since); time !== null && time <= now; time = schedule.next(time)) due = time
    const next = schedule.next(now)
    const wait = next === null ? null : next - now + 100
    if (due === null) return wait
    const deadline = cron.spec.startingDeadlineSeconds
    if (deadline !== undefined && deadline !== null && due + deadline * 1000 < now) {
      recorder.event(cron, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${timestamp(due)}`)
      return wait
    }
    if (cron.spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      recorder.event(
        cron,
        'Normal',
        'JobAlreadyActive',
        'Not starting job because prior execution is running and concurrency policy is Forbid',
      )
      return wait
    }
    if (cron.spec.concurrencyPolicy === 'Replace') {
      for (const job of active) {
        store.delete(JOBS, job.metadata.namespace ?? null, job.metadata.name, { propagationPolicy: 'Background' })
        recorder.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
      }
      status.active = []
    }
    const job = create(cron, due)
    if (job) status.active = [...(status.active ?? []), referenceTo(job)]
    status.lastScheduleTime = timestamp(due)
    return wait
  }

  const create = (cron: KubeObject, due: number): KubeObject | undefined => {
    const { metadata, spec } = cron.spec.jobTemplate
    const minor = minorVersion(context.settings)
    // the minute since the epoch; before 1.21 the second
    const suffix = Math.floor(due / (minor >= 21 ? 60_000 : 1000))
    try {
      const job = store.create(JOBS, {
        metadata: {
          name: `${cron.metadata.name.slice(0, 52)}-${suffix}`,
          ...(cron.metadata.namespace ? { namespace: cron.metadata.namespace } : {}),
          ...(metadata?.labels ? { labels: metadata.labels } : {}),
          annotations: {
            ...metadata?.annotations,
            ...(minor >= 28 ? { 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(due) } : {}),
          },
          ownerReferences: [controllerReference(cron)],
        },
        spec: structuredClone(spec),
      })
      recorder.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`)
      return job
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.reason !== 'AlreadyExists') recorder.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`)
      return undefined
    }
  }

  const trimHistory = (cron: KubeObject, jobs: readonly KubeObject[]): void => {
    const ended = (type: string): KubeObject[] =>
      jobs
        .filter((job) => job.status?.conditions?.some((condition: Condition) => condition.type === type && condition.status === 'True'))
        .toSorted((a, b) => String(a.status.startTime).localeCompare(String(b.status.startTime)))
    for (const [list, limit] of [
      [ended('Complete'), cron.spec.successfulJobsHistoryLimit ?? 3],
      [ended('Failed'), cron.spec.failedJobsHistoryLimit ?? 1],
    ] as const) {
      for (const job of list.slice(0, Math.max(0, list.length - limit))) {
        store.delete(JOBS, job.metadata.namespace ?? null, job.metadata.name, { propagationPolicy: 'Background' })
        recorder.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
      }
    }
  }

  const queue = createWorkqueue(context, sync, { latency: [5, 15] })
  const watches = [
    store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED') queue.add(keyOf(object))
    }),
    store.watch(JOBS, {}, ({ object }) => {
      const owner = controllerOf(object)
      if (owner?.kind === 'CronJob') queue.add(`${object.metadata.namespace}/${owner.name}`)
    }),
  ]
  return disposeAll([queue, ...watches])
}
