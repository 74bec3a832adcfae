/** What a finger means: a short touch that does not move turns the slides, the left third back and the rest forward. Longer ways are Slidev's swipes. */

export interface TouchPoint {
  x: number
  y: number
  /** ms on any monotonic clock. */
  time: number
}

/** Further than this (CSS pixels) it is a swipe. */
const STILL_WITHIN = 12
/** Longer than this (ms) it is a press: the browser's own menu, or a selection. */
const SHORT_WITHIN = 400
/** The part of the slide's width, from the left, that goes back. */
const BACK_BEFORE = 1 / 3

/** `width` and `left` are those of the slide as drawn. */
export function tapOf(down: TouchPoint, up: TouchPoint, slide: { left: number; width: number }): 'next' | 'previous' | null {
  if (Math.hypot(up.x - down.x, up.y - down.y) > STILL_WITHIN || up.time - down.time > SHORT_WITHIN) return null
  return (up.x - slide.left) / slide.width < BACK_BEFORE ? 'previous' : 'next'
}
