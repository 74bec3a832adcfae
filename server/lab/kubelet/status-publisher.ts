/** How a pod's status gets to the API server: what the kubelet knows when it decides to say something, written a little later (status_manager.go). */
import type { Timer } from '../clock.ts'
import { sameJson } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { WorkedPod } from './worked-pod.ts'

/** ms, [least, most], as the transcripts of a real cluster show it. */
const STATUS_LATENCY = [2, 6] as const

/** What publishing needs of a pod's worker. */
export interface PublishedPod extends WorkedPod {
  /** The status as it is now. `stored`: the pod's object. */
  status(stored: KubeObject): KubeObject['status']
}

export class StatusPublisher {
  private next: KubeObject['status'] = null
  private timer: Timer | null = null
  private readonly worker: PublishedPod

  constructor(worker: PublishedPod) {
    this.worker = worker
  }

  /** Takes the status as it is now and sends it: what the sync does next shows in the status of the next one. */
  publish(): void {
    const stored = this.stored()
    if (!stored) return
    this.next = this.worker.status(stored)
    this.timer ??= this.worker.later(STATUS_LATENCY, () => {
      this.timer = null
      this.write()
    })
  }

  /** Whether an object has another status than the kubelet published last. */
  isContradicted(pod: KubeObject): boolean {
    return Boolean(this.next) && !sameJson(pod.status, this.next)
  }

  /** The pod's object, where it is still this pod's. */
  private stored(): KubeObject | undefined {
    const { namespace, name, uid } = this.worker.pod.metadata
    const stored = this.worker.runtime.context.store.get('pods', namespace ?? null, name)
    return stored?.metadata.uid === uid ? stored : undefined
  }

  private write(): void {
    const stored = this.stored()
    const status = this.next
    if (!stored || sameJson(stored.status, status)) return
    const { namespace, name } = stored.metadata
    this.worker.runtime.context.store.mutate('pods', namespace ?? null, name, (copy) => void (copy.status = status), {
      subresource: 'status',
    })
  }
}
