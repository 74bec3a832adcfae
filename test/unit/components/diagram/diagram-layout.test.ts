import { describe, expect, test } from 'vitest'
import { layoutDiagram } from '../../../../components/diagram/diagram-layout.ts'
import type { Box, DiagramLayout, Words } from '../../../../components/diagram/diagram-model.ts'
import { SMALLEST_TEXT, textWidth } from '../../../../components/diagram/diagram-text.ts'
import { MOST_TILES } from '../../../../components/diagram/pod-tiles.ts'
import { SCENES } from '../../../../components/scenes/scene-index.ts'
import { HEIGHTS, SAMPLES } from './sample-topologies.ts'

const cases = Object.entries(SAMPLES).flatMap(([name, topology]) =>
  HEIGHTS.map((height) => ({ name, height, layout: layoutDiagram({ topology, height }) })),
)
const scenes = Object.entries(SCENES).flatMap(([name, scene]) =>
  scene.kind !== 'diagram'
    ? []
    : scene.beats.flatMap(({ pictures }, beat) =>
        pictures.flatMap((picture) =>
          picture
            ? [{ name: `scene ${name} at ${beat}`, height: scene.height, layout: layoutDiagram({ ...picture, height: scene.height }) }]
            : [],
        ),
      ),
)
const all = [...cases, ...scenes]

/** The box of a line of text, by its estimated width. */
function inked({ x, y, text, size, anchor, mono, bold }: Words): Box & { text: string } {
  const width = textWidth(text, { size, mono: mono ?? false, weight: bold ? 700 : 400 })
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
  return { x: left, y: y - size * 0.76, width, height: size * 0.9, text }
}

function inside(inner: Box, outer: Box, slack = 0.5): boolean {
  return (
    inner.x >= outer.x - slack &&
    inner.y >= outer.y - slack &&
    inner.x + inner.width <= outer.x + outer.width + slack &&
    inner.y + inner.height <= outer.y + outer.height + slack
  )
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width - 0.5 && b.x < a.x + a.width - 0.5 && a.y < b.y + b.height - 0.5 && b.y < a.y + a.height - 0.5
}

function overlapping<T extends Box>(boxes: T[]): [T, T][] {
  return boxes.flatMap((a, i) => boxes.slice(i + 1).flatMap((b): [T, T][] => (overlap(a, b) ? [[a, b]] : [])))
}

const cards = (layout: DiagramLayout): Box[] => [layout.client, layout.arp, ...(layout.service ? [layout.service] : [])]

function allWords(layout: DiagramLayout): Words[] {
  return [
    ...layout.words,
    ...layout.client.words,
    ...layout.arp.words,
    ...(layout.service?.words ?? []),
    ...layout.nodes.flatMap((node) => [
      ...node.words,
      ...(node.row?.words ?? []),
      ...node.tiles.flatMap(({ words }) => words),
      ...(node.tab ? [node.tab.words] : []),
    ]),
    ...layout.extras.flatMap(({ words, arrows }) => [...words, ...arrows.map((arrow) => arrow.words)]),
    ...(layout.pill ? [layout.pill.words] : []),
  ]
}

