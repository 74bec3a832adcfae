/**
 * The way of one request over the drawing: from its hops to lines that follow the drawn wires. The answer's way back is implied.
 */
import type { Hop, RequestTrace } from '../../server/protocol/topology.ts'
import { LANE } from './diagram-metrics.ts'
import type { Box, DiagramLayout, NodeLayout, Point, TileLayout } from './diagram-model.ts'

export interface Leg {
  kind: 'question' | 'answer' | 'frame' | 'pick' | 'pod'
  /** Index of the hop that it belongs to. */
  hop: number
  /** Polyline. Empty for a question, which goes everywhere: see {@link broadcastLines}. */
  points: Point[]
}

export interface RequestPath {
  legs: Leg[]
  /** Where it ended, and how: `null` where the drawing does not know the places of its hops. */
  end: (Point & { outcome: RequestTrace['outcome']; word: string | null; tile: Box | null }) | null
}

const OUTCOME_WORDS: Record<RequestTrace['outcome'], string | null> = { answered: null, refused: '거절', reset: '끊김', lost: '손실' }

/** Where a frame that was asked for goes next: the line of the question, from a host over the switch to every other wire. */
export function broadcastLines(layout: DiagramLayout, from: Point): Point[][] {
  const { y } = layout.bus.from
  const ends = [layout.bus.from.x, layout.bus.to.x].map((x): Point[] =>
    from.y === y ? [from, { x, y }] : [from, { x: from.x, y }, { x, y }],
  )
  const wires = layout.nodes
    .filter(({ wire }) => wire !== from.x)
    .map(({ wire, y: top }): Point[] => [
      { x: wire, y },
      { x: wire, y: top },
    ])
  return [...ends, ...wires]
}

/** The path of a request: `legs` limits it to so many legs (a scene that tells it step by step). */
export function requestPath(layout: DiagramLayout, request: RequestTrace, legs = Infinity): RequestPath {
  const walk = new Walk(layout)
  request.hops.forEach((hop, index) => walk.take(hop, index, request.hops))
  if (legs < walk.legs.length) {
    const shown = walk.legs.slice(0, Math.max(0, legs))
    const at = shown.findLast(({ points }) => points.length > 0)?.points.at(-1)
    return { legs: shown, end: at === undefined ? null : { ...at, outcome: 'answered', word: null, tile: null } }
  }
  if (walk.at === null) return { legs: walk.legs, end: null }
  const failed = request.outcome !== 'answered'
  const unheard = failed && request.hops.at(-1)?.hop === 'arp'
  const word = unheard ? '대답 없음' : OUTCOME_WORDS[request.outcome]
  return { legs: walk.legs, end: { ...walk.at, outcome: request.outcome, word, tile: failed ? null : walk.tile } }
}

/** How long a polyline is up to each of its points, px. */
export function lengthsAlong(points: Point[]): number[] {
  let length = 0
  return points.map((point, index) => {
    const before = points[index - 1]
    if (before !== undefined) length += Math.hypot(point.x - before.x, point.y - before.y)
    return length
  })
}

/** The rest of a polyline after `length` px of it. */
export function afterLength(points: Point[], length: number): Point[] {
  const lengths = lengthsAlong(points)
  const next = lengths.findIndex((at) => at > length)
  const to = points[next]
  const from = points[next - 1]
  if (to === undefined || from === undefined) return []
  const part = (length - (lengths[next - 1] as number)) / ((lengths[next] as number) - (lengths[next - 1] as number))
  return [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }, ...points.slice(next)]
}

/** The polyline of all legs that move a frame, without doubled points, and at which fraction of its length each leg ends. */
export function frameLine(path: RequestPath): Point[] {
  const points: Point[] = []
  for (const { kind, points: own } of path.legs) {
    if (kind === 'question' || kind === 'answer') continue
    for (const point of own) {
      const last = points.at(-1)
      if (last?.x !== point.x || last.y !== point.y) points.push(point)
    }
  }
  return points
}

class Walk {
  readonly legs: Leg[] = []
  at: Point | null = null
  tile: TileLayout | null = null
  private readonly layout: DiagramLayout
  private node: NodeLayout | null = null
  private picked = false

  constructor(layout: DiagramLayout) {
    this.layout = layout
  }

