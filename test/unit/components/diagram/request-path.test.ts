import { describe, expect, test } from 'vitest'
import { LANE } from '../../../../components/diagram/diagram-metrics.ts'
import { layoutDiagram } from '../../../../components/diagram/diagram-layout.ts'
import type { DiagramLayout, Point } from '../../../../components/diagram/diagram-model.ts'
import { afterLength, broadcastLines, frameLine, lengthsAlong, requestPath } from '../../../../components/diagram/request-path.ts'
import { echo } from '../../../../components/scenes/echo-cluster.ts'
import { ADDRESS, request } from '../../../../components/scenes/scene-parts.ts'
import type { Hop } from '../../../../server/protocol/topology.ts'
import { HEIGHTS, SAMPLES } from './sample-topologies.ts'

const URL = `http://${ADDRESS}`
const pods = ['4t5lz', 'jn6hr', '96wqb', 'dct2x', 'lfxzt', 'lwpbz']
const ways = HEIGHTS.flatMap((height) =>
  ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'].flatMap((entry) => pods.map((pod) => ({ height, entry, pod, request: echo(URL, entry, pod) }))),
)
const held = (height: number): DiagramLayout => layoutDiagram({ topology: SAMPLES['an address that somebody holds']!, height })

/** Whether a point lies where something is drawn that a request can take: the switch, a wire's lane, a node's row or hall, the gap beside a tile. */
function onTheWay(layout: DiagramLayout, { x, y }: Point): boolean {
  if (Math.abs(y - layout.bus.from.y) <= 4) return x >= layout.bus.from.x && x <= layout.bus.to.x
  return layout.nodes.some((node) => {
    const lane = [node.wire - LANE, node.wire, node.wire + LANE].includes(x)
    const tile = node.tiles.some((box) => y === box.y + box.height / 2 && (x === box.gutter || x === box.x || x === box.x + box.width))
    const hall = y === node.hallY && (lane || node.tiles.some(({ gutter }) => gutter === x))
    return tile || hall || (lane && (y === node.y || y === node.proxyY))
  })
}

