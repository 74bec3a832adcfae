/**
 * The layout of the service diagram: topology to geometry. Pure and deterministic: nothing is measured, nothing is remembered but the places
 * of pods that go in. The drawing keeps one arrangement through the whole talk, so that what does change is what a slide is about.
 */
import type { Topology } from '../../server/protocol/topology.ts'
import { arpCard, clientCard, externalRow, line, serviceCard } from './client-column.ts'
import { CANVAS_WIDTH, COLUMN_WIDTH, DEFAULT_HEIGHT, LEAST_HEIGHT, metricsFor, NODES_LEFT, type Metrics } from './diagram-metrics.ts'
import type { Box, DiagramLayout, ExtraBox, ExtraLayout, NodeLayout, PillLayout, Point, Words } from './diagram-model.ts'
import { fitText, textWidth } from './diagram-text.ts'
import { addressOf, focusedService, type AddressState } from './focused-service.ts'
import { nodeBox, nodeFrames, orderedNodes } from './node-boxes.ts'
import { assignSlots, drawnPods, NO_SLOTS, type PodSlots } from './pod-slots.ts'

export interface LayoutInput {
  topology: Topology
  /** Name of the Service to focus; default: the newest of the default namespace. */
  service?: string | undefined
  /** px, at least {@link LEAST_HEIGHT}. */
  height?: number | undefined
  slots?: PodSlots
  extra?: ExtraBox[] | undefined
  /** A word above the switch's line, before the counts. */
  label?: string | undefined
  /** Machines without Kubernetes: they stand where workers stand, and run something. */
  plain?: boolean | undefined
  /** Why the address is where it is, in place of what the topology tells. */
  reason?: string | undefined
}

/** The box on the wire stands in the gap between the client and the first node's wire. */
const WIRE_BOX = { x: 306, width: 196 }
/** x of the free lane between the client's column and the nodes. */
const FREE_LANE = (COLUMN_WIDTH + NODES_LEFT) / 2
/** The two orders of a box run this far from the middle of the free lane. */
const ORDER_LANE = 13
const EXTRA_IN_NODE = 64

/** The namespace whose pods are drawn. */
export function drawnNamespace(topology: Topology, service?: string): string {
  return focusedService(topology, service)?.namespace ?? 'default'
}

/** The geometry of the topology. */
export function layoutDiagram(input: LayoutInput): DiagramLayout {
  const { topology, service: name, height: wished = DEFAULT_HEIGHT, slots, extra = [], plain = false, label, reason } = input
  const height = Math.max(LEAST_HEIGHT, wished)
  const m = metricsFor(height)
  const service = focusedService(topology, name)
  const told = addressOf(topology, service)
  const address = reason !== undefined && 'reason' in told ? { ...told, reason } : told
  const pods = drawnPods(topology, service?.namespace ?? 'default')
  const places = slots ?? assignSlots(NO_SLOTS, pods)
  const holder = extra.find((box) => box.holds && !box.off) ?? null
  const holdingNode = holder === null && address.state === 'held' ? address.host : null
  const ordered = orderedNodes(topology)
  const frames = plain ? nodeFrames(ordered.length + 1, m, height).slice(1) : nodeFrames(ordered.length, m, height)
  const nodes = ordered.map((node, index) => {
    const inside = extra.some(({ place }) => place !== 'wire' && place.node === node.name)
    const reserved = inside ? EXTRA_IN_NODE + m.gap : 0
    return nodeBox(
      topology,
      node,
      frames[index] as Box,
      { pods, slots: places, service, address, holds: node.name === holdingNode, reserved, plain },
      m,
    )
  })
  const extras = extra.map((box) => extraBox(box, nodes, m))
  const bus = { from: { x: COLUMN_WIDTH, y: m.bus }, to: { x: CANVAS_WIDTH - BUS_END, y: m.bus } }
  const emptyAt = address.state === 'held' && holder === null ? nodes.find((node) => node.name === address.before) : undefined
  return {
    width: CANVAS_WIDTH,
    height,
    metrics: m,
    bus,
    words: busWords(topology, m, label),
    client: clientCard(topology, m),
    arp: arpCard(topology, address, m),
    service: service === null || plain ? null : serviceCard(service, address, holder?.title ?? holdingNode, m, height),
    nodes,
    extras,
    address,
    pill: addressPill(address, holder === null ? undefined : extras.find(({ id }) => id === holder.id), nodes, m),
    emptySlot: emptyAt === undefined ? null : pillBox(emptyAt.wire, pillText(address), m, emptyAt.width),
  }
}

/** Half of the round end of the switch's line. */
const BUS_END = 4

function busWords(topology: Topology, m: Metrics, label?: string): Words[] {
  const y = m.bus - 18
  const words = [line(switchName(topology), CANVAS_WIDTH, y, 420, { size: m.service.text }, { anchor: 'end', tone: 'soft' })]
  const waiting = Object.values(topology.pods).filter((pod) => pod.node === null).length
  let x = COLUMN_WIDTH + 14
  const put = (text: string, tone: Words['tone'], weight: 400 | 700 = 400): void => {
    const said = line(text, x, y, 600, { size: m.service.text + (weight > 400 ? 2 : 0), weight }, { tone: tone ?? 'soft' })
    words.push(said)
    x += textWidth(said.text, { size: said.size, weight }) + 18
  }
  if (label !== undefined) put(label, 'ink', 700)
  const { total, lost } = topology.requests
  if (total > 0) put(`요청 ${total}`, 'soft')
  if (lost > 0) put(`손실 ${lost}`, 'lost')
  if (waiting > 0) put(`노드를 기다리는 Pod ${waiting}`, 'ink')
  return words
}