describe('the layout of the service diagram', () => {
  test.each(all)('keeps everything on the canvas: $name, $height px', ({ layout }) => {
    const canvas = { x: 0, y: 0, width: layout.width, height: layout.height }
    const boxes: Box[] = [
      ...cards(layout),
      ...layout.nodes,
      ...layout.extras,
      ...(layout.pill ? [layout.pill] : []),
      ...allWords(layout).map(inked),
    ]
    expect(boxes.filter((box) => !inside(box, canvas))).toEqual([])
  })

  test.each(all)('lets no two boxes overlap: $name, $height px', ({ layout }) => {
    expect(overlapping([...cards(layout), ...layout.nodes])).toEqual([])
    for (const node of layout.nodes) {
      const row = node.row ? [node.row] : []
      expect(overlapping<Box>([...row, ...node.tiles])).toEqual([])
      expect([...row, ...node.tiles].filter((box) => !inside(box, node))).toEqual([])
    }
  })

  test.each(all)('lets no two texts overlap: $name, $height px', ({ layout }) => {
    expect(overlapping(allWords(layout).map(inked)).map(([a, b]) => `${a.text} / ${b.text}`)).toEqual([])
  })

  test.each(all)('keeps texts inside their boxes: $name, $height px', ({ layout }) => {
    const parts: { box: Box; words: Words[] }[] = [
      { box: layout.client, words: layout.client.words },
      { box: layout.arp, words: layout.arp.words },
      ...(layout.service ? [{ box: layout.service, words: layout.service.words }] : []),
      ...layout.nodes.flatMap((node) => [
        { box: node, words: node.words },
        ...(node.row ? [{ box: node.row, words: node.row.words }] : []),
        ...node.tiles.map((tile) => ({ box: tile, words: tile.words })),
        ...(node.tab ? [{ box: node.tab, words: [node.tab.words] }] : []),
      ]),
      ...(layout.pill ? [{ box: layout.pill, words: [layout.pill.words] }] : []),
    ]
    const outside = parts.flatMap(({ box, words }) => words.map(inked).filter((word) => !inside(word, box)))
    expect(outside.map(({ text }) => text)).toEqual([])
  })

  test.each(all)(`writes nothing smaller than ${SMALLEST_TEXT} px: $name, $height px`, ({ layout }) => {
    expect(allWords(layout).filter(({ size }) => size < SMALLEST_TEXT)).toEqual([])
  })

  test('orders nodes by role, then by name, and keeps their places whatever happens to them', () => {
    const names = (name: string): string[] =>
      layoutDiagram({ topology: SAMPLES[name]!, height: 400 }).nodes.map((node) => `${node.name} ${node.x}`)
    expect(names('a bare cluster')).toEqual(['m-k8s 344', 'w1-k8s 708', 'w2-k8s 1072', 'w3-k8s 1436'])
    for (const other of ['pending', 'NodePort', 'the holder is off', 'the address has moved', 'thirty pods']) {
      expect(names(other)).toEqual(names('a bare cluster'))
    }
  })

  test('docks the address on whoever answers for it, and marks the place that it left', () => {
    const at = (name: string) => {
      const { pill, nodes, emptySlot } = layoutDiagram({ topology: SAMPLES[name]!, height: 400 })
      const above = (x: number): string | null => nodes.find(({ wire }) => Math.abs(wire - x) < 1)?.name ?? null
      return { look: pill?.look, on: pill && above(pill.x + pill.width / 2), left: emptySlot && above(emptySlot.x + emptySlot.width / 2) }
    }
    expect(at('NodePort')).toEqual({ look: undefined, on: null, left: null })
    expect(at('pending')).toEqual({ look: 'empty', on: null, left: null })
    expect(at('an address that nobody answers for')).toEqual({ look: 'idle', on: null, left: null })
    expect(at('an address that somebody holds')).toEqual({ look: 'held', on: 'w1-k8s', left: null })
    expect(at('the holder is off')).toEqual({ look: 'lost', on: 'w1-k8s', left: null })
    expect(at('the address has moved')).toEqual({ look: 'held', on: 'w3-k8s', left: 'w1-k8s' })
  })

  test('tells what the cluster believes apart from what is true', () => {
    const said = (name: string): string | undefined =>
      layoutDiagram({ topology: SAMPLES[name]!, height: 400 })
        .nodes.find((node) => node.name === 'w1-k8s')
        ?.words.find(({ tone }) => tone === 'lost')?.text
    expect(said('the holder is off')).toBe('✕ 꺼짐 · 클러스터는 아직 Ready')
    expect(said('the cluster has noticed')).toBe('✕ 꺼짐 · NotReady')
    expect(said('an address that somebody holds')).toBeUndefined()
  })

  test('stands for every pod that has a node, more than nine of them by their number', () => {
    for (const height of HEIGHTS) {
      for (const node of layoutDiagram({ topology: SAMPLES['thirty pods']!, height }).nodes) {
        expect(node.tiles.length).toBeLessThanOrEqual(MOST_TILES)
        expect(node.tiles.flatMap(({ pods }) => pods)).toHaveLength(node.name === 'm-k8s' ? 0 : 10)
      }
    }
  })

  test('names the scene box that stands in a node which is not there', () => {
    const extra = [{ id: 'provider', title: '컨트롤러', place: { node: 'nowhere' } }]
    expect(() => layoutDiagram({ topology: SAMPLES['pending']!, extra })).toThrow('scene box provider: there is no node nowhere')
  })
})
