/**
 * The numbers of the drawing, px on a canvas of 1800. There are three heights (above a terminal, above a low terminal, alone on a slide);
 * all share one arrangement: client left, switch above, nodes right in fixed order.
 */
export const CANVAS_WIDTH = 1800
/** Width of the client's column: client, its ARP table, the Service. */
export const COLUMN_WIDTH = 290
/** Where the first node begins. */
export const NODES_LEFT = 344
/** Half the distance between the way into a node and the way out of it. */
export const LANE = 14
/** Distance of a node's contents from its border. */
export const NODE_INSET = 14
export const DEFAULT_HEIGHT = 512

export interface Metrics {
  /** Middle of the switch's line. */
  bus: number
  client: { y: number; height: number; oneLine: boolean }
  arp: { y: number; title: number; first: number; line: number; rows: number; height: number }
  service: { y: number; name: number; kind: number; first: number; line: number; text: number }
  pill: {
    y: number
    height: number
    text: number
    /** Height where it is docked nowhere, beside a row of the Service's card. */ loose: number
  }
  nodeTop: number
  node: { name: number; nameBase: number; address: number; addressBase: number; rowTop: number; rowHeight: number; rowText: number }
  /** Heights that a pod's tile may have, roomy first. */
  tiles: { height: number; name: number; nameBase: number; detail: number; detailBase: number }[]
  gap: number
}

const LOW: Metrics = {
  bus: 42,
  client: { y: 12, height: 60, oneLine: true },
  arp: { y: 80, title: 25, first: 51, line: 24, rows: 2, height: 84 },
  service: { y: 172, name: 32, kind: 57, first: 91, line: 27, text: 19 },
  pill: { y: 54, height: 40, text: 23, loose: 34 },
  nodeTop: 110,
  node: { name: 26, nameBase: 34, address: 19, addressBase: 58, rowTop: 70, rowHeight: 32, rowText: 19 },
  tiles: [
    { height: 72, name: 22, nameBase: 30, detail: 18, detailBase: 57 },
    { height: 48, name: 19, nameBase: 20, detail: 18, detailBase: 41 },
  ],
  gap: 8,
}

const MIDDLE: Metrics = {
  bus: 62,
  client: { y: 20, height: 84, oneLine: false },
  arp: { y: 116, title: 32, first: 62, line: 27, rows: 2, height: 104 },
  service: { y: 232, name: 38, kind: 68, first: 112, line: 34, text: 20 },
  pill: { y: 80, height: 42, text: 24, loose: 42 },
  nodeTop: 148,
  node: { name: 28, nameBase: 40, address: 20, addressBase: 68, rowTop: 82, rowHeight: 36, rowText: 20 },
  tiles: [
    { height: 72, name: 22, nameBase: 30, detail: 18, detailBase: 57 },
    { height: 60, name: 20, nameBase: 25, detail: 18, detailBase: 49 },
  ],
  gap: 10,
}

const TALL: Metrics = {
  bus: 70,
  client: { y: 20, height: 100, oneLine: false },
  arp: { y: 136, title: 36, first: 72, line: 32, rows: 3, height: 152 },
  service: { y: 304, name: 44, kind: 78, first: 130, line: 42, text: 22 },
  pill: { y: 92, height: 50, text: 28, loose: 50 },
  nodeTop: 170,
  node: { name: 32, nameBase: 46, address: 21, addressBase: 78, rowTop: 96, rowHeight: 44, rowText: 22 },
  tiles: [
    { height: 96, name: 27, nameBase: 40, detail: 21, detailBase: 76 },
    { height: 72, name: 22, nameBase: 30, detail: 18, detailBase: 57 },
  ],
  gap: 12,
}

/** The least height at which everything has its place. */
export const LEAST_HEIGHT = 388

/** The numbers for a drawing of that height. */
export function metricsFor(height: number): Metrics {
  return height < 480 ? LOW : height < 640 ? MIDDLE : TALL
}
