/** What controllers and kubelets get to work with: the part of the lab's context that they use. */
import type { Clock } from '../clock.ts'
import type { ClusterSettings } from '../resources/definition.ts'
import type { Store } from '../store/store.ts'

export interface ControllerContext {
  clock: Clock
  store: Store
  settings: ClusterSettings
  /** The lab's own random numbers in [0, 1): a seeded lab repeats itself. */
  random(): number
  /** Takes an error that no API server would give: a bug of the lab's. The controller goes on. */
  fault(error: unknown): void
}
