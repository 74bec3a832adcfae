/** Small drawings: a few boxes, lines and words, in the look of the service diagram. Coordinates in px of the sketch. */
export type SketchPart =
  | { part: 'box'; x: number; y: number; width: number; height: number; look: 'card' | 'tile' | 'off' | 'holds' | 'cluster' }
  | { part: 'line'; d: string; look: 'bus' | 'wire' | 'way' | 'dotted' | 'departure' }
  /** Centred. */
  | { part: 'pill'; x: number; y: number; text: string; look: 'held' | 'empty' | 'slot' | 'tab' }
  | {
      part: 'words'
      x: number
      y: number
      text: string
      size: number
      tone?: 'soft' | 'accent' | 'lost'
      anchor?: 'start' | 'middle' | 'end'
      bold?: boolean
      mono?: boolean
    }
  | { part: 'cross' | 'dot'; x: number; y: number }
  | { part: 'bar'; x: number; y: number; width: number; height: number; loss: 'all' | 'some' | 'none' }

export interface Sketch {
  width: number
  height: number
  parts: SketchPart[]
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  look: Extract<SketchPart, { part: 'box' }>['look'] = 'card',
): SketchPart {
  return { part: 'box', x, y, width, height, look }
}

/** A line through points, or a path of its own. */
export function way(look: Extract<SketchPart, { part: 'line' }>['look'], ...points: [x: number, y: number][]): SketchPart {
  return { part: 'line', look, d: points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join(' ') }
}

export function pill(x: number, y: number, text: string, look: Extract<SketchPart, { part: 'pill' }>['look']): SketchPart {
  return { part: 'pill', x, y, text, look }
}

export function words(
  x: number,
  y: number,
  text: string,
  size: number,
  more: Partial<Extract<SketchPart, { part: 'words' }>> = {},
): SketchPart {
  return { part: 'words', x, y, text, size, ...more }
}

export function cross(x: number, y: number): SketchPart {
  return { part: 'cross', x, y }
}

export function dot(x: number, y: number): SketchPart {
  return { part: 'dot', x, y }
}

/** A machine with a name, and pods of that many. */
export function machine(
  x: number,
  y: number,
  width: number,
  height: number,
  name: string,
  pods: number,
  look: 'card' | 'off' | 'holds' = 'card',
): SketchPart[] {
  const size = Math.min(52, (width - 24 - (pods - 1) * 10) / Math.max(1, pods))
  const left = x + (width - pods * size - (pods - 1) * 10) / 2
  return [
    box(x, y, width, height, look),
    words(x + width / 2, y + 36, name, 24, { anchor: 'middle', bold: true, mono: true, ...(look === 'off' ? { tone: 'soft' } : {}) }),
    ...Array.from({ length: pods }, (_, i) =>
      box(left + i * (size + 10), y + height - size - 16, size, size, look === 'off' ? 'off' : 'tile'),
    ),
  ]
}

export function client(x: number, y: number, width = 150, height = 56): SketchPart[] {
  return [box(x, y, width, height), words(x + width / 2, y + height / 2 + 8, '클라이언트', 24, { anchor: 'middle', bold: true })]
}
