/** The nodes with their wires and pods. */
import type { Topology, TopologyNode, TopologyPod, TopologyService } from '../../server/protocol/topology.ts'
import { line } from './client-column.ts'
import { CANVAS_WIDTH, NODE_INSET, NODES_LEFT, type Metrics } from './diagram-metrics.ts'
import type { Box, NodeLayout } from './diagram-model.ts'
import { SMALLEST_TEXT, textWidth } from './diagram-text.ts'
import type { AddressState } from './focused-service.ts'
import { headWords } from './node-head.ts'
import type { PodSlots } from './pod-slots.ts'
import { podTiles } from './pod-tiles.ts'

/** The nodes in the order that the talk keeps: control plane first, then by name. */
export function orderedNodes(topology: Topology): TopologyNode[] {
  return Object.values(topology.nodes).toSorted(
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

/**
 * One node. `holds`: it answers for the focused Service's address. `reserved`: px at its foot that are kept for a scene's box. `plain`: no
 * Kubernetes runs on it.
 */
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
  const inner = box.width - 2 * NODE_INSET
  const style = { size: m.node.rowText, mono: true }
  const hasSpeaker = node.speaker !== 'none'
  // The row takes the same room whatever it says, so that no tile moves when a speaker comes or a node falls silent.
  const tall = textWidth('kube-proxyspeaker', { ...style, size: SMALLEST_TEXT }) + 24 + 34 > inner
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
    if (!tall) words.push(line(joined, box.x + NODE_INSET + 4, base, inner - 8, lost, { tone: 'lost' }))
    else {
      words.push(line(said[0] as string, box.x + NODE_INSET + 4, base, inner - 8, lost, { tone: 'lost' }))
      words.push(
        line(node.ready === 'True' && off ? '아직 Ready' : (said[1] as string), box.x + NODE_INSET + 4, base + 27, inner - 8, lost, {
          tone: 'lost',
        }),
      )
    }
  } else {
    const said = [line('kube-proxy', box.x + NODE_INSET + 12, base, inner - 24, style, { tone: 'soft' })]
    row = { x: box.x + NODE_INSET, y: top, width: inner, height: rowHeight, words: said, speaker: null }
    if (hasSpeaker) {
      const running = node.speaker === 'running'
      const y = tall ? base + 26 : base
      const right = box.x + box.width - NODE_INSET - 12
      const size = Math.min(m.node.rowText, tall ? 18 : m.node.rowText)
      const speakerWords = line(
        'speaker',
        tall ? box.x + NODE_INSET + 32 : right,
        y,
        inner,
        { size, mono: true, weight: parts.holds ? 700 : 400 },
        {
          anchor: tall ? 'start' : 'end',
          tone: parts.holds ? 'accent' : 'soft',
        },
      )
      said.push(speakerWords)
      const dotX = tall ? box.x + NODE_INSET + 19 : right - textWidth('speaker', { size, mono: true }) - 16
      row.speaker = { x: dotX, y: y - 7, holds: parts.holds, running }
    }
  }
  const areaTop = top + rowHeight + 12
  const area = { x: box.x + NODE_INSET, y: areaTop, width: inner, height: box.y + box.height - NODE_INSET - areaTop - parts.reserved }
  const tiles = podTiles(topology, parts.pods, parts.slots, node.name, area, m)
  if (tiles.length === 0 && node.controlPlane && parts.reserved === 0) {
    const note = ['컨트롤 플레인: 일반 Pod 없음', '일반 Pod 없음'].find((text) => textWidth(text, { size: 19 }) <= inner - 8) ?? 'Pod 없음'
    words.push(line(note, box.x + NODE_INSET + 4, box.y + box.height - 20, inner - 8, { size: 19 }, { tone: 'soft' }))
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
