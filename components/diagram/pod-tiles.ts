/** The tiles of the pods in a node. */
import type { Topology, TopologyPod } from '../../server/protocol/topology.ts'
import { line } from './client-column.ts'
import { NODE_INSET, type Metrics } from './diagram-metrics.ts'
import type { Box, TileLayout, Words } from './diagram-model.ts'
import { shortPodName, statusWord, textWidth } from './diagram-text.ts'
import { isAddressController, type PodSlots } from './pod-slots.ts'

/** More pods than this on one node become a number. */
export const MOST_TILES = 9

interface Grid {
  columns: number
  rows: number
  width: number
  tile: Metrics['tiles'][number]
}

/** The roomiest grid that has `needed` places within the box; the densest where none has. */
function tileGrid(box: Box, needed: number, m: Metrics): Grid {
  const grids: Grid[] = []
  for (let columns = box.width >= 270 ? 2 : 1; columns <= 3; columns++) {
    const width = Math.floor((box.width - (columns - 1) * m.gap) / columns)
    if (columns > 1 && width < 82) break
    for (const tile of m.tiles) {
      grids.push({ columns, rows: Math.max(1, Math.floor((box.height + m.gap) / (tile.height + m.gap))), width, tile })
    }
  }
  const capacity = (grid: Grid): number => grid.columns * grid.rows
  return grids.find((grid) => capacity(grid) >= Math.min(needed, MOST_TILES)) ?? grids.reduce((a, b) => (capacity(b) > capacity(a) ? b : a))
}

function tileWords(pod: TopologyPod, box: Box, grid: Grid, answered: number, gone: boolean): Words[] {
  const pad = box.width < 110 ? 7 : 12
  const inner = box.width - 2 * pad
  const { name, nameBase, detail, detailBase } = grid.tile
  const title = isAddressController(pod) ? 'controller' : shortPodName(pod.name)
  const running = pod.status === 'Running' && !pod.terminating
  const tone = gone || !pod.ready ? 'soft' : 'ink'
  const words = [line(title, box.x + pad, box.y + nameBase, inner, { size: name, weight: 700, mono: true }, { tone })]
  const count = answered > 9999 ? `${Math.floor(answered / 1000)}k` : `${answered}`
  const counts = answered > 0 && textWidth(title, { size: name, mono: true }) + textWidth(count, { size: 18, mono: true }) + 8 <= inner
  if (counts)
    words.push(line(count, box.x + box.width - pad, box.y + nameBase, inner, { size: 18, mono: true }, { anchor: 'end', tone: 'soft' }))
  const state = pod.terminating
    ? 'Terminating'
    : pod.status === 'Running' && !pod.ready
      ? gone
        ? null
        : '준비 안 됨'
      : running
        ? null
        : statusWord(pod.status)
  const second = state ?? pod.address
  if (second === null) return words
  const style = { size: detail, mono: state === null || /^[\x20-\x7e]+$/.test(state) }
  const fits = textWidth(second, { ...style, size: 18 }) <= inner
  // An address that has no room shows its end, which tells the pods of a node apart.
  const shown = fits || state !== null ? second : `…${second.split('.').slice(-2).join('.')}`
  words.push(line(shown, box.x + pad, box.y + detailBase, inner, style, { tone: state === null ? 'soft' : 'ink' }))
  return words
}

/** The tiles of the pods on `node` within the area; the last place stands for all that have none. */
export function podTiles(topology: Topology, pods: TopologyPod[], slots: PodSlots, node: string, area: Box, m: Metrics): TileLayout[] {
  const grid = tileGrid(area, slots.peak, m)
  const here = pods.filter((pod) => pod.node === node)
  const places = Math.min(grid.columns * grid.rows, MOST_TILES)
  const slotOf = (pod: TopologyPod): number => slots.byPod[pod.uid]?.slot ?? Infinity
  const overflow = here.some((pod) => slotOf(pod) >= places)
  const hidden = overflow ? here.filter((pod) => slotOf(pod) >= places - 1) : []
  const off = topology.poweredOff[node] !== undefined
  const place = (slot: number): Box & { gutter: number } => {
    const column = slot % grid.columns
    const x = area.x + column * (grid.width + m.gap)
    const y = area.y + Math.floor(slot / grid.columns) * (grid.tile.height + m.gap)
    const gutter = grid.columns === 1 ? x - NODE_INSET / 2 : column === 0 ? x + grid.width + m.gap / 2 : x - m.gap / 2
    return { x, y, width: grid.width, height: grid.tile.height, gutter }
  }
  const tiles: TileLayout[] = here
    .filter((pod) => !hidden.includes(pod))
    .map((pod) => {
      const box = place(slotOf(pod))
      const solid = pod.ready && !pod.terminating && !off
      const words = tileWords(pod, box, grid, topology.answered[pod.name] ?? 0, off)
      return { ...box, key: pod.uid, pods: [pod.name], words, line: solid ? 'solid' : 'dashed', faded: off }
    })
  if (hidden.length > 0) {
    const box = place(places - 1)
    const words = [
      line(
        `+${hidden.length}`,
        box.x + box.width / 2,
        box.y + box.height / 2 + 8,
        box.width - 16,
        { size: 22, weight: 700, mono: true },
        { anchor: 'middle' },
      ),
    ]
    tiles.push({ ...box, key: `more:${node}`, pods: hidden.map((pod) => pod.name), words, line: off ? 'dashed' : 'solid', faded: off })
  }
  return tiles
}
