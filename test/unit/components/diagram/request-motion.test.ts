import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { layoutDiagram } from '../../../../components/diagram/diagram-layout.ts'
import { dotKeyframes, RequestMotion, travelTime } from '../../../../components/diagram/request-motion.ts'
import { broadcastLines, requestPath } from '../../../../components/diagram/request-path.ts'
import { freshRequests } from '../../../../components/diagram/fresh-requests.ts'
import { restingRequest } from '../../../../components/diagram/resting-request.ts'
import { echo } from '../../../../components/scenes/echo-cluster.ts'
import { ADDRESS, fold } from '../../../../components/scenes/scene-parts.ts'
import type { TopologyChange } from '../../../../server/protocol/topology.ts'
import { SAMPLES, T0, unscheduled } from './sample-topologies.ts'

interface FakeAnimation {
  keyframes: Keyframe[]
  listeners: Record<string, () => void>
  addEventListener(name: string, listener: () => void): void
  state: 'running' | 'finished' | 'cancelled'
  cancel(): void
}

/** Just enough of an SVG element: it knows its children and records what it was animated with. */
class FakeElement {
  static animations: FakeAnimation[] = []
  parent: FakeElement | null = null
  children: FakeElement[] = []
  style: Record<string, string> = {}
  textContent = ''
  setAttribute(): void {}
  append(child: FakeElement): void {
    child.parent = this
    this.children.push(child)
  }
  remove(): void {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this)
  }
  replaceChildren(): void {
    this.children = []
  }
  animate(keyframes: Keyframe[]): FakeAnimation {
    const animation: FakeAnimation = {
      keyframes,
      listeners: {},
      addEventListener: (name, listener) => void (animation.listeners[name] = listener),
      state: 'running',
      cancel: () => {
        animation.state = 'cancelled'
        animation.listeners['cancel']?.()
      },
    }
    FakeElement.animations.push(animation)
    return animation
  }
}

const layout = layoutDiagram({ topology: SAMPLES['an address that somebody holds']!, height: 400 })
const path = requestPath(layout, echo(`http://${ADDRESS}`, 'w1-k8s', 'dct2x'))
const question = broadcastLines(layout, layout.bus.from)

function stage(reduced = false) {
  const trails = new FakeElement()
  const dots = new FakeElement()
  const motion = new RequestMotion(trails as unknown as SVGGElement, dots as unknown as SVGGElement, () => reduced)
  const left = (): number => trails.children.length + dots.children.length
  return { motion, left }
}

function finishAll(): void {
  for (const animation of FakeElement.animations.splice(0)) {
    if (animation.state !== 'running') continue
    animation.state = 'finished'
    animation.listeners['finish']?.()
  }
}

beforeEach(() => {
  FakeElement.animations = []
  vi.stubGlobal('document', { createElementNS: () => new FakeElement() })
})
afterEach(() => vi.unstubAllGlobals())

describe('a request in motion', () => {
  test('leaves nothing behind when it has arrived', () => {
    const { motion, left } = stage()
    motion.play(path, question)
    expect(left()).toBeGreaterThan(0)
    finishAll()
    expect([left(), motion.busy]).toEqual([0, 0])
  })

  test('leaves nothing behind when its drawing goes', () => {
    const { motion, left } = stage()
    motion.play(path, question)
    motion.dispose()
    expect([left(), motion.busy]).toEqual([0, 0])
    expect(FakeElement.animations.filter(({ state }) => state === 'running')).toEqual([])
  })

  test('is bounded in a burst', () => {
    const { motion, left } = stage()
    for (let order = 0; order < 500; order++) motion.play(path, question, order)
    expect(left()).toBeLessThan(200)
    finishAll()
    expect(left()).toBe(0)
  })

  test('only appears and fades where the person wants no movement', () => {
    const { motion } = stage(true)
    motion.play(path, question)
    const moved = FakeElement.animations
      .flatMap(({ keyframes }) => keyframes)
      .filter((frame) => 'transform' in frame || 'strokeDashoffset' in frame)
    expect(moved).toEqual([])
  })

  test('keeps an even speed along its way', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 30, y: 0 },
      { x: 30, y: 10 },
    ]
    expect(dotKeyframes(points).map(({ offset }) => offset)).toEqual([0, 0.75, 1])
    expect(travelTime(points)).toBe(260)
    expect(travelTime([points[0]!, { x: 99_999, y: 0 }])).toBe(1_700)
  })
})

describe('requests worth showing', () => {
  const at = (id: string, ms: number): TopologyChange => ({
    op: 'request',
    request: { ...echo(`http://${ADDRESS}`, 'w1-k8s', 'dct2x'), id, at: T0 + ms },
  })
  const base = fold([], SAMPLES['a bare cluster'])

  test('are the new ones, in their order', () => {
    const before = fold([at('a', 0)], base)
    const after = fold([at('b', 500), at('c', 1_000)], before)
    expect(freshRequests(before, after).map(({ id }) => id)).toEqual(['b', 'c'])
    expect(freshRequests(after, after)).toEqual([])
  })

  test('are after a jump in time only those of its last moments', () => {
    const after = fold([at('a', 0), at('b', 60_000), at('c', 61_000)], base)
    expect(freshRequests(base, after).map(({ id }) => id)).toEqual(['b', 'c'])
  })

  test('without motion are the last one alone, while its way is still true', () => {
    const seen = fold([at('a', 0), at('b', 500)], base)
    expect(restingRequest(seen)?.id).toBe('b')
    expect(restingRequest(base)).toBeNull()
    const later: TopologyChange[] = [
      { op: 'power', node: 'w1-k8s', on: false, at: T0 + 600 },
      { op: 'gratuitous-arp', address: ADDRESS, host: 'w3-k8s', at: T0 + 600 },
      { op: 'pod', pod: { ...unscheduled('late'), createdAt: T0 + 600 } },
      { op: 'pod-gone', uid: 'lb-hname-pods-f54cc64dd-dct2x' },
    ]
    for (const change of later) expect(restingRequest(fold([change], seen))).toBeNull()
  })
})
