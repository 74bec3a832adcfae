/** Lets a move wait until the slide that it starts from is there. */
import { nextTick, ref, watch, type Ref } from 'vue'

/** A slide that could not be loaded must not hold the talk for longer than this (ms). */
const WAIT_AT_MOST = 3000

/**
 * `move`: `next` or `prev` of a clicker. A slide that is not mounted has no clicks yet, so that a step forward would leave it with all that it has to
 * show; a move made then is kept, and the kept ones are made in their order as soon as `mounted`, which is true while the current slide is there.
 */
export function patiently(mounted: Readonly<Ref<boolean>>): (move: () => unknown) => void {
  const kept: (() => unknown)[] = []
  const impatient = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let making = false

  async function make(): Promise<void> {
    if (making) return
    making = true
    while (kept.length > 0 && (mounted.value || impatient.value)) {
      await kept.shift()!()
      // the slide reads its clicks one tick after it is mounted, and each move may mount another slide
      await nextTick()
      await nextTick()
    }
    making = false
    clearTimeout(timer)
    impatient.value = false
    if (kept.length > 0) timer = setTimeout(() => (impatient.value = true), WAIT_AT_MOST)
  }

  watch([mounted, impatient], () => kept.length > 0 && nextTick(make))
  return (move) => {
    kept.push(move)
    void make()
  }
}
