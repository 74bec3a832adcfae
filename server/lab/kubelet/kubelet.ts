/** The kubelet of one node: the pods that are assigned to it, its heartbeats, and what happens when the machine is switched off and on. */
import type { Timer } from '../clock.ts'
import { createRecorder, type EventRecorder } from '../machinery/events.ts'
import { minorVersion } from '../resources/kit/version.ts'
import { controllerOf, hasEnded, timestamp } from '../machinery/objects.ts'

import type { KubeObject } from '../resources/definition.ts'
import type { Disposable } from '../store/store.ts'
import { refusalOf } from './admission.ts'
import type { KubeletContext } from './context.ts'
import { ImagePuller } from './image-puller.ts'
import { announceRegistration, announceSchedulable, announceStart } from './node-events.ts'
import { hasLease, isOutdated, LEASE_INTERVAL, registerNode, renewLease, reportStatus, STATUS_INTERVAL } from './node-status.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { PodWorker } from './pod-worker.ts'

const RELIST_INTERVAL = 1000
/** From power to a kubelet that answers, ms. */
const BOOT_TIME = 350
/** From a pod's arrival to its refusal, ms. */
const REFUSAL_TIME = 15
const MIRROR = 'kubernetes.io/config.mirror'

export class Kubelet implements NodeRuntime, Disposable {
  readonly context: KubeletContext
  readonly name: string
  readonly address: string
  readonly minor: number
  readonly recorder: EventRecorder
  readonly puller: ImagePuller
  private readonly prefix: string
  private nextHost = 2
  private readonly used = new Set<string>()
  private readonly workers = new Map<string, PodWorker>()
  private readonly staticPods = new Map<string, KubeObject>()
  private timers: Timer[] = []
  private readonly phase: number
  private on = false
  /** The node as it was when it was last there. */
  private lastNode: KubeObject | undefined
  private unschedulable = false
  private readonly watches: Disposable[]

  constructor(context: KubeletContext, node: KubeletContext['preset']['nodes'][number]) {
    this.context = context
    this.name = node.name
    this.address = node.address
    this.minor = minorVersion(context.settings)
    this.recorder = createRecorder(context, 'kubelet', node.name)
    this.puller = new ImagePuller(context, this.recorder)
    this.prefix = node.podCidr.replace(/\.\d+\/\d+$/, '')
    this.phase = Math.floor(context.random() * RELIST_INTERVAL)
    this.lastNode = context.store.get('nodes', null, node.name)
    for (const image of this.lastNode?.status?.images ?? []) {
      for (const name of image.names) this.puller.addPresent(name)
    }
    if (context.power.isOn(node.name)) this.start(true)
    this.watches = [
      context.store.watch('pods', {}, (event) => this.onPod(event.type, event.object)),
      context.store.watch('nodes', {}, ({ type, object }) => {
        if (type === 'DELETED' && object.metadata.name === node.name) this.lastNode = object
      }),
      context.power.onChange((name, on) => {
        if (name !== node.name) return
        if (on) this.timers.push(context.clock.after(BOOT_TIME, () => this.start(false)))
        else this.powerOff()
      }),
    ]
  }

  dispose(): void {
    for (const watch of this.watches) watch.dispose()
    this.powerOff()
  }

  /** The worker of a pod that is on this node now. */
  worker(uid: string): PodWorker | undefined {
    return this.on ? this.workers.get(uid) : undefined
  }

  allocateAddress(): string {
    for (let i = 0; i < 253; i++) {
      const address = `${this.prefix}.${this.nextHost}`
      this.nextHost = this.nextHost >= 254 ? 2 : this.nextHost + 1
      if (this.used.has(address)) continue
      this.used.add(address)
      return address
    }
    throw new Error(`no address left in ${this.prefix}.0/24 on ${this.name}: 253 pods have one`)
  }

  releaseAddress(address: string): void {
    this.used.delete(address)
  }

  untilRelist(): number {
    return RELIST_INTERVAL - ((this.context.clock.now() + this.phase) % RELIST_INTERVAL)
  }

  private start(adopt: boolean): void {
    const { store, clock } = this.context
    this.on = true
    this.unschedulable = adopt && this.isUnschedulable()
    // a node without a Lease has only just registered; its kubelet comes back to that with its next renewal
    const registered = adopt && !hasLease(this)
    if (registered) announceRegistration(this)
    else if (!adopt) {
      if (this.lastNode && !store.get('nodes', null, this.name)) registerNode(this, this.lastNode)
      announceStart(this)
    }
    const leaseOffset = registered ? LEASE_INTERVAL : Math.floor(this.context.random() * LEASE_INTERVAL)
    this.timers.push(
      clock.after(leaseOffset, () => {
        if (!this.on) return
        renewLease(this)
        this.timers.push(clock.every(LEASE_INTERVAL, () => renewLease(this)))
      }),
      clock.every(STATUS_INTERVAL, () => void reportStatus(this)),
      // every 10 s the kubelet looks whether its status changed
      clock.every(LEASE_INTERVAL, () => {
        if (isOutdated(this)) reportStatus(this)
        this.tellSchedulable()
      }),
    )
    if (!adopt) renewLease(this)
    for (const pod of store.list('pods')) {
      if (pod.spec?.nodeName !== this.name) continue
      const worker = this.add(pod)
      const { phase, podIP } = pod.status ?? {}
      if (podIP && !pod.spec.hostNetwork && phase !== 'Succeeded' && phase !== 'Failed') {
        if (adopt) this.used.add(podIP)
        this.nextHost = Math.max(this.nextHost, Number(podIP.split('.').at(-1)) + 1)
      }
      if (phase === 'Succeeded' || phase === 'Failed') {
        if (pod.metadata.deletionTimestamp) worker.terminate()
      } else if (adopt && phase === 'Running') worker.adopt()
      else if (adopt) worker.begin()
      else worker.recover()
    }
  }

