/** Starting a container of a pod: restart back-off, image, environment, creation, start; as kubelet's startContainer and doBackOff. */
import { newContainerID, startContainer } from './container-runner.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { ContainerImage } from './image.ts'
import { type HookedPod, runHook } from './lifecycle-hook.ts'
import { checkRunAsNonRoot, ContainerConfigError } from './pod-spec.ts'
import type { WorkedPod } from './worked-pod.ts'

/** Latencies in ms, [least, most], as the transcripts of a real cluster show them. */
const CREATE_TIME = [20, 45] as const
const START_TIME = [25, 60] as const
/** The back-off of restarts, ms. */
const FIRST_RESTART_BACK_OFF = 10_000
const LONGEST_RESTART_BACK_OFF = 300_000

/** What starting a container needs of its pod's worker. */
export interface StartingPod extends WorkedPod, HookedPod {
  /** Nothing is to be started any more. */
  readonly isEnding: boolean
  /** Throws {@link ContainerConfigError}. */
  environment(record: ContainerRecord): Record<string, string>
  fieldPath(record: ContainerRecord): string
  /** The container's process has ended by itself. */
  onExit(record: ContainerRecord, code: number): void
  /** Ends one container of a pod that goes on; `ended` is called when its process is gone. */
  stop(record: ContainerRecord, message: string, ended: () => void): void
}

export class ContainerStarter {
  private readonly worker: StartingPod

  constructor(worker: StartingPod) {
    this.worker = worker
  }

  /** Starts one container. `done` gets null, or until when to wait before the next try (ms; NaN: the usual time). */
  start(record: ContainerRecord, lastExit: number | null, done: (until: number | null) => void): void {
    const { context } = this.worker.runtime
    const now = context.clock.now()
    if (lastExit !== null) {
      if (record.backOff > 0 && now - lastExit > 2 * LONGEST_RESTART_BACK_OFF) record.backOff = 0
      if (record.backOff > 0 && now < lastExit + record.backOff) return this.backOff(record, lastExit, done)
      record.backOff = record.backOff === 0 ? FIRST_RESTART_BACK_OFF : Math.min(record.backOff * 2, LONGEST_RESTART_BACK_OFF)
    }
    this.worker.runtime.puller.ensure(this.worker.pod, record.spec, this.worker.fieldPath(record), (outcome) => {
      if (this.worker.isEnding) return
      if ('reason' in outcome) {
        record.waiting = { reason: outcome.reason, message: outcome.message }
        return done(outcome.until ?? Number.NaN)
      }
      this.create(record, outcome.image, outcome.name, outcome.id, done)
    })
  }

  private backOff(record: ContainerRecord, lastExit: number, done: (until: number | null) => void): void {
    const old = this.worker.runtime.minor < 23
    const detail = old ? '' : ` ${record.spec.name} in pod ${this.worker.podName}`
    this.worker.event('Warning', 'BackOff', `Back-off restarting failed container${detail}`, record)
    const wait = goDuration(record.backOff)
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${wait} restarting failed container=${record.spec.name} pod=${this.worker.podName}`,
    }
    done(lastExit + record.backOff)
  }

  private create(record: ContainerRecord, image: ContainerImage, name: string, id: string, done: (until: number | null) => void): void {
    this.worker.later(CREATE_TIME, () => {
      let env: Record<string, string>
      try {
        checkRunAsNonRoot(this.worker.pod, record.spec, this.worker.podName, image.user)
        env = this.worker.environment(record)
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error
        this.worker.event('Warning', 'Failed', `Error: ${error.message}`, record)
        record.waiting = { reason: 'CreateContainerConfigError', message: error.message }
        return done(Number.NaN)
      }
      if (record.state.kind === 'terminated') {
        record.last = record.state.terminated
        record.restartCount++
      }
      record.containerID = newContainerID(this.worker.runtime)
      record.imageName = name
      record.imageID = id
      record.waiting = null
      const old = this.worker.runtime.minor < 35
      this.worker.event('Normal', 'Created', old ? `Created container ${record.spec.name}` : 'Container created', record)
      this.worker.later(START_TIME, () => {
        const sandbox = this.worker.sandbox as Sandbox
        if (
          !startContainer(this.worker.runtime, this.worker.pod, record, sandbox, image, env, (code) => this.worker.onExit(record, code))
        ) {
          const message = record.state.kind === 'terminated' ? record.state.terminated.message : ''
          this.worker.event('Warning', 'Failed', `Error: ${message}`, record)
          record.exits = [...record.exits, this.worker.runtime.context.clock.now()].slice(-4)
          record.waiting = { reason: 'RunContainerError', message: message ?? '' }
          this.worker.noticeSoon()
          return done(Number.NaN)
        }
        this.worker.event('Normal', 'Started', old ? `Started container ${record.spec.name}` : 'Container started', record)
        this.worker.noticeSoon()
        if (!record.spec.lifecycle?.postStart) return done(null)
        record.hooked = true
        runHook(this.worker, record, 'postStart', (failure) => this.hooked(record, failure, done))
      })
    })
  }

  /** The container counts as started once its hook has run; one whose hook failed is stopped again. */
  private hooked(record: ContainerRecord, failure: string | null, done: (until: number | null) => void): void {
    record.hooked = false
    if (this.worker.isEnding) return
    if (failure === null) {
      this.worker.noticeSoon()
      return done(null)
    }
    this.worker.event('Warning', 'FailedPostStartHook', 'PostStartHook failed', record)
    this.worker.stop(record, 'FailedPostStartHook', () => {
      record.waiting = { reason: 'PostStartHookError', message: failure }
      done(Number.NaN)
    })
  }
}

/** Go's time.Duration in seconds: 10s, 1m20s, 5m0s. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
