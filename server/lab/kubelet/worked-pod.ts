/** What the parts of a pod's worker have of it, each with more of its own. */
import type { Timer } from '../clock.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { ContainerRecord } from './containers.ts'
import type { NodeRuntime } from './node-runtime.ts'

export interface WorkedPod {
  readonly runtime: NodeRuntime
  readonly pod: KubeObject
  event(type: 'Normal' | 'Warning', reason: string, message: string, record?: ContainerRecord): void
  /** A timer of the pod, after a time in ms, [least, most]: it ends with the pod. */
  later(range: readonly [number, number], fire: () => void): Timer
  /** Something changed in the runtime: the kubelet sees it when it next lists its containers. */
  noticeSoon(): void
}
