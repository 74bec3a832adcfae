/** Which machines of the lab are switched on: the truth, which the cluster only learns of by and by. */
import type { Disposable } from './store/store.ts'

export interface NodePower {
  /** True for every node that was not switched off, also for hosts that are no node. */
  isOn(node: string): boolean
  /** Lab time of the moment when it was switched off, ms; null where it is on. */
  offSince(node: string): number | null
  /** Returns whether this changed anything. Listeners are called before it returns. */
  set(node: string, on: boolean): boolean
  onChange(listener: (node: string, on: boolean) => void): Disposable
}

/** All nodes on. `now` gives lab time in ms. */
export function createNodePower(now: () => number): NodePower {
  const off = new Map<string, number>()
  const listeners = new Set<(node: string, on: boolean) => void>()
  return {
    isOn: (node) => !off.has(node),
    offSince: (node) => off.get(node) ?? null,
    set(node, on) {
      if (on === !off.has(node)) return false
      if (on) off.delete(node)
      else off.set(node, now())
      for (const listener of [...listeners]) listener(node, on)
      return true
    },
    onChange(listener) {
      listeners.add(listener)
      return { dispose: () => void listeners.delete(listener) }
    },
  }
}
