/**
 * Requests on their way, with the Web Animations API: no timers, and every element goes when its animation ends or when the motion is disposed.
 * A question goes everywhere, its answer comes back, a dot follows the drawn way, and the way fades after it.
 */
import type { Point } from './diagram-model.ts'
import { frameLine, lengthsAlong, type RequestPath } from './request-path.ts'

const SVG = 'http://www.w3.org/2000/svg'
/** ms. */
const QUESTION = 420
const ANSWER = 380
const REST = 700
const FADE = 600
/** px a ms: the longest way takes about a second and a half. */
const SPEED = 1.9
/** More dots than this at once, and only dots are drawn: twenty ways at once would be one blot. */
const MOST_TRAILS = 4
/** Dots of a burst start this far apart, ms. */
const STAGGER = 70
const MOST_DOTS = 40

/** The keyframes that lead a dot along a polyline at an even speed. */
export function dotKeyframes(points: Point[]): Keyframe[] {
  const lengths = lengthsAlong(points)
  const whole = lengths.at(-1) ?? 0
  return points.map(({ x, y }, index) => ({
    transform: `translate(${x}px, ${y}px)`,
    offset: whole === 0 ? (index === 0 ? 0 : 1) : (lengths[index] as number) / whole,
  }))
}

/** `M x y L x y ...` */
export function pathData(points: Point[]): string {
  return points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
}

/** How long a dot takes along the polyline, ms. */
export function travelTime(points: Point[]): number {
  return Math.min(1_700, Math.max(260, (lengthsAlong(points).at(-1) ?? 0) / SPEED))
}

export class RequestMotion {
  private readonly trails: SVGGElement
  private readonly dots: SVGGElement
  private readonly running = new Set<Animation>()
  private underWay = 0
  private readonly reduced: () => boolean

  /** `trails` lies under the words, `dots` over everything. `reduced`: the person wants no movement; ways then only appear and fade. */
  constructor(trails: SVGGElement, dots: SVGGElement, reduced: () => boolean) {
    this.trails = trails
    this.dots = dots
    this.reduced = reduced
  }

  /** How many requests are being shown. */
  get busy(): number {
    return this.underWay
  }

  /** Shows one request. `question` is where an ARP question goes, drawn only if the path has one. `order` is its place in a burst. */
  play(path: RequestPath, question: Point[][], order = 0): void {
    if (this.underWay >= MOST_DOTS) return
    const line = frameLine(path)
    const crowded = this.underWay >= MOST_TRAILS || order >= MOST_TRAILS
    let start = order * STAGGER
    if (this.reduced()) {
      this.appear(line, path, 0)
      return
    }
    if (path.legs.some(({ kind }) => kind === 'question')) {
      this.spread(question, start, 'trace-question')
      start += QUESTION
    }
    const answer = path.legs.find(({ kind }) => kind === 'answer')
    if (answer !== undefined) {
      this.move(answer.points, start, ANSWER, 'trace-answer', 9)
      start += ANSWER
    }
    const duration = line.length > 1 ? travelTime(line) : 0
    if (line.length > 1) {
      if (!crowded) this.trail(line, start, duration)
      this.move(line, start, duration, 'trace-dot', 12)
    }
    this.finish(path, start + duration)
  }

  /** Somebody tells the whole LAN unasked: the address is here. */
  announce(lines: Point[][]): void {
    if (this.reduced()) return
    this.spread(lines, 0, 'trace-question')
  }

  /** Ends everything at once. */
  dispose(): void {
    for (const animation of this.running) animation.cancel()
    this.running.clear()
    this.trails.replaceChildren()
    this.dots.replaceChildren()
  }

  private element(layer: SVGGElement, name: string, className: string, attributes: Record<string, string | number>): SVGElement {
    const element = document.createElementNS(SVG, name)
    element.setAttribute('class', className)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
    layer.append(element)
    return element
  }

