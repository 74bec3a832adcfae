/**
 * One pod on one node, as kubelet's pod worker: it syncs, that is it publishes the status and does the next thing that the pod needs.
 *
 *     new      → volumes → sandbox → init containers, one after the other → containers → (PLEG, up to 1 s later) → Running
 *     ended    container ended → (PLEG) → sync: restart, back-off, or the pod's own end
 *     deleted  SIGTERM → all ended or grace over → terminal status → volumes unmounted → object deleted
 *
 * While a sync waits for something (a pull, a sandbox), another one is only remembered.
 */
import type { Timer } from '../clock.ts'
import { sameJson, timestamp } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import { endContainer, newContainerID, startContainer } from './container-runner.ts'
import { type ContainerRecord, hasSucceeded, isInitialized, newRecord, recordsOf, type Sandbox } from './containers.ts'
import type { ContainerImage } from './image.ts'
import { findImage } from './images/index.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { environmentOf, gracePeriod, isSidecar, MissingReference, missingVolume } from './pod-spec.ts'
import { generateStatus, phaseOf } from './pod-status.ts'
import { Prober, type ProbedPod } from './prober.ts'
import { parseImageReference } from './reference.ts'

/** Latencies in ms, [least, most], as the transcripts of a real cluster show them. */
const STATUS_LATENCY = [2, 6] as const
const VOLUME_TIME = [290, 320] as const
const SANDBOX_TIME = [90, 180] as const
const CREATE_TIME = [20, 45] as const
const START_TIME = [25, 60] as const
/** From the end of the last container to the object's deletion: volumes are unmounted and the cgroup goes. */
const CLEAN_UP_TIME = [900, 1600] as const
/** Wait after a failed sync (backOffPeriod), and the back-off of restarts. */
const ERROR_BACK_OFF = 10_000
const FIRST_RESTART_BACK_OFF = 10_000
const LONGEST_RESTART_BACK_OFF = 300_000
const JITTER = 0.5

export class PodWorker implements ProbedPod {
  pod: KubeObject
  readonly runtime: NodeRuntime
  readonly records: ContainerRecord[]
  sandbox: Sandbox | null = null
  /** The address of the last sandbox, which the status keeps. */
  private ip: string | null = null
  private nextStatus: KubeObject['status'] = null
  private startTime: string
  private volumesMounted = false
  private mountFailures = 0
  private busy = false
  private pending = false
  private terminating = false
  private terminal = false
  private disposed = false
  private readonly timers = new Set<Timer>()
  private relist: Timer | null = null
  private resync: Timer | null = null
  private statusTimer: Timer | null = null
  private prober: Prober | null = null
  private readonly gone: () => void

  /** `gone` is called once nothing of the pod is left on the node. */
  constructor(runtime: NodeRuntime, pod: KubeObject, gone: () => void) {
    this.runtime = runtime
    this.pod = pod
    this.gone = gone
    this.records = recordsOf(pod)
    this.startTime = pod.status?.startTime ?? timestamp(runtime.context.clock.now())
  }

  get podName(): string {
    return `${this.pod.metadata.name}_${this.pod.metadata.namespace}(${this.pod.metadata.uid})`
  }

  /** A pod that is new here. */
  begin(): void {
    this.later([4, 12], () => this.sync())
  }

  /** Takes over what runs already: the cluster's own pods when the lab starts. */
  adopt(): void {
    const { runtime, pod } = this
    const ip: string = pod.status.podIP ?? runtime.address
    this.sandbox = { ip, listeners: new Map() }
    this.ip = ip
    this.volumesMounted = true
    for (const record of this.records) {
      if (record.state.kind !== 'running') continue
      const reference = parseImageReference(record.spec.image)
      const image = reference && findImage(reference)
      if (!image) {
        runtime.context.fault(
          new Error(`pod ${this.podName} runs image "${record.spec.image}", which the lab does not have: register it in kubelet/images`),
        )
        continue
      }
      const { startedAt } = record.state
      startContainer(runtime, pod, record, this.sandbox, image, this.environment(record), (code) => this.onExit(record, code))
      record.state = { kind: 'running', startedAt }
      record.started = true
      record.ready = true
    }
    this.startProber()
  }

