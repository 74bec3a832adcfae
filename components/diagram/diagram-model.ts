/** What the layout says is to be drawn: plain geometry on a canvas of {@link DiagramLayout.width} px. The Vue parts only render it. */
import type { AddressState } from './focused-service.ts'
import type { FittedText } from './diagram-text.ts'
import type { Metrics } from './diagram-metrics.ts'

export interface Point {
  x: number
  y: number
}

export interface Box extends Point {
  width: number
  height: number
}

/** A line of text at its baseline. */
export interface Words extends Point, FittedText {
  anchor: 'start' | 'middle' | 'end'
  mono?: boolean
  bold?: boolean
  tone?: 'ink' | 'soft' | 'accent' | 'lost'
}

export interface TileLayout extends Box {
  /** The pod's uid, or `more:NODE` for the tile that stands for those without a place. */
  key: string
  /** Names of the pods that this tile stands for. */
  pods: string[]
  words: Words[]
  /** `solid`: it can answer. `dashed`: not yet, not any more, or its node is off. */
  line: 'solid' | 'dashed'
  faded: boolean
  /** x of the gap beside the tile, through which a request comes. */
  gutter: number
}

export interface NodeLayout extends Box {
  name: string
  /** x of its wire. */
  wire: number
  /** Whether the machine is off, as is true. */
  off: boolean
  /** Whether it answers for the focused Service's address. */
  holds: boolean
  /** `lost` where what the wire carried is lost: the machine is off. */
  wireState: 'up' | 'lost'
  words: Words[]
  /** kube-proxy's and speaker's row, or null while the node says nothing. */
  row: (Box & { words: Words[]; speaker: (Point & { holds: boolean; running: boolean }) | null }) | null
  /** Middle of kube-proxy's row: where it picks. */
  proxyY: number
  /** The free line between that row and the tiles. */
  hallY: number
  tiles: TileLayout[]
  /** The grey tab with the NodePort on the node's wire. */
  tab: (Box & { words: Words }) | null
}

export interface CardLayout extends Box {
  words: Words[]
}

export interface PillLayout extends Box {
  words: Words
  /** `empty`: pending. `idle`: assigned, nobody answers. `held`: docked. `lost`: its holder is off. */
  look: 'empty' | 'idle' | 'held' | 'lost'
}

/** A box that only a scene has: it stands on the switch's line (a load balancer), or in a node (the provider's controller). */
export interface ExtraBox {
  id: string
  title: string
  /** On the wire between client and nodes, or in the node of that name. */
  place: 'wire' | { node: string }
  /** Faded and dashed where switched off. */
  off?: boolean
  /** It answers for the focused Service's address, so the pill is docked on it. */
  holds?: boolean
  /** Dotted arrows from this box: to the box on the wire, and to the Service. */
  orders?: { to: 'wire' | 'service'; label: string }[]
}

export interface ExtraLayout extends Box {
  id: string
  off: boolean
  words: Words[]
  arrows: { points: Point[]; words: Words }[]
}

export interface DiagramLayout {
  width: number
  height: number
  metrics: Metrics
  /** The switch's line. */
  bus: { from: Point; to: Point }
  words: Words[]
  client: CardLayout
  arp: CardLayout
  service: CardLayout | null
  nodes: NodeLayout[]
  extras: ExtraLayout[]
  address: AddressState
  pill: PillLayout | null
  /** The place that the address left. */
  emptySlot: Box | null
}
