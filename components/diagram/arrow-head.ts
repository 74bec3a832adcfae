import type { Point } from './diagram-model.ts'

/**
 * The head of an arrow that comes from `from` and ends at `tip`, as path data. Drawn by hand: an SVG marker is found by its id, and on a page
 * of many slides the first drawing with that id may be hidden, and its markers with it.
 */
export function arrowHead(from: Point, tip: Point, size = 13): string {
  const angle = Math.atan2(tip.y - from.y, tip.x - from.x)
  const side = (turn: number): string => {
    const x = tip.x - size * Math.cos(angle + turn)
    const y = tip.y - size * Math.sin(angle + turn)
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  }
  return `M${side(0.6)} L${tip.x} ${tip.y} L${side(-0.6)}`
}