describe('the way of a request', () => {
  test.each(ways)('follows the drawn wires: in at $entry, answered by $pod, $height px', ({ height, request: visit }) => {
    const layout = held(height)
    const path = requestPath(layout, visit)
    const line = frameLine(path)
    expect(line.filter((point) => !onTheWay(layout, point))).toEqual([])
    line.slice(1).forEach((point, index) => {
      const before = line[index]!
      expect(point.x === before.x || point.y === before.y).toBe(true)
    })
    expect(line[0]).toEqual({ x: layout.bus.from.x, y: expect.closeTo(layout.bus.from.y, -1) })
    expect(path.end).toMatchObject({ outcome: 'answered', tile: { pods: [visit.pod] } })
  })

  test.each(ways)('enters no tile but the one that answers: $entry, $pod, $height px', ({ height, request: visit }) => {
    const layout = held(height)
    const line = frameLine(requestPath(layout, visit))
    const strays = layout.nodes
      .flatMap(({ tiles }) => tiles)
      .filter(({ pods: names }) => !names.includes(visit.pod!))
      .filter(({ x, y, width, height: tall }) =>
        line.slice(1).some((to, index) => {
          const from = line[index]!
          const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)]
          const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)]
          return left < x + width && right > x && top < y + tall && bottom > y
        }),
      )
    expect(strays.map(({ key }) => key)).toEqual([])
  })

  test('crosses the switch once more where the pod is on another node', () => {
    const layout = held(400)
    const crossings = (pod: string): number =>
      frameLine(requestPath(layout, echo(URL, 'w1-k8s', pod))).filter(({ y }) => Math.abs(y - layout.bus.from.y) <= 4).length
    expect(crossings('4t5lz')).toBe(2)
    expect(crossings('dct2x')).toBe(4)
  })

  test('does not run over itself where it turns back towards the client', () => {
    const layout = held(400)
    const line = frameLine(requestPath(layout, echo(URL, 'w3-k8s', '4t5lz')))
    const heights = new Set(line.filter(({ y }) => Math.abs(y - layout.bus.from.y) <= 4).map(({ y }) => y))
    expect(heights.size).toBe(2)
  })

  test.each<{ name: string; hops: Hop[]; outcome: 'lost' | 'refused'; at: string; word: string }>([
    {
      name: 'at a node that is off',
      hops: [{ hop: 'frame', from: 'client', to: 'w1-k8s', alive: false }],
      outcome: 'lost',
      at: 'w1-k8s top',
      word: '손실',
    },
    {
      name: 'on the switch, where nobody answers the question',
      hops: [{ hop: 'arp', address: ADDRESS, answeredBy: null }],
      outcome: 'lost',
      at: 'switch',
      word: '대답 없음',
    },
    {
      name: 'on its second way, where the picked pod is on a node that is off',
      hops: [
        { hop: 'frame', from: 'client', to: 'w3-k8s', alive: true },
        {
          hop: 'proxy',
          node: 'w3-k8s',
          service: 'lb-hname-svc',
          namespace: 'default',
          pod: 'lb-hname-pods-f54cc64dd-4t5lz',
          sourceRewritten: true,
        },
        { hop: 'frame', from: 'w3-k8s', to: 'w1-k8s', alive: false },
      ],
      outcome: 'lost',
      at: 'w1-k8s top',
      word: '손실',
    },
    {
      name: 'at kube-proxy, where there is no endpoint',
      hops: [
        { hop: 'frame', from: 'client', to: 'w2-k8s', alive: true },
        { hop: 'proxy', node: 'w2-k8s', service: 'lb-hname-svc', namespace: 'default', pod: null, sourceRewritten: false },
      ],
      outcome: 'refused',
      at: 'w2-k8s proxy',
      word: '거절',
    },
  ])('dies $name', ({ hops, outcome, at, word }) => {
    const layout = held(400)
    const { end } = requestPath(layout, request('x', URL, hops, outcome))
    const [place, part] = at.split(' ')
    const node = layout.nodes.find(({ name }) => name === place)
    const y = part === 'top' ? node?.y : part === 'proxy' ? node?.proxyY : layout.bus.from.y
    expect(end).toMatchObject({ y, outcome, word, tile: null })
    if (node) expect(end?.x).toBe(node.wire)
  })

  test('can be told leg by leg', () => {
    const layout = held(760)
    const visit = echo(URL, 'w1-k8s', 'dct2x')
    const kinds = (legs: number): string[] => requestPath(layout, visit, legs).legs.map(({ kind }) => kind)
    expect(kinds(Infinity)).toEqual(['question', 'answer', 'frame', 'pick', 'frame', 'pod'])
    expect(kinds(3)).toEqual(['question', 'answer', 'frame'])
    expect(requestPath(layout, visit, 3).end?.tile).toBeNull()
  })

  test('asks every wire but the one that the question comes from', () => {
    const layout = held(400)
    const [, w1] = layout.nodes
    expect(broadcastLines(layout, layout.bus.from)).toHaveLength(2 + 4)
    expect(broadcastLines(layout, { x: w1!.wire, y: w1!.y })).toHaveLength(2 + 3)
  })

  test('is null where the drawing does not know the places of its hops', () => {
    const layout = layoutDiagram({ topology: SAMPLES['nothing yet']! })
    expect(requestPath(layout, request('x', URL, [{ hop: 'frame', from: 'client', to: 'w9', alive: true }], 'lost')).end).toBeNull()
  })
})

describe('a polyline', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 30 },
  ]

  test('knows its length up to each point', () => {
    expect(lengthsAlong(points)).toEqual([0, 10, 40])
  })

  test.each([
    [0, points],
    [4, [{ x: 4, y: 0 }, ...points.slice(1)]],
    [25, [{ x: 10, y: 15 }, points[2]]],
    [40, []],
  ])('goes on after %s px', (length, rest) => {
    expect(afterLength(points, length)).toEqual(rest)
  })
})
