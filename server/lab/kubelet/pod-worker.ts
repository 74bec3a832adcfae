/**
 * One pod on one node, as kubelet's pod worker: it syncs, that is it publishes the status and does the next thing that the pod needs.
 *
 *     new      → volumes → sandbox → init containers, one after the other → containers → (PLEG, up to 1 s later) → Running
 *     ended    container ended → (PLEG) → sync: restart, back-off, or the pod's own end
 *     deleted  what pod-termination.ts does
 *
 * While a sync waits for something (a pull, a sandbox), another one is only remembered.
 */
import type { Timer } from '../clock.ts'
import { milliseconds, sameJson, timestamp } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import { endContainer, startContainer } from './container-runner.ts'
import { ContainerStarter, type StartingPod } from './container-starter.ts'
import { type ContainerRecord, isLast, isWorkDone, newRecord, recordsOf, runningOf, type Sandbox, toStart } from './containers.ts'
import { findImage } from './images/index.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { environmentOf, gracePeriod, isSidecar, missingVolume } from './pod-spec.ts'
import { generateStatus, phaseOf } from './pod-status.ts'
import { DEADLINE_EXCEEDED, watchDeadline } from './pod-deadline.ts'
import { type EndingPod, PodTermination } from './pod-termination.ts'
import { Prober, type ProbedPod } from './prober.ts'
import { parseImageReference } from './reference.ts'
import { type PublishedPod, StatusPublisher } from './status-publisher.ts'

/** Latencies in ms, [least, most], as the transcripts of a real cluster show them. */
const VOLUME_TIME = [290, 320] as const
const SANDBOX_TIME = [90, 180] as const
/** Wait after a failed sync (backOffPeriod), ms, and by how much it may be longer. */
const ERROR_BACK_OFF = 10_000
const JITTER = 0.5

export class PodWorker implements ProbedPod, StartingPod, EndingPod, PublishedPod {
  pod: KubeObject
  readonly runtime: NodeRuntime
  readonly records: ContainerRecord[]
  sandbox: Sandbox | null = null
  /** The address of the last sandbox, which the status keeps. */
  private ip: string | null = null
  private startTime: string
  private volumesMounted = false
  private mountFailures = 0
  private busy = false
  private pending = false
  private terminal = false
  private disposed = false
  private readonly timers = new Set<Timer>()
  private relist: Timer | null = null
  /** Its activeDeadlineSeconds are over. */
  private expired = false
  private resync: Timer | null = null
  private prober: Prober | null = null
  private readonly starter = new ContainerStarter(this)
  private readonly termination = new PodTermination(this)
  private readonly publisher = new StatusPublisher(this)
  private readonly gone: () => void

  /** `gone` is called once nothing of the pod is left on the node. */
  constructor(runtime: NodeRuntime, pod: KubeObject, gone: () => void) {
    this.runtime = runtime
    this.pod = pod
    this.gone = gone
    this.records = recordsOf(pod)
    this.startTime = pod.status?.startTime ?? timestamp(runtime.context.clock.now())
  }

  get isEnding(): boolean {
    return this.disposed || this.termination.begun
  }

  get podName(): string {
    return `${this.pod.metadata.name}_${this.pod.metadata.namespace}(${this.pod.metadata.uid})`
  }

  /** A pod that is new here. */
  begin(): void {
    watchDeadline(this, milliseconds(this.startTime), () => this.expire())
    this.later([4, 12], () => this.sync())
  }

