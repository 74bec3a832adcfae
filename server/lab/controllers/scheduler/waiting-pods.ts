/**
 * Pods that fit nowhere, as the unschedulable pods and the backoff queue of the scheduler's queue (pkg/scheduler/backend/queue):
 *
 *     state      until                                                               then
 *     parked     a change that may help with what turned the pod down                backing off
 *                five minutes are over (flushUnschedulablePodsLeftover)              tried again
 *     backing    one second since it failed, twice as long each time, up to ten      tried again
 *     tried      it fits, or is gone                                                 forgotten
 *                it fails again                                                      parked
 */
import type { Clock, Timer } from '../../clock.ts'
import type { Disposable } from '../../store/store.ts'
import type { Plugin } from './filter.ts'

/** What may make room: another node or a better one, a pod that is gone, a pod that is there now, a volume or a claim. */
export type Change = 'node' | 'pod gone' | 'pod there' | 'volume'

/** Which plugins a change of pods can help with (their EventsToRegister); a node's can help with every one. */
const HELPED: Record<Exclude<Change, 'node'>, ReadonlySet<Plugin>> = {
  'pod gone': new Set<Plugin>(['NodePorts', 'NodeResourcesFit', 'PodTopologySpread', 'InterPodAffinity']),
  volume: new Set<Plugin>(['VolumeBinding']),
  'pod there': new Set<Plugin>(['PodTopologySpread', 'InterPodAffinity']),
}
const RETRY_AFTER = 300_000
const FIRST_BACK_OFF = 1000
const LONGEST_BACK_OFF = 10_000

interface Waiting {
  plugins: ReadonlySet<Plugin>
  attempts: number
  /** When it failed last, ms. */
  at: number
  timer: Timer | null
}

export interface WaitingPods extends Disposable {
  has(key: string): boolean
  /** A pod was turned down by these plugins. */
  failed(key: string, plugins: ReadonlySet<Plugin>): void
  forget(key: string): void
  /** Something changed in the cluster. */
  changed(change: Change): void
  /** The pod itself changed in a way that may help. */
  updated(key: string): void
}

/** `retry` is called where it is a pod's turn again. */
export function createWaitingPods(clock: Clock, retry: (key: string) => void): WaitingPods {
  const waiting = new Map<string, Waiting>()
  /** Those that no change has reached yet: an event has nothing to say to the others. */
  const parked = new Set<string>()

  const tryAfter = (key: string, pod: Waiting, ms: number): void => {
    pod.timer?.cancel()
    pod.timer = clock.after(ms, () => {
      pod.timer = null
      parked.delete(key)
      retry(key)
    })
  }
  const backOff = (key: string): void => {
    const pod = waiting.get(key)
    if (!pod || !parked.delete(key)) return
    const until = pod.at + Math.min(FIRST_BACK_OFF * 2 ** (pod.attempts - 1), LONGEST_BACK_OFF)
    tryAfter(key, pod, Math.max(0, until - clock.now()))
  }

  return {
    has: (key) => waiting.has(key),
    failed(key, plugins) {
      const pod: Waiting = waiting.get(key) ?? { plugins, attempts: 0, at: 0, timer: null }
      pod.plugins = plugins
      pod.attempts++
      pod.at = clock.now()
      waiting.set(key, pod)
      parked.add(key)
      tryAfter(key, pod, RETRY_AFTER)
    },
    forget(key) {
      waiting.get(key)?.timer?.cancel()
      waiting.delete(key)
      parked.delete(key)
    },
    changed(change) {
      if (parked.size === 0) return
      const helped = change === 'node' ? null : HELPED[change]
      for (const key of parked) {
        const plugins = waiting.get(key)?.plugins
        if (plugins && (helped === null || !plugins.isDisjointFrom(helped))) backOff(key)
      }
    },
    updated: backOff,
    dispose() {
      for (const { timer } of waiting.values()) timer?.cancel()
      waiting.clear()
      parked.clear()
    },
  }
}
