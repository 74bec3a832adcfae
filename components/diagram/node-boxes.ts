/** The nodes with their wires and pods. */
import type { Topology, TopologyNode, TopologyPod, TopologyService } from '../../server/protocol/topology.ts'
import { line } from './client-column.ts'
import { CANVAS_WIDTH, NODES_LEFT, type Metrics } from './diagram-metrics.ts'
import type { Box, NodeLayout, TileLayout, Words } from './diagram-model.ts'
import { shortPodName, SMALLEST_TEXT, statusWord, textWidth } from './diagram-text.ts'
import type { AddressState } from './focused-service.ts'
import { isAddressController, type PodSlots } from './pod-slots.ts'

/** More pods than this on one node become a number. */
export const MOST_TILES = 9
/** Distance of a node's contents from its border. */
const INSET = 14

/** The nodes in the order that the talk keeps: control plane first, then by name. */
export function orderedNodes(topology: Topology): TopologyNode[] {
  return Object.values(topology.nodes).sort(
    (a, b) => Number(b.controlPlane) - Number(a.controlPlane) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  )
}

/** Width of the node where there are only one or two. */
const WIDEST = 520

/** Where `count` nodes stand. Three keep the width that four have, so that a node's place does not change when the last one joins. */
export function nodeFrames(count: number, m: Metrics, height: number): Box[] {
  const gap = count > 4 ? 12 : 20
  const columns = Math.max(count, 4)
  const even = Math.floor((CANVAS_WIDTH - NODES_LEFT - (columns - 1) * gap - 20) / columns)
  const width = count > 2 ? even : WIDEST
  return Array.from({ length: count }, (_, i) => ({
    x: NODES_LEFT + i * (width + gap),
    y: m.nodeTop,
    width,
    height: height - m.nodeTop - 2,
  }))
}

interface Grid {
  columns: number
  rows: number
  width: number
  tile: Metrics['tiles'][number]
}