  /** Takes over what runs already: the cluster's own pods when the lab starts. */
  adopt(): void {
    const { runtime, pod } = this
    const ip: string = pod.status.podIP ?? runtime.address
    this.sandbox = { ip, listeners: new Map(), volumes: new Map() }
    this.ip = ip
    this.volumesMounted = true
    for (const record of this.records) {
      if (record.state.kind !== 'running') continue
      const reference = parseImageReference(record.spec.image)
      const image = reference && findImage(runtime.context.preset.registry, reference)
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
    else if (this.publisher.isContradicted(pod)) this.publish()
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
    for (const record of runningOf(this.records)) this.event('Normal', 'Killing', `Stopping container ${record.spec.name}`, record)
    this.release()
    this.leave()
  }

  leave(): void {
    this.dispose()
    this.gone()
  }

  /** Deletion with grace. */
  terminate(): void {
    if (this.isEnding) return
    this.resync?.cancel()
    this.termination.begin()
  }

  private expire(): void {
    if (this.isEnding || this.terminal || this.expired) return
    this.expired = true
    this.resync?.cancel()
    this.event('Normal', DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message)
    this.termination.endContainers()
  }

  hold(): void {
    this.busy = true
    this.pending = false
  }

  sync(): void {
    if (this.isEnding || this.expired) return
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
    if (isWorkDone(this.pod, this.records)) return this.termination.endContainers()
    this.prober?.trigger()
    this.busy = true
    this.mountVolumes(() => this.ensureSandbox(() => this.startNext(0, null)))
  }

  readinessChanged(): void {
    this.publish()
    this.later([1, 4], () => this.sync())
  }

  unhealthy(record: ContainerRecord, kind: 'Liveness' | 'Startup'): void {
    if (record.killing || this.isEnding) return
    const message = `Container ${record.spec.name} failed ${kind.toLowerCase()} probe`
    const seconds: number | undefined = record.spec[`${kind.toLowerCase()}Probe`]?.terminationGracePeriodSeconds
    if (this.pod.spec.restartPolicy !== 'Never' || isSidecar(record.spec)) this.restart(record, `${message}, will be restarted`, seconds)
    // where nothing is left to run for, the whole pod ends
    else if (isLast(record, this.records)) this.termination.endContainers()
    else this.stop(record, message, () => {}, seconds)
  }

  stop(record: ContainerRecord, message: string, ended: () => void, seconds = gracePeriod(this.pod)): void {
    this.termination.stop(record, seconds, message, ended)
  }

  private restart(record: ContainerRecord, message: string, seconds?: number): void {
    // the run that ends now does not count yet when its successor's back-off is looked up, as in doBackOff over the cached status
    const known = record.exits.at(-1) ?? null
    const ended = (): void => {
      if (this.busy) return
      this.busy = true
      this.starter.start(record, known, (until) => this.finish(until))
    }
    this.stop(record, message, ended, seconds)
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
      this.sandbox = { ip, listeners: new Map(), volumes: new Map() }
      this.ip = ip
      this.startProber()
      this.noticeSoon()
      next()
    })
  }

  private startNext(index: number, until: number | null): void {
    const record = toStart(this.pod, this.records)[index]
    if (!record) return this.finish(until)
    this.starter.start(record, record.exits.at(-1) ?? null, (failedUntil) => {
      const skipped = record.state.kind !== 'running'
      // one that started leaves the list; one that failed stays, and the next in the list follows
      const soonest = failedUntil === null ? until : Math.min(until ?? Infinity, failedUntil)
      if (record.role === 'init' && skipped) return this.finish(soonest)
      this.startNext(skipped && toStart(this.pod, this.records).includes(record) ? index + 1 : index, soonest)
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
    // a sync waits until the kubelet has looked at its containers after the one before (GetNewerThan of its cache)
    this.noticeSoon()
  }

  // --- ends

  onExit(record: ContainerRecord, code: number): void {
    if (record.state.kind !== 'running') return
    endContainer(this.runtime, record, code)
    this.noticeSoon()
  }

  /** All containers have ended for good, without a deletion. */
  private isOver(): boolean {
    if (this.terminal) return true
    const phase = phaseOf(this.pod, this.records, false)
    return (
      (phase === 'Succeeded' || phase === 'Failed') && runningOf(this.records).length === 0 && toStart(this.pod, this.records).length === 0
    )
  }

  finishPod(): void {
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

  environment(record: ContainerRecord): Record<string, string> {
    return environmentOf(this.pod, record.spec, (resource, name) => this.find(resource, name), {
      podIP: this.sandbox?.ip ?? '',
      hostIP: this.runtime.address,
      services: this.runtime.context.store.list('services'),
    })
  }

  private find(resource: string, name: string): KubeObject | undefined {
    return this.runtime.context.store.get(resource, this.pod.metadata.namespace ?? null, name)
  }

  private startProber(): void {
    this.prober?.dispose()
    this.prober = new Prober(this, this.records)
  }

  fieldPath(record: ContainerRecord): string {
    const field = { init: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' }[record.role]
    return `spec.${field}{${record.spec.name}}`
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string, record?: ContainerRecord): void {
    this.runtime.recorder.event(this.pod, type, reason, message, record ? this.fieldPath(record) : undefined)
  }

  /** What changed in the runtime is seen when the kubelet next lists its containers. */
  noticeSoon(): void {
    if (this.relist || this.disposed) return
    this.relist = this.after(this.runtime.untilRelist(), () => {
      this.relist = null
      this.sync()
    })
  }

  private publish(): void {
    if (!this.disposed) this.publisher.publish()
  }

  status(stored: KubeObject): KubeObject['status'] {
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
      terminal: this.terminal && this.termination.begun,
      failure: this.expired && this.terminal ? DEADLINE_EXCEEDED : null,
    })
  }

  after(ms: number, fire: () => void): Timer {
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

  later([least, most]: readonly [number, number], fire: () => void): Timer {
    return this.after(least + this.runtime.context.random() * (most - least), fire)
  }
}
