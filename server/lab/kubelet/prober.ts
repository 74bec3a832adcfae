/** Probes of a pod's containers, as kubelet/prober: a worker per container and probe, ticking from the pod's first sync. */
import type { Timer } from '../clock.ts'
import type { ExecOutput } from '../contracts/exec.ts'
import { milliseconds } from '../machinery/objects.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { httpGet, listenerAt, portOf, refusal } from './pod-request.ts'

export interface ProbedPod {
  readonly runtime: NodeRuntime
  readonly sandbox: Sandbox | null
  readonly podName: string
  event(type: 'Normal' | 'Warning', reason: string, message: string, record: ContainerRecord): void
  readinessChanged(): void
  unhealthy(record: ContainerRecord, kind: 'Liveness' | 'Startup'): void
}

type Kind = 'readiness' | 'liveness' | 'startup'

interface Result {
  ok: boolean
  message: string
}

/** How long a first probe takes that is asked out of turn, ms. */
const ANSWER_TIME = 25

class ProbeWorker {
  private successes = 0
  private failures = 0
  private containerID = ''
  private timer: Timer
  private readonly pod: ProbedPod
  private readonly record: ContainerRecord
  private readonly kind: Kind
  private running = false

  constructor(pod: ProbedPod, record: ContainerRecord, kind: Kind) {
    this.pod = pod
    this.record = record
    this.kind = kind
    this.timer = this.schedule()
  }

  private schedule(): Timer {
    return this.pod.runtime.context.clock.every((this.probe.periodSeconds ?? 10) * 1000, () => this.tick())
  }

  /** Probes at once; the period runs from here on. The answer comes when the status that the container has started is on its way already. */
  trigger(): void {
    this.timer.cancel()
    this.timer = this.pod.runtime.context.clock.after(ANSWER_TIME, () => {
      this.timer = this.schedule()
      this.tick()
    })
  }

  private get probe(): Record<string, never> & Record<string, unknown> & { periodSeconds?: number } {
    return this.record.spec[`${this.kind}Probe`]
  }

  dispose(): void {
    this.timer.cancel()
  }

  tick(): void {
    const { record, kind, pod } = this
    const { state } = record
    if (state.kind !== 'running' || this.running || record.killing || record.hooked) return
    if (record.containerID !== this.containerID) {
      this.containerID = record.containerID
      this.successes = 0
      this.failures = 0
    }
    if (kind === 'startup' ? record.started : !record.started) return
    const since = pod.runtime.context.clock.now() - milliseconds(state.startedAt)
    if (since < Number(this.probe.initialDelaySeconds ?? 0) * 1000) return
    this.running = true
    this.run((result) => {
      this.running = false
      if (record.state.kind === 'running' && record.containerID === this.containerID) this.take(result)
    })
  }

  private take({ ok, message }: Result): void {
    const { record, kind, pod } = this
    const name = `${kind[0]?.toUpperCase()}${kind.slice(1)}` as 'Readiness' | 'Liveness' | 'Startup'
    if (ok) {
      this.successes++
      this.failures = 0
    } else {
      this.failures++
      this.successes = 0
      pod.event('Warning', 'Unhealthy', `${name} probe failed: ${message}`, record)
    }
    if (ok && this.successes < Number(this.probe.successThreshold ?? 1)) return
    if (!ok && this.failures < Number(this.probe.failureThreshold ?? 3)) return
    if (kind === 'readiness') {
      if (record.ready !== ok) {
        record.ready = ok
        pod.readinessChanged()
      }
    } else if (!ok) {
      this.failures = 0
      pod.unhealthy(record, name as 'Liveness' | 'Startup')
    } else if (kind === 'startup') {
      record.started = true
      record.ready = !record.spec.readinessProbe
      pod.readinessChanged()
    }
  }

  private run(done: (result: Result) => void): void {
    const { pod } = this
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const probe = this.probe as any
    if (probe.exec) return this.runExec(probe.exec.command, done)
    if (!probe.httpGet) {
      const port = portOf(this.record, probe.tcpSocket?.port ?? probe.grpc?.port)
      const host: string | undefined = probe.tcpSocket?.host
      return done({ ok: listenerAt(pod, host, port) !== undefined, message: refusal(host ?? pod.sandbox?.ip ?? '', port) })
    }
    const answer = httpGet(pod, this.record, probe.httpGet, 'kube-probe')
    if ('error' in answer) return done({ ok: false, message: answer.error })
    const { status } = answer
    const message = `HTTP probe failed with statuscode: ${status}`
    if (status < 200 || status >= 400) return done({ ok: false, message })
    done({ ok: true, message: '' })
  }

  private runExec(command: string[], done: (result: Result) => void): void {
    const { clock } = this.pod.runtime.context
    const exec = this.record.running?.exec
    if (!exec) return done({ ok: false, message: `exec: "${command[0]}": executable file not found in $PATH` })
    let text = ''
    let over = false
    const finish = (result: Result): void => {
      if (over) return
      over = true
      limit.cancel()
      done(result)
    }
    const output: ExecOutput = {
      stdout: (data) => void (text += data),
      stderr: (data) => void (text += data),
      exit: (code) => finish({ ok: code === 0, message: text }),
      fail: (message) => finish({ ok: false, message }),
    }
    const seconds = Number(this.probe.timeoutSeconds ?? 1)
    const limit = clock.after(seconds * 1000, () => {
      process.kill()
      finish({ ok: false, message: `command timed out: "${command.join(' ')}" timed out after ${seconds}s` })
    })
    const process = exec.call(this.record.running, command, false, output)
  }
}

export class Prober {
  private workers: { record: ContainerRecord; kind: Kind; worker: ProbeWorker }[] = []

  constructor(pod: ProbedPod, records: readonly ContainerRecord[]) {
    for (const record of records) {
      for (const kind of ['readiness', 'liveness', 'startup'] as const) {
        if (record.spec[`${kind}Probe`]) this.workers.push({ record, kind, worker: new ProbeWorker(pod, record, kind) })
      }
    }
  }

  /** What has started and is not ready is asked at once when the kubelet notices it (the worker's manual trigger). */
  trigger(): void {
    for (const { record, kind, worker } of this.workers) {
      if (kind === 'readiness' && record.state.kind === 'running' && record.started && !record.ready) worker.trigger()
    }
  }

  dispose(): void {
    for (const { worker } of this.workers.splice(0)) worker.dispose()
  }
}
