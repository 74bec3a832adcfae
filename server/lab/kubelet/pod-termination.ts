/**
 * How a pod's containers are ended, and the pod with them, as kubelet's killContainer and SyncTerminatingPod:
 *
 *     begun    SIGTERM to each container, after its preStop hook
 *     ended    all processes have gone by themselves, or were killed once the grace was over
 *     over     terminal status → volumes unmounted → object deleted
 */
import type { Timer } from '../clock.ts'
import { endContainer } from './container-runner.ts'
import { type ContainerRecord, runningOf } from './containers.ts'
import { gracePeriod } from './pod-spec.ts'
import type { WorkedPod } from './worked-pod.ts'

/** From the deletion to SIGTERM, and from the end of the last container to the terminal status, ms, [least, most]. */
const NOTICE_TIME = [4, 15] as const
const END_TIME = [15, 50] as const
/** From the terminal status to the object's deletion: volumes are unmounted and the cgroup goes. */
const CLEAN_UP_TIME = [900, 1600] as const
/** From SIGTERM to the first look whether the process is gone, and between two looks, ms. */
const FIRST_LOOK = 8
const LOOK_INTERVAL = 10

/** What ending a pod needs of its worker. */
export interface EndingPod extends WorkedPod {
  readonly records: readonly ContainerRecord[]
  /** A timer of the pod: it ends with it. */
  after(ms: number, fire: () => void): Timer
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

  /** The pod's time is over: its containers end, its object stays. */
  expire(): void {
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
    const settle = (): void => {
      ended?.()
      if (this.begun && runningOf(worker.records).length === 0) this.allEnded()
      else worker.noticeSoon()
    }
    // the process ends by itself, or is killed; either way somebody looks after it
    const look = (): void => {
      if (record.containerID !== id) return
      if (record.state.kind !== 'running') {
        kill.cancel()
        return settle()
      }
      worker.after(LOOK_INTERVAL, look)
    }
    const kill = worker.after(Math.max(seconds, 0) * 1000, () => {
      if (record.containerID === id && record.state.kind === 'running') endContainer(worker.runtime, record, 137, 'Error')
    })
    this.preStop(record, () => {
      record.running?.terminate()
      worker.after(FIRST_LOOK, look)
    })
  }

  private preStop(record: ContainerRecord, next: () => void): void {
    const hook = record.spec.lifecycle?.preStop
    const exec = record.running?.exec
    if (hook?.sleep) this.worker.after(hook.sleep.seconds * 1000, next)
    else if (hook?.exec && exec) {
      exec.call(record.running, hook.exec.command, false, { stdout() {}, stderr() {}, exit: next, fail: next })
    } else next()
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