/** The switch with the part that all nodes' addresses share, where they share three of four. */
function switchName(topology: Topology): string {
  const parts = Object.values(topology.nodes).map(({ address }) => address.split('.'))
  const [first] = parts
  if (first?.length !== 4 || parts.some((other) => other.slice(0, 3).join('.') !== first.slice(0, 3).join('.'))) return '스위치'
  return `스위치 · ${first.slice(0, 3).join('.')}.x`
}

function pillText(address: AddressState): string {
  return 'address' in address ? address.address : '<pending>'
}

/** The pill's box, centred on a wire. */
function pillBox(wire: number, text: string, m: Metrics, room: number): Box {
  const width = Math.min(room, Math.max(textWidth(text, { size: m.pill.text, mono: true }) + 44, 150))
  return { x: wire - width / 2, y: m.pill.y, width, height: m.pill.height }
}

function addressPill(address: AddressState, extra: ExtraLayout | undefined, nodes: NodeLayout[], m: Metrics): PillLayout | null {
  if (address.state === 'none') return null
  const text = pillText(address)
  const words = (box: Box, tone?: Words['tone']): Words => ({
    ...fitText(text, box.width - 24, { size: m.pill.text, mono: true, weight: 700 }),
    x: box.x + box.width / 2,
    y: box.y + box.height / 2 + m.pill.text * 0.34,
    anchor: 'middle',
    mono: true,
    bold: true,
    ...(tone ? { tone } : {}),
  })
  if (extra !== undefined && 'address' in address) {
    const box = pillBox(extra.x + extra.width / 2, text, m, extra.width - 12)
    return { ...box, words: words(box), look: 'held' }
  }
  const host = address.state === 'held' ? nodes.find((node) => node.name === address.host) : undefined
  if (host !== undefined) {
    const box = pillBox(host.wire, text, m, host.width)
    const alive = address.state === 'held' && address.alive
    return { ...box, words: words(box, alive ? undefined : 'lost'), look: alive ? 'held' : 'lost' }
  }
  // Docked nowhere: it hangs on the edge of the Service's card, beside its row.
  const width = 200
  const box = { x: NODES_LEFT - 8 - width, y: externalRow(m) - m.pill.loose / 2 - 7, width, height: m.pill.loose }
  return {
    ...box,
    words: words(box, address.state === 'pending' ? 'accent' : undefined),
    look: address.state === 'pending' ? 'empty' : 'idle',
  }
}

function extraBox(box: ExtraBox, nodes: NodeLayout[], m: Metrics): ExtraLayout {
  const off = box.off ?? false
  const place = box.place
  if (place === 'wire') {
    const top = 4
    const frame = { ...WIRE_BOX, y: top, height: m.pill.y + m.pill.height + 10 - top }
    const title = line(
      box.title,
      frame.x + frame.width / 2,
      m.bus - 24,
      frame.width - 16,
      { size: m.service.text, weight: 700 },
      { anchor: 'middle', tone: off ? 'soft' : 'ink' },
    )
    return { ...frame, id: box.id, off, words: [title], arrows: [] }
  }
  const node = nodes.find(({ name }) => name === place.node)
  if (node === undefined)
    throw new Error(`scene box ${box.id}: there is no node ${place.node}; nodes are ${nodes.map(({ name }) => name).join(', ')}`)
  const frame = { x: node.x + 14, y: node.y + node.height - EXTRA_IN_NODE - 14, width: node.width - 28, height: EXTRA_IN_NODE }
  const title = line(
    box.title,
    frame.x + frame.width / 2,
    frame.y + frame.height / 2 + 8,
    frame.width - 24,
    { size: m.node.rowText + 2, weight: 700 },
    { anchor: 'middle', tone: off ? 'soft' : 'ink' },
  )
  const wireBottom = m.pill.y + m.pill.height + 10
  const arrows = (box.orders ?? []).map(({ to, label }, index) => {
    const y = frame.y + frame.height / 2 + (index === 0 ? -10 : 10)
    const row = externalRow(m) - 7
    const points: Point[] =
      to === 'wire'
        ? [
            { x: frame.x, y },
            { x: FREE_LANE + ORDER_LANE, y },
            { x: FREE_LANE + ORDER_LANE, y: wireBottom + 6 },
          ]
        : [
            { x: frame.x, y },
            { x: FREE_LANE - ORDER_LANE, y },
            { x: FREE_LANE - ORDER_LANE, y: row },
            { x: COLUMN_WIDTH + 6, y: row },
          ]
    const at = to === 'wire' ? { x: FREE_LANE + ORDER_LANE, y: (row + wireBottom) / 2 } : { x: FREE_LANE - ORDER_LANE, y: (row + y) / 2 }
    const words = line(label, at.x, at.y, 90, { size: 24, weight: 700 }, { anchor: 'middle' })
    return { points, words }
  })
  return { ...frame, id: box.id, off, words: [title], arrows }
}
