/** What a node gives to the pods on it. */
import type { EventRecorder } from '../machinery/events.ts'
import type { KubeletContext } from './context.ts'
import type { ImagePuller } from './image-puller.ts'

export interface NodeRuntime {
  readonly context: KubeletContext
  readonly name: string
  readonly address: string
  readonly recorder: EventRecorder
  readonly puller: ImagePuller
  /** Kubernetes' minor version. */
  readonly minor: number
  /** An address of the node's pod network. */
  allocateAddress(): string
  releaseAddress(address: string): void
  /** ms until the kubelet next looks at what its containers do (PLEG, once a second). */
  untilRelist(): number
}