  private find(name: string): NodeLayout | undefined {
    return this.layout.nodes.find((node) => node.name === name)
  }

  private leg(kind: Leg['kind'], hop: number, points: Point[]): void {
    this.legs.push({ kind, hop, points })
    this.at = points.at(-1) ?? this.at
  }

  take(hop: Hop, index: number, all: Hop[]): void {
    if (hop.hop === 'arp') this.askFor(hop.answeredBy, index)
    else if (hop.hop === 'frame') this.frame(hop.from, hop.to, hop.alive, index, all)
    else if (hop.hop === 'proxy') this.pick(hop.node, hop.pod, index)
    else this.arrive(hop.node, hop.pod, index)
  }

  private askFor(answeredBy: string | null, index: number): void {
    const { from } = this.layout.bus
    this.leg('question', index, [])
    this.at = { x: from.x + 42, y: from.y }
    if (answeredBy === null) return
    const x = this.find(answeredBy)?.wire ?? this.wireBox(answeredBy)?.x
    const top = this.find(answeredBy)?.y ?? from.y
    if (x === undefined) return
    this.leg('answer', index, [{ x, y: top }, { x, y: from.y }, from])
  }

  private wireBox(id: string): Point | undefined {
    const box = this.layout.extras.find((extra) => extra.id === id)
    return box && { x: box.x + box.width / 2, y: this.layout.bus.from.y }
  }

  private frame(from: string, to: string, alive: boolean, index: number, all: Hop[]): void {
    const bus = this.layout.bus.from
    const box = this.wireBox(to)
    if (box !== undefined) {
      this.leg('frame', index, [this.at ?? bus, box])
      return
    }
    const target = this.find(to)
    if (target === undefined) return
    const source = this.find(from)
    const next = all[index + 1]
    const asksHere = next?.hop === 'proxy' && next.node === to
    // What kube-proxy sends on comes to the other node addressed to the pod: it goes straight down, past that node's kube-proxy.
    const x = asksHere ? target.wire - LANE : target.wire
    const down = alive ? (next?.hop === 'pod' ? target.hallY : target.proxyY) : target.y
    if (source === undefined) {
      const start = this.wireBox(from) ?? bus
      const y = bus.y + this.sideOfBus(target, all, index)
      this.leg('frame', index, [
        { x: start.x, y },
        { x, y },
        { x, y: down },
      ])
    } else {
      const out = source.wire + LANE
      const y = bus.y + (target.wire < source.wire ? 4 : 0)
      this.leg('frame', index, [
        { x: out, y: source.proxyY },
        { x: out, y },
        { x, y },
        { x, y: down },
      ])
    }
    this.node = target
    this.picked = false
  }

  /** Two ways over the same stretch of the switch run side by side: one that turns back towards the client leaves room for itself. */
  private sideOfBus(target: NodeLayout, all: Hop[], index: number): number {
    const onward = all.slice(index + 1).find((hop) => hop.hop === 'frame')
    const other = onward?.hop === 'frame' ? this.find(onward.to) : undefined
    return other !== undefined && other.wire < target.wire ? -4 : 0
  }

  private pick(name: string, pod: string | null, index: number): void {
    const node = this.find(name)
    if (node === undefined) return
    const y = node.proxyY
    const points = [
      { x: node.wire - LANE, y },
      { x: pod === null ? node.wire : node.wire + LANE, y },
    ]
    this.leg('pick', index, points)
    this.node = node
    this.picked = true
  }

  private arrive(name: string, pod: string, index: number): void {
    const node = this.find(name) ?? this.node
    if (node === null) return
    const x = this.picked ? node.wire + LANE : node.wire
    const start = this.at ?? { x, y: node.hallY }
    const tile = node.tiles.find(({ pods }) => pods.includes(pod)) ?? null
    this.tile = tile
    if (tile === null) {
      this.leg('pod', index, [start, { x: start.x, y: node.hallY }])
      return
    }
    const middle = tile.y + tile.height / 2
    const edge = tile.gutter < tile.x ? tile.x : tile.x + tile.width
    this.leg('pod', index, [
      start,
      { x: start.x, y: node.hallY },
      { x: tile.gutter, y: node.hallY },
      { x: tile.gutter, y: middle },
      { x: edge, y: middle },
    ])
  }
}
