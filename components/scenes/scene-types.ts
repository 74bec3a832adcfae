/** What a scene is: a story in beats, one a click, told with hand-made topologies by the same renderer as the labs, or with sketches. */
import type { RequestTrace, Topology } from '../../server/protocol/topology.ts'
import type { ExtraBox } from '../diagram/diagram-model.ts'
import type { Sketch } from './sketch-parts.ts'

/** One drawing of the service diagram. */
export interface Picture {
  topology: Topology
  service?: string
  extra?: ExtraBox[]
  /** A request that stays on the drawing, up to so many legs of its way. */
  trace?: { request: RequestTrace; legs?: number }
  /** A word above the switch's line. */
  label?: string
  /** Machines without Kubernetes. */
  plain?: boolean
  /** Why the address is where it is, in place of what the topology tells. */
  reason?: string
}

export interface DiagramScene {
  kind: 'diagram'
  /** Height of each drawing, px on a canvas of 1800. */
  height: number
  beats: {
    /** One drawing, or two under one another; null keeps the place of one that is still to come. */
    pictures: (Picture | null)[]
    /** One sentence under the drawing. */
    caption?: string
  }[]
}

/** Small drawings side by side, each opened by a click. */
export interface SketchScene {
  kind: 'sketches'
  /** Size of each sketch, px. */
  width: number
  height: number
  panels: {
    title: string
    sketch: Sketch
    /** What it says, once it is open. */
    words: string
    /** A remark in a corner of the title's line: the case that it is, or that it is not for today. */
    tag?: { text: string; tone: 'accent' | 'soft' }
    /** It steps back once the next one opens. */
    aside?: boolean
  }[]
}

export type Scene = DiagramScene | SketchScene