  private animate(element: SVGElement, keyframes: Keyframe[], timing: KeyframeAnimationOptions, last = true): void {
    const animation = element.animate(keyframes, { fill: 'both', ...timing })
    this.running.add(animation)
    this.underWay += last ? 1 : 0
    const done = (): void => {
      if (!this.running.delete(animation)) return
      if (!last) return
      this.underWay--
      element.remove()
    }
    animation.addEventListener('finish', done)
    animation.addEventListener('cancel', () => {
      if (last) this.underWay--
    })
  }

  private trail(points: Point[], delay: number, duration: number): void {
    const element = this.element(this.trails, 'path', 'trace-trail', { d: pathData(points), pathLength: 1 })
    element.style.strokeDasharray = '1 1'
    this.animate(element, [{ strokeDashoffset: 1 }, { strokeDashoffset: 0 }], { delay, duration }, false)
    this.animate(element, [{ opacity: 1 }, { opacity: 0 }], { delay: delay + duration + REST, duration: FADE, easing: 'ease-in' })
  }

  private move(points: Point[], delay: number, duration: number, className: string, r: number): void {
    const element = this.element(this.dots, 'circle', className, { r })
    this.animate(element, dotKeyframes(points), { delay, duration, easing: 'linear' }, false)
    const shown = [{ opacity: 0 }, { opacity: 1, offset: 0.02 }, { opacity: 1, offset: 0.9 }, { opacity: 0 }]
    this.animate(element, shown, { delay, duration: duration + 180 })
  }

  private spread(lines: Point[][], delay: number, className: string): void {
    for (const points of lines) {
      const element = this.element(this.trails, 'path', className, { d: pathData(points), pathLength: 1 })
      element.style.strokeDasharray = '1 1'
      this.animate(element, [{ strokeDashoffset: 1 }, { strokeDashoffset: 0 }], { delay, duration: QUESTION, easing: 'ease-out' }, false)
      this.animate(element, [{ opacity: 1 }, { opacity: 0 }], { delay: delay + QUESTION * 0.8, duration: FADE })
    }
  }

  private finish({ end }: RequestPath, delay: number): void {
    if (end === null) return
    if (end.tile !== null) {
      const { x, y, width, height } = end.tile
      const element = this.element(this.trails, 'rect', 'trace-tile', { x, y, width, height, rx: 10 })
      this.animate(element, [{ opacity: 0 }, { opacity: 1, offset: 0.1 }, { opacity: 1, offset: 0.5 }, { opacity: 0 }], {
        delay,
        duration: 1_300,
      })
    }
    if (end.outcome === 'answered') return
    const cross = this.element(this.dots, 'g', 'trace-cross', {})
    const mark = document.createElementNS(SVG, 'path')
    mark.setAttribute('d', crossData(end))
    cross.append(mark)
    if (end.word !== null) cross.append(wordAt(end, end.word))
    this.animate(cross, [{ opacity: 0 }, { opacity: 1, offset: 0.06 }, { opacity: 1, offset: 0.7 }, { opacity: 0 }], {
      delay,
      duration: 1_700,
    })
  }

  private appear(line: Point[], path: RequestPath, delay: number): void {
    if (line.length > 1) {
      const element = this.element(this.trails, 'path', 'trace-trail', { d: pathData(line) })
      const shown = [{ opacity: 0 }, { opacity: 1, offset: 0.1 }, { opacity: 1, offset: 0.6 }, { opacity: 0 }]
      this.animate(element, shown, { delay, duration: 2_000 })
    }
    this.finish(path, delay)
  }
}

/** A cross of 24 px. */
export function crossData({ x, y }: Point): string {
  const r = 12
  return `M${x - r} ${y - r} L${x + r} ${y + r} M${x - r} ${y + r} L${x + r} ${y - r}`
}

/** Where the word beside a cross begins: below the line on which it stands, clear of what is written above. */
export function wordPlace({ x, y }: Point): Point {
  return { x: x + 20, y: y + 29 }
}

function wordAt(end: Point, word: string): SVGElement {
  const text = document.createElementNS(SVG, 'text')
  const { x, y } = wordPlace(end)
  text.setAttribute('x', String(x))
  text.setAttribute('y', String(y))
  text.setAttribute('class', 'trace-word')
  text.textContent = word
  return text
}
