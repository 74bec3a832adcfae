/**
 * How a pod's containers are ended, and the pod with them, as kubelet's killContainer and SyncTerminatingPod:
 *
 *     begun    SIGTERM to each container, after its preStop hook; to a sidecar once those that it serves have ended
 *     ended    all processes have gone by themselves, or were killed once the grace was over
 *     over     terminal status → volumes unmounted → object deleted
 */
import { endContainer } from './container-runner.ts'
import { type ContainerRecord, runningOf } from './containers.ts'
import { type HookedPod, runHook } from './lifecycle-hook.ts'
import { gracePeriod, isSidecar } from './pod-spec.ts'
import type { WorkedPod } from './worked-pod.ts'

/** From the deletion to SIGTERM, and from the end of the last container to the terminal status, ms, [least, most]. */
const NOTICE_TIME = [4, 15] as const
const END_TIME = [15, 50] as const
/** From the terminal status to the object's deletion: volumes are unmounted and the cgroup goes. */
const CLEAN_UP_TIME = [900, 1600] as const
/** From SIGTERM to the first look whether the process is gone, and between two looks, ms. */
const FIRST_LOOK = 8
const LOOK_INTERVAL = 10
/** What a process has at least between SIGTERM and SIGKILL, s. */
const LEAST_GRACE = 2

/** What ending a pod needs of its worker. */
export interface EndingPod extends WorkedPod, HookedPod {
  readonly records: readonly ContainerRecord[]
  /** From now on nothing of the pod is started any more. */
  hold(): void
  /** All containers have ended for good: publishes so, and lets go of the sandbox. */
  finishPod(): void
  /** Nothing of the pod is left on the node. */
  leave(): void
}

export class PodTermination {
  /** True from the deletion with grace on. */
  begun = false
  /** All containers are to end, the object stays. */
  private ending = false
  /** Sidecars that wait for others to end. */
  private readonly waiting = new Set<() => void>()
  private readonly worker: EndingPod

  constructor(worker: EndingPod) {
    this.worker = worker
  }

  /** Deletion with grace. */
  begin(): void {
    this.begun = true
    this.worker.later(NOTICE_TIME, () => {
      const { pod, records } = this.worker
      const running = runningOf(records)
      this.worker.hold()
      const seconds = gracePeriod(pod)
      for (const record of running) this.stop(record, seconds, `Stopping container ${record.spec.name}`)
      if (running.length === 0) this.allEnded()
    })
  }

  /** The pod's time is over, or its work is done: its containers end, its object stays. */
  endContainers(): void {
    if (this.ending) return
    this.ending = true
    const { worker } = this
    worker.hold()
    const running = runningOf(worker.records)
    let left = running.length
    const settle = (): void => {
      if (left === 0) worker.later(END_TIME, () => worker.finishPod())
    }
    for (const record of running) {
      this.stop(record, gracePeriod(worker.pod), `Stopping container ${record.spec.name}`, () => {
        left--
        settle()
      })
    }
    settle()
  }

  /** SIGTERM, and SIGKILL once the grace is over. `ended` is called when the process is gone. */
  stop(record: ContainerRecord, seconds: number, message: string, ended?: () => void): void {
    const { worker } = this
    worker.event('Normal', 'Killing', message, record)
    record.killing = true
    const id = record.containerID
    const since = worker.runtime.context.clock.now()
    /** Whole seconds of the grace that are left. */
    const left = (): number => seconds - Math.floor((worker.runtime.context.clock.now() - since) / 1000)
    const settle = (): void => {
      ended?.()
      for (const look of [...this.waiting]) look()
      if (this.begun && runningOf(worker.records).length === 0) this.allEnded()
      else worker.noticeSoon()
    }
    this.preStop(record, left(), () =>
      this.waitForTurn(record, left(), () => {
        const kill = worker.after(Math.max(left(), LEAST_GRACE) * 1000, () => {
          if (record.containerID === id && record.state.kind === 'running') endContainer(worker.runtime, record, 137, 'Error')
        })
        // the process ends by itself, or is killed; either way somebody looks after it
        const look = (): void => {
          if (record.containerID !== id) return
          if (record.state.kind !== 'running') {
            kill.cancel()
            return settle()
          }
          worker.after(LOOK_INTERVAL, look)
        }
        record.running?.terminate()
        worker.after(FIRST_LOOK, look)
      }),
    )
  }

  private preStop(record: ContainerRecord, seconds: number, next: () => void): void {
    if (!record.spec.lifecycle?.preStop || seconds <= 0) return next()
    let over = false
    const finish = (): void => {
      if (over) return
      over = true
      limit.cancel()
      next()
    }
    const limit = this.worker.after(seconds * 1000, finish)
    runHook(this.worker, record, 'preStop', (failure) => {
      if (failure !== null) this.worker.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', record)
      finish()
    })
  }

  /** In a pod that ends, a sidecar stays for the containers that it serves and for the sidecars after it. */
  private waitForTurn(record: ContainerRecord, seconds: number, next: () => void): void {
    const { records } = this.worker
    const served = records
      .slice(records.indexOf(record) + 1)
      .filter(({ role, spec }) => role === 'main' || (role === 'init' && isSidecar(spec)))
    const isTurn = (): boolean => !(this.begun || this.ending) || record.role !== 'init' || runningOf(served).length === 0
    if (isTurn()) return next()
    const go = (): void => {
      this.waiting.delete(look)
      limit.cancel()
      next()
    }
    const look = (): void => {
      if (isTurn()) go()
    }
    this.waiting.add(look)
    const limit = this.worker.after(Math.max(0, seconds) * 1000, go)
  }

  private allEnded(): void {
    for (const record of this.worker.records) {
      if (record.state.kind !== 'waiting') continue
      record.state = {
        kind: 'terminated',
        terminated: {
          containerID: record.containerID,
          exitCode: 137,
          finishedAt: null as unknown as string,
          message: 'The container could not be located when the pod was terminated',
          reason: 'ContainerStatusUnknown',
          startedAt: null as unknown as string,
        },
      }
      record.waiting = null
    }
    this.worker.later(END_TIME, () => {
      this.worker.finishPod()
      this.worker.later(CLEAN_UP_TIME, () => this.deleteObject())
    })
  }

  private deleteObject(): void {
    const { pod, runtime } = this.worker
    const { namespace, name, uid } = pod.metadata
    this.worker.leave()
    const { store } = runtime.context
    if (store.get('pods', namespace ?? null, name)?.metadata.uid !== uid) return
    store.delete('pods', namespace ?? null, name, { gracePeriodSeconds: 0, preconditions: { uid } })
  }
}
