/**
 * The places that pods have had, shared by all diagrams of a page: the talk shows one cluster on many slides, and a pod's tile keeps its place
 * from slide to slide. Uids are unique, so that different labs do not meet here.
 */
import type { PodSlots } from './pod-slots.ts'

/** Pods remembered; the oldest are forgotten first. */
const MOST_REMEMBERED = 2_000

const places = new Map<string, { node: string; slot: number }>()

/** What a diagram starts from: its own slots, and the places that other diagrams gave. */
export function recallSlots(own: PodSlots): PodSlots {
  return { byPod: { ...Object.fromEntries(places), ...own.byPod }, peak: own.peak }
}

export function rememberSlots(slots: PodSlots): void {
  for (const [uid, place] of Object.entries(slots.byPod)) {
    places.delete(uid)
    places.set(uid, place)
  }
  for (const uid of places.keys()) {
    if (places.size <= MOST_REMEMBERED) break
    places.delete(uid)
  }
}
