/**
 * What the parts of the lab share. A context lives from a start to the next reset: a reset disposes of it and makes a new one, so nothing that
 * belongs to a run may be kept elsewhere.
 */
import type { AdmissionRegistry } from './admission.ts'
import type { LabClock } from './clock.ts'
import type { LabNetwork } from './contracts/network.ts'
import type { PodRuntime } from './contracts/pod-runtime.ts'
import type { NodePower } from './power.ts'
import type { Preset } from './presets/preset.ts'
import type { ClusterSettings } from './resources/definition.ts'
import type { Disposable, Store } from './store/store.ts'

export interface LabContext {
  readonly clock: LabClock
  readonly store: Store
  readonly settings: ClusterSettings
  readonly preset: Preset
  /** Lab time at the start of this run, ms since the epoch. */
  readonly startedAt: number
  /** A random number in [0, 1) from the lab's seeded generator. */
  random(): number
  readonly admission: AdmissionRegistry
  readonly power: NodePower
  /** Absent until startKubelets has run. */
  runtime?: PodRuntime
  /** Absent until createNetwork has run. */
  network?: LabNetwork
  /** Reports what must not happen (a bug of the lab's): printed on standard error, nothing stops. */
  fault(error: unknown): void
  /** Starts the cluster over: this context is disposed of and a new one takes its place. Resolves once its system pods are ready. */
  reset(): Promise<void>
  /** Called when this run ends: streams of clients close here. Dispose of it when the stream ends before. */
  onDispose(dispose: () => void): Disposable
}