/** The roomiest grid that has `needed` places within the box; the densest where none has. */
export function tileGrid(box: Box, needed: number, m: Metrics): Grid {
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

function podTiles(topology: Topology, pods: TopologyPod[], slots: PodSlots, node: string, area: Box, m: Metrics): TileLayout[] {
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
    const gutter = grid.columns === 1 ? x - INSET / 2 : column === 0 ? x + grid.width + m.gap / 2 : x - m.gap / 2
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

/** kubectl's STATUS of a node that is ready, the fullest form first. */
function believed(node: TopologyNode): string[] {
  return node.schedulable ? ['Ready'] : ['SchedulingDisabled', 'cordon']
}

/** Node names of a cloud carry its domain; where the nodes share it, it says nothing. */
function shortNodeName(name: string, topology: Topology): string {
  const [host = name, ...domain] = name.split('.')
  const shared = Object.keys(topology.nodes).every((other) => other.split('.').slice(1).join('.') === domain.join('.'))
  const ambiguous = Object.keys(topology.nodes).filter((other) => other.split('.')[0] === host).length > 1
  return shared || !ambiguous ? host : name
}

function headWords(
  topology: Topology,
  node: TopologyNode,
  box: Box,
  { silent, plain }: { silent: boolean; plain: boolean },
  m: Metrics,
): Words[] {
  const inset = box.width < 200 ? INSET - 2 : INSET + 4
  const x = box.x + inset
  const right = box.x + box.width - inset
  const inner = right - x
  const name = shortNodeName(node.name, topology)
  const nameStyle = { size: m.node.name, weight: 700, mono: true } as const
  const stateStyle = { size: m.node.rowText, weight: 400 } as const
  const words: Words[] = []
  let room = inner
  // While it says nothing, its row tells the state. Otherwise the plain word gives way to the name, the unusual one does not.
  const least = textWidth(name, { ...nameStyle, size: SMALLEST_TEXT })
  const wanted = node.schedulable ? least : Math.min(least, inner * 0.5)
  const state =
    silent || plain
      ? undefined
      : believed(node).find((text) => textWidth(text, { ...stateStyle, size: SMALLEST_TEXT }) <= inner - wanted - 12)
  if (state !== undefined) {
    const shown = line(state, right, box.y + m.node.nameBase, inner - wanted - 12, stateStyle, {
      anchor: 'end',
      tone: node.schedulable ? 'soft' : 'ink',
    })
    words.push(shown)
    room = inner - textWidth(shown.text, { size: shown.size }) - 12
  }
  words.push(line(name, x, box.y + m.node.nameBase, room, nameStyle, { tone: silent ? 'soft' : 'ink' }))
  words.push(line(node.address, x, box.y + m.node.addressBase, inner, { size: m.node.address, mono: true }, { tone: 'soft' }))
  return words
}

/** One node. `holds`: it answers for the focused Service's address. `notes` are lines at its foot, while no tile needs the place. */
export function nodeBox(
  topology: Topology,
  node: TopologyNode,
  box: Box,
  parts: {
    pods: TopologyPod[]
    slots: PodSlots
    service: TopologyService | null
    address: AddressState
    holds: boolean
    reserved: number
    plain: boolean
  },
  m: Metrics,
): NodeLayout {
  const wire = box.x + box.width / 2
  const off = topology.poweredOff[node.name] !== undefined
  const silent = off || node.ready !== 'True'
  const words = headWords(topology, node, box, { silent, plain: parts.plain }, m)
  const top = box.y + m.node.rowTop
  const inner = box.width - 2 * INSET
  const style = { size: m.node.rowText, mono: true }
  const hasSpeaker = node.speaker !== 'none'
  const stacked = hasSpeaker && textWidth('kube-proxyspeaker', { ...style, size: 18 }) + 24 + 34 > inner
  // The rows take the same room whatever they say, so that no tile moves when a node falls silent.
  const tall = textWidth('kube-proxyspeaker', { ...style, size: 18 }) + 24 + 34 > inner
  const rowHeight = tall ? m.node.rowHeight + 26 : m.node.rowHeight
  const base = top + m.node.rowHeight * 0.5 + 7
  let row: NodeLayout['row'] = null
  if (parts.plain) {
    row = null
  } else if (silent) {
    const belief = node.ready === 'True' ? '클러스터는 아직 Ready' : 'NotReady'
    const said = off ? ['✕ 꺼짐', belief] : ['✕ NotReady', '소식 없음']
    const lost = { size: m.node.rowText + 1, weight: 700 } as const
    const joined = said.join(' · ')
    if (!tall) words.push(line(joined, box.x + INSET + 4, base, inner - 8, lost, { tone: 'lost' }))
    else {
      words.push(line(said[0] as string, box.x + INSET + 4, base, inner - 8, lost, { tone: 'lost' }))
      words.push(
        line(node.ready === 'True' && off ? '아직 Ready' : (said[1] as string), box.x + INSET + 4, base + 27, inner - 8, lost, {
          tone: 'lost',
        }),
      )
    }
  } else {
    const said = [line('kube-proxy', box.x + INSET + 12, base, inner - 24, style, { tone: 'soft' })]
    row = { x: box.x + INSET, y: top, width: inner, height: rowHeight, words: said, speaker: null }
    if (hasSpeaker) {
      const running = node.speaker === 'running'
      const y = stacked ? base + 26 : base
      const right = box.x + box.width - INSET - 12
      const size = Math.min(m.node.rowText, stacked ? 18 : m.node.rowText)
      const speakerWords = line(
        'speaker',
        stacked ? box.x + INSET + 32 : right,
        y,
        inner,
        { size, mono: true, weight: parts.holds ? 700 : 400 },
        {
          anchor: stacked ? 'start' : 'end',
          tone: parts.holds ? 'accent' : 'soft',
        },
      )
      said.push(speakerWords)
      const dotX = stacked ? box.x + INSET + 19 : right - textWidth('speaker', { size, mono: true }) - 16
      row.speaker = { x: dotX, y: y - 7, holds: parts.holds, running }
    }
  }
  const areaTop = top + rowHeight + 12
  const area = { x: box.x + INSET, y: areaTop, width: inner, height: box.y + box.height - INSET - areaTop - parts.reserved }
  const tiles = podTiles(topology, parts.pods, parts.slots, node.name, area, m)
  if (tiles.length === 0 && node.controlPlane && parts.reserved === 0) {
    const note = ['컨트롤 플레인: 일반 Pod 없음', '일반 Pod 없음'].find((text) => textWidth(text, { size: 19 }) <= inner - 8) ?? 'Pod 없음'
    words.push(line(note, box.x + INSET + 4, box.y + box.height - 20, inner - 8, { size: 19 }, { tone: 'soft' }))
  }
  return {
    ...box,
    name: node.name,
    wire,
    off,
    holds: parts.holds,
    wireState: off ? 'lost' : 'up',
    words,
    row,
    proxyY: top + m.node.rowHeight / 2,
    hallY: areaTop - 6,
    tiles,
    tab: portTab(parts.service, wire, off, box.width, m),
  }
}

function portTab(service: TopologyService | null, wire: number, off: boolean, room: number, m: Metrics): NodeLayout['tab'] {
  if (service?.type !== 'NodePort') return null
  const [first, ...others] = service.ports.map(({ nodePort }) => nodePort).filter((port) => port !== null)
  if (first === undefined) return null
  const text = `:${first}${others.length > 0 ? ` +${others.length}` : ''}`
  const style = { size: m.pill.text - 2, mono: true }
  const width = Math.min(room, textWidth(text, style) + 32)
  const words = line(text, wire, m.pill.y + m.pill.height / 2 + 8, width - 16, style, { anchor: 'middle', tone: off ? 'soft' : 'ink' })
  return { x: wire - width / 2, y: m.pill.y, width, height: m.pill.height, words }
}