  private powerOff(): void {
    this.on = false
    for (const timer of this.timers.splice(0)) timer.cancel()
    for (const worker of this.workers.values()) worker.dispose()
    this.workers.clear()
    this.puller.dispose()
    this.used.clear()
  }

  private add(pod: KubeObject): PodWorker {
    const { uid } = pod.metadata
    const worker = new PodWorker(this, pod, () => void this.workers.delete(uid))
    this.workers.set(uid, worker)
    if (pod.metadata.annotations?.[MIRROR] && controllerOf(pod)?.kind === 'Node') {
      this.staticPods.set(`${pod.metadata.namespace}/${pod.metadata.name}`, pod)
    }
    return worker
  }

  private onPod(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: KubeObject): void {
    if (!this.on || pod.spec?.nodeName !== this.name) return
    const { uid, namespace, name } = pod.metadata
    const worker = this.workers.get(uid)
    const mirror = this.staticPods.get(`${namespace}/${name}`)
    if (mirror) return this.onMirror(type, pod, worker)
    if (type === 'DELETED') worker?.kill()
    else if (worker) worker.update(pod)
    else if (hasEnded(pod)) return
    else this.admit(pod)
  }

  private isUnschedulable(): boolean {
    return this.context.store.get('nodes', null, this.name)?.spec?.unschedulable === true
  }

  private tellSchedulable(): void {
    const unschedulable = this.isUnschedulable()
    if (unschedulable === this.unschedulable) return
    this.unschedulable = unschedulable
    announceSchedulable(this, !unschedulable)
  }

  /** A pod that is new here is looked at once more, since nobody may have asked the scheduler. */
  private admit(pod: KubeObject): void {
    const node = this.context.store.get('nodes', null, this.name)
    const others = [...this.workers.values()].map((worker) => worker.pod).filter((other) => !hasEnded(other))
    const refusal = node ? refusalOf(pod, node, others) : null
    if (!refusal) return this.add(pod).begin()
    const { reason, message } = refusal
    const { namespace, name, uid } = pod.metadata
    this.timers.push(
      this.context.clock.after(REFUSAL_TIME, () => {
        if (this.context.store.get('pods', namespace ?? null, name)?.metadata.uid !== uid) return
        this.recorder.event(pod, 'Warning', reason, message)
        this.context.store.mutate(
          'pods',
          namespace ?? null,
          name,
          (copy) => {
            const { qosClass } = copy.status ?? {}
            copy.status = {
              message: this.minor >= 28 ? `Pod was rejected: ${message}` : `Pod ${message}`,
              ...(this.minor >= 34 ? { observedGeneration: copy.metadata.generation ?? 1 } : {}),
              phase: 'Failed',
              ...(qosClass ? { qosClass } : {}),
              reason,
              startTime: timestamp(this.context.clock.now()),
            }
          },
          { subresource: 'status' },
        )
      }),
    )
  }

  /** The API server's picture of a static pod: whoever deletes it gets another one, and the containers never stop. */
  private onMirror(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: KubeObject, worker: PodWorker | undefined): void {
    const { store, clock } = this.context
    const { namespace, name, uid } = pod.metadata
    if (type === 'MODIFIED' && pod.metadata.deletionTimestamp) {
      this.timers.push(
        clock.after(20, () => {
          if (store.get('pods', namespace ?? null, name)?.metadata.uid !== uid) return
          store.delete('pods', namespace ?? null, name, { gracePeriodSeconds: 0 })
        }),
      )
      return
    }
    if (type !== 'DELETED') {
      if (worker) worker.pod = pod
      return
    }
    this.workers.delete(uid)
    this.timers.push(
      clock.after(800, () => {
        const { labels, annotations, ownerReferences } = pod.metadata
        const metadata = { name, namespace, labels, annotations, ownerReferences } as KubeObject['metadata']
        const created = store.create('pods', { apiVersion: 'v1', kind: 'Pod', metadata, spec: pod.spec })
        if (worker) {
          worker.pod = created
          this.workers.set(created.metadata.uid, worker)
        }
        store.mutate('pods', namespace ?? null, name, (copy) => void (copy.status = pod.status), { subresource: 'status' })
      }),
    )
  }
}