  /** The node was off: its containers and sandboxes are gone, and the runtime finds them dead. */
  recover(): void {
    const { runtime } = this
    const now = timestamp(runtime.context.clock.now())
    let ran = false
    for (const record of this.records) {
      if (record.state.kind !== 'running') continue
      ran = true
      const { startedAt } = record.state
      const terminated = { containerID: record.containerID, exitCode: 255, finishedAt: now, reason: 'Unknown', startedAt }
      record.state = { kind: 'terminated', terminated }
      record.exits = [runtime.context.clock.now()]
    }
    if (ran && !this.pod.metadata.deletionTimestamp) {
      this.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    }
    if (this.pod.metadata.deletionTimestamp) this.terminate()
    else this.begin()
  }

  /** A newer version of the object. */
  update(pod: KubeObject): void {
    const old = this.pod
    this.pod = pod
    for (const spec of pod.spec.ephemeralContainers ?? []) {
      if (!this.records.some((record) => record.spec.name === spec.name)) this.records.push(newRecord(spec, 'ephemeral'))
    }
    if (pod.metadata.deletionTimestamp) return this.terminate()
    if (!sameJson(old.spec, pod.spec) || !sameJson(old.metadata.labels, pod.metadata.labels)) {
      for (const record of this.records) {
        const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === record.spec.name)
        if (spec && spec.image !== record.spec.image && record.state.kind === 'running') {
          record.spec = spec
          this.restart(record, `Container ${spec.name} definition changed, will be restarted`)
        }
      }
      this.later([3, 8], () => this.sync())
    }
    // somebody else wrote the status (the node controller): the kubelet's own view holds
    else if (this.nextStatus && !sameJson(pod.status, this.nextStatus)) this.publish()
  }

  /** The machine loses its power: nothing is said any more. */
  dispose(): void {
    this.disposed = true
    for (const timer of this.timers) timer.cancel()
    this.timers.clear()
    this.prober?.dispose()
    for (const record of this.records) {
      record.running?.dispose()
      record.running = null
    }
  }

  /** The object is gone from the API server (deleted with force): what runs is killed. */
  kill(): void {
    for (const record of this.running()) this.event('Normal', 'Killing', `Stopping container ${record.spec.name}`, record)
    this.release()
    this.dispose()
    this.gone()
  }

  /** Deletion with grace. */
  terminate(): void {
    if (this.terminating || this.disposed) return
    this.terminating = true
    this.resync?.cancel()
    this.later([4, 15], () => {
      const running = this.running()
      this.busy = true
      this.pending = false
      const seconds = gracePeriod(this.pod)
      for (const record of running) this.stop(record, seconds, `Stopping container ${record.spec.name}`)
      if (running.length === 0) this.allEnded()
    })
  }

  sync(): void {
    if (this.disposed || this.terminating) return
    if (this.busy) {
      this.pending = true
      return
    }
    this.resync?.cancel()
    if (this.isOver()) {
      this.finishPod()
      return
    }
    this.publish()
    this.prober?.trigger()
    this.busy = true
    this.mountVolumes(() => this.ensureSandbox(() => this.startNext(0, null)))
  }

  warn(record: ContainerRecord, reason: string, message: string): void {
    this.event('Warning', reason, message, record)
  }

  readinessChanged(): void {
    this.publish()
    this.later([1, 4], () => this.sync())
  }

  unhealthy(record: ContainerRecord, kind: 'Liveness' | 'Startup'): void {
    if (record.killing || this.terminating) return
    this.restart(record, `Container ${record.spec.name} failed ${kind.toLowerCase()} probe, will be restarted`)
  }

  private restart(record: ContainerRecord, message: string): void {
    // the run that ends now does not count yet when its successor's back-off is looked up, as in doBackOff over the cached status
    const known = record.exits.at(-1) ?? null
    const restarts = this.pod.spec.restartPolicy !== 'Never'
    this.stop(record, gracePeriod(this.pod), message, () => {
      if (restarts && !this.busy) {
        this.busy = true
        this.startOne(record, known, (until) => this.finish(until))
      }
    })
  }

  // --- the steps of a sync

  private mountVolumes(next: () => void): void {
    if (this.volumesMounted) return next()
    const missing = missingVolume(this.pod, (resource, name) => this.find(resource, name))
    if (!missing) {
      this.later(VOLUME_TIME, () => {
        this.volumesMounted = true
        next()
      })
      return
    }
    this.event('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${missing.volume}" : ${missing.message}`)
    // the operation's own exponential back-off: 0.5 s, 1, 2, 4 ... up to 2 m 2 s
    const wait = Math.min(500 * 2 ** this.mountFailures++, 122_000)
    this.later([wait, wait + 100], () => this.mountVolumes(next))
  }

  private ensureSandbox(next: () => void): void {
    if (this.sandbox) return next()
    this.later(SANDBOX_TIME, () => {
      const ip = this.pod.spec.hostNetwork ? this.runtime.address : this.runtime.allocateAddress()
      this.sandbox = { ip, listeners: new Map() }
      this.ip = ip
      this.startProber()
      this.noticeSoon()
      next()
    })
  }

  /** The containers that should run and do not, in order. */
  private toStart(): ContainerRecord[] {
    const init = this.records.filter(({ role }) => role === 'init')
    const current = init.find((record) => !isInitialized(record))
    const mainBegan = this.records.some(({ role, state }) => role === 'main' && state.kind !== 'waiting')
    if (current && !mainBegan) return this.shouldStart(current) ? [current] : []
    return this.records.filter((record) => (record.role !== 'init' || isSidecar(record.spec)) && this.shouldStart(record))
  }

  private shouldStart(record: ContainerRecord): boolean {
    const { state, role, spec } = record
    if (state.kind === 'running') return false
    if (state.kind === 'waiting') return true
    if (role === 'ephemeral') return false
    if (isSidecar(spec)) return true
    const { restartPolicy } = this.pod.spec
    if (role === 'init') return restartPolicy !== 'Never' && !hasSucceeded(record)
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && !hasSucceeded(record))
  }

  private startNext(index: number, until: number | null): void {
    const record = this.toStart()[index]
    if (!record) return this.finish(until)
    this.startOne(record, record.exits.at(-1) ?? null, (failedUntil) => {
      const skipped = record.state.kind !== 'running'
      // one that started leaves the list; one that failed stays, and the next in the list follows
      const soonest = failedUntil === null ? until : Math.min(until ?? Infinity, failedUntil)
      if (record.role === 'init' && skipped) return this.finish(soonest)
      this.startNext(skipped && this.toStart().includes(record) ? index + 1 : index, soonest)
    })
  }

  /** Starts one container. `done` gets null, or until when to wait before the next try (ms; NaN: the usual time). */
  private startOne(record: ContainerRecord, lastExit: number | null, done: (until: number | null) => void): void {
    const { context } = this.runtime
    const now = context.clock.now()
    if (lastExit !== null) {
      if (record.backOff > 0 && now - lastExit > 2 * LONGEST_RESTART_BACK_OFF) record.backOff = 0
      if (record.backOff > 0 && now < lastExit + record.backOff) return this.backOff(record, lastExit, done)
      record.backOff = record.backOff === 0 ? FIRST_RESTART_BACK_OFF : Math.min(record.backOff * 2, LONGEST_RESTART_BACK_OFF)
    }
    this.runtime.puller.ensure(this.pod, record.spec, this.fieldPath(record), (outcome) => {
      if (this.disposed || this.terminating) return
      if ('reason' in outcome) {
        record.waiting = { reason: outcome.reason, message: outcome.message }
        return done(outcome.until ?? Number.NaN)
      }
      this.create(record, outcome.image, outcome.name, outcome.id, done)
    })
  }

  private backOff(record: ContainerRecord, lastExit: number, done: (until: number | null) => void): void {
    const old = this.runtime.minor < 23
    const detail = old ? '' : ` ${record.spec.name} in pod ${this.podName}`
    this.event('Warning', 'BackOff', `Back-off restarting failed container${detail}`, record)
    const wait = goDuration(record.backOff)
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${wait} restarting failed container=${record.spec.name} pod=${this.podName}`,
    }
    done(lastExit + record.backOff)
  }

  private create(record: ContainerRecord, image: ContainerImage, name: string, id: string, done: (until: number | null) => void): void {
    this.later(CREATE_TIME, () => {
      let env: Record<string, string>
      try {
        env = this.environment(record)
      } catch (error) {
        if (!(error instanceof MissingReference)) throw error
        this.event('Warning', 'Failed', `Error: ${error.message}`, record)
        record.waiting = { reason: 'CreateContainerConfigError', message: error.message }
        return done(Number.NaN)
      }
      if (record.state.kind === 'terminated') {
        record.last = record.state.terminated
        record.restartCount++
      }
      record.containerID = newContainerID(this.runtime)
      record.imageName = name
      record.imageID = id
      record.waiting = null
      const old = this.runtime.minor < 35
      this.event('Normal', 'Created', old ? `Created container ${record.spec.name}` : 'Container created', record)
      this.later(START_TIME, () => {
        const sandbox = this.sandbox as Sandbox
        if (!startContainer(this.runtime, this.pod, record, sandbox, image, env, (code) => this.onExit(record, code))) {
          const message = record.state.kind === 'terminated' ? record.state.terminated.message : ''
          this.event('Warning', 'Failed', `Error: ${message}`, record)
          record.exits.push(this.runtime.context.clock.now())
          record.waiting = { reason: 'RunContainerError', message: message ?? '' }
          this.noticeSoon()
          return done(Number.NaN)
        }
        this.event('Normal', 'Started', old ? `Started container ${record.spec.name}` : 'Container started', record)
        this.noticeSoon()
        done(null)
      })
    })
  }

  private finish(until: number | null): void {
    this.busy = false
    if (until !== null) {
      const { clock, random } = this.runtime.context
      const wait = Number.isNaN(until) ? ERROR_BACK_OFF : Math.min(Math.max(0, until - clock.now()), 60_000)
      this.resync?.cancel()
      this.resync = this.after(wait * (1 + random() * JITTER), () => this.sync())
    }
    if (!this.pending) return
    this.pending = false
    this.later([1, 4], () => this.sync())
  }

  // --- ends

  private onExit(record: ContainerRecord, code: number): void {
    if (record.state.kind !== 'running') return
    endContainer(this.runtime, record, code)
    this.noticeSoon()
  }

  /** SIGTERM, and SIGKILL once the grace is over. */
  private stop(record: ContainerRecord, seconds: number, message: string, ended?: () => void): void {
    const { clock } = this.runtime.context
    this.event('Normal', 'Killing', message, record)
    record.killing = true
    const id = record.containerID
    const settle = (): void => {
      ended?.()
      if (this.terminating && this.running().length === 0) this.allEnded()
      else this.noticeSoon()
    }
    // the process ends by itself, through onExit, or is killed; either way somebody looks after it
    const look = (): void => {
      if (this.disposed) return
      if (record.containerID !== id) return
      if (record.state.kind !== 'running') {
        kill.cancel()
        return settle()
      }
      this.after(10, look)
    }
    const kill = this.after(Math.max(seconds, 0) * 1000, () => {
      if (record.containerID === id && record.state.kind === 'running') endContainer(this.runtime, record, 137, 'Error')
    })
    void clock
    this.preStop(record, () => {
      record.running?.terminate()
      this.after(8, look)
    })
  }

  private preStop(record: ContainerRecord, next: () => void): void {
    const hook = record.spec.lifecycle?.preStop
    const exec = record.running?.exec
    if (hook?.sleep) this.after(hook.sleep.seconds * 1000, next)
    else if (hook?.exec && exec) {
      exec.call(record.running, hook.exec.command, false, { stdout() {}, stderr() {}, exit: next, fail: next })
    } else next()
  }

  private allEnded(): void {
    for (const record of this.records) {
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
    this.later([15, 50], () => {
      this.finishPod()
      this.later(CLEAN_UP_TIME, () => this.deleteObject())
    })
  }

  private deleteObject(): void {
    const { namespace, name, uid } = this.pod.metadata
    this.dispose()
    this.gone()
    const { store } = this.runtime.context
    if (store.get('pods', namespace ?? null, name)?.metadata.uid !== uid) return
    store.delete('pods', namespace ?? null, name, { gracePeriodSeconds: 0, preconditions: { uid } })
  }

  /** All containers have ended for good, without a deletion. */
  private isOver(): boolean {
    if (this.terminal) return true
    const phase = phaseOf(this.pod, this.records, false)
    return (phase === 'Succeeded' || phase === 'Failed') && this.running().length === 0 && this.toStart().length === 0
  }

  private finishPod(): void {
    this.terminal = true
    this.prober?.dispose()
    this.release()
    this.publish()
  }

  private release(): void {
    if (this.sandbox && !this.pod.spec.hostNetwork) this.runtime.releaseAddress(this.sandbox.ip)
    this.sandbox = null
  }

  // --- helpers

  private running(): ContainerRecord[] {
    return this.records.filter(({ state }) => state.kind === 'running')
  }

  private environment(record: ContainerRecord): Record<string, string> {
    return environmentOf(this.pod, record.spec, (resource, name) => this.find(resource, name), {
      podIP: this.sandbox?.ip ?? '',
      hostIP: this.runtime.address,
    })
  }

  private find(resource: string, name: string): KubeObject | undefined {
    return this.runtime.context.store.get(resource, this.pod.metadata.namespace ?? null, name)
  }

  private startProber(): void {
    this.prober?.dispose()
    this.prober = new Prober(this, this.records)
  }

  private fieldPath(record: ContainerRecord): string {
    const field = { init: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' }[record.role]
    return `spec.${field}{${record.spec.name}}`
  }

  private event(type: 'Normal' | 'Warning', reason: string, message: string, record?: ContainerRecord): void {
    this.runtime.recorder.event(this.pod, type, reason, message, record ? this.fieldPath(record) : undefined)
  }

  /** What changed in the runtime is seen when the kubelet next lists its containers. */
  private noticeSoon(): void {
    if (this.relist || this.disposed) return
    this.relist = this.after(this.runtime.untilRelist(), () => {
      this.relist = null
      this.sync()
    })
  }

  /** Takes the status as it is now and sends it: what the sync does next shows in the status of the next one. */
  private publish(): void {
    if (this.disposed) return
    const stored = this.stored()
    if (!stored) return
    this.nextStatus = this.status(stored)
    this.statusTimer ??= this.later(STATUS_LATENCY, () => {
      this.statusTimer = null
      this.writeStatus()
    })
  }

  /** The pod's object, where it is still this pod's. */
  private stored(): KubeObject | undefined {
    const { namespace, name, uid } = this.pod.metadata
    const stored = this.runtime.context.store.get('pods', namespace ?? null, name)
    return stored?.metadata.uid === uid ? stored : undefined
  }

  private writeStatus(): void {
    const stored = this.stored()
    const status = this.nextStatus
    if (!stored || sameJson(stored.status, status)) return
    const { namespace, name } = stored.metadata
    this.runtime.context.store.mutate('pods', namespace ?? null, name, (copy) => void (copy.status = status), { subresource: 'status' })
  }

  private status(stored: KubeObject): KubeObject['status'] {
    const { runtime } = this
    return generateStatus({
      pod: stored,
      records: this.records,
      sandbox: this.sandbox,
      ip: this.ip,
      startTime: this.startTime,
      hostIP: runtime.address,
      now: runtime.context.clock.now(),
      settings: runtime.context.settings,
      terminal: this.terminal && this.terminating,
    })
  }

  private after(ms: number, fire: () => void): Timer {
    const timer = this.runtime.context.clock.after(ms, () => {
      this.timers.delete(timer)
      if (!this.disposed) fire()
    })
    this.timers.add(timer)
    return {
      cancel: () => {
        this.timers.delete(timer)
        timer.cancel()
      },
    }
  }

  private later([least, most]: readonly [number, number], fire: () => void): Timer {
    return this.after(least + this.runtime.context.random() * (most - least), fire)
  }
}

/** Go's time.Duration in seconds: 10s, 1m20s, 5m0s. */
function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
