/**
 * asciicast v3, read and written. Beside the format's own codes (`o` output, `m` marker, `r` resize, `x` exit) a recording of a lab holds `k`: a
 * list of topology changes as JSON. Players skip codes that they do not know, so any of them plays the terminal part.
 * Source: https://docs.asciinema.org/manual/asciicast/v3/
 */
import { stepsOf, type Lab } from './lab.ts'
import type { TopologyChange } from './topology.ts'

export interface RecordedStep {
  id: string
  command: string
}

export interface CastHeader {
  version: 3
  term: { cols: number; rows: number; type?: string }
  timestamp?: number
  title?: string
  /** Ours: which lab this is, and the steps that were run, as the deck had them, so that a recording that no longer fits the deck is found out. */
  lab: { id: string; steps: RecordedStep[]; cluster: { source: 'embedded' | 'real'; kubernetes: string; preset: string | null } }
}

/** Seconds from the start, not from the event before. */
export type CastEvent =
  | { at: number; code: 'o'; data: string }
  /** A step begins: the marker's label is the step's id. */
  | { at: number; code: 'm'; step: string }
  /** A step has ended with this exit code, or none where it was interrupted. */
  | { at: number; code: 'x'; exit: number }
  | { at: number; code: 'k'; changes: TopologyChange[] }

export interface Cast {
  header: CastHeader
  events: CastEvent[]
}

/** A recording that cannot be read: what is wrong, and in which line (from 1). */
export interface CastError {
  line: number
  message: string
}

/** A whole recording as text. Intervals are rounded to the millisecond. */
export function encodeCast(cast: Cast): string {
  const lines = [JSON.stringify(cast.header)]
  let before = 0
  for (const event of cast.events) {
    const at = Math.round(event.at * 1000)
    const data =
      event.code === 'o'
        ? event.data
        : event.code === 'm'
          ? event.step
          : event.code === 'x'
            ? String(event.exit)
            : JSON.stringify(event.changes)
    lines.push(JSON.stringify([(at - before) / 1000, event.code, data]))
    before = at
  }
  return lines.join('\n') + '\n'
}

function decodeHeader(line: string): CastHeader | string {
  let header: Partial<CastHeader> & Record<string, unknown>
  try {
    header = JSON.parse(line)
  } catch {
    return 'the header is not JSON'
  }
  if (header === null || typeof header !== 'object') return 'the header is not an object'
  if (header.version !== 3) return `the header says version ${JSON.stringify(header.version)}, expected 3`
  if (!Number.isInteger(header.term?.cols) || !Number.isInteger(header.term?.rows)) return 'the header has no term.cols and term.rows'
  if (typeof header.lab?.id !== 'string' || !Array.isArray(header.lab.steps))
    return 'the header has no lab.id and lab.steps: this is no recording of a lab'
  if (!header.lab.steps.every((step) => typeof step?.id === 'string' && typeof step.command === 'string'))
    return 'the header has a lab.steps whose entries are not all of {"id", "command"}'
  return header as CastHeader
}

/** The first step that a recording and its lab do not share: `recorded` and `written` are its command here and there, null where it is missing. */
export interface CastMismatch {
  step: string
  recorded: string | null
  written: string | null
}

/** Where a recording is one of another deck than this; null where it fits. */
export function castMismatch({ header, events }: Cast, lab: Lab): CastMismatch | null {
  const written = stepsOf(lab)
  // a step that was announced and then never begun was not recorded
  const begun = new Set(events.map((event) => (event.code === 'm' ? event.step : null)))
  const recorded = header.lab.steps.filter((step) => begun.has(step.id))
  for (let i = 0; i < Math.max(written.length, recorded.length); i++) {
    const [here, there] = [written[i], recorded[i]]
    const step = (here ?? there)!.id
    if (here?.id !== there?.id || here?.command !== there?.command)
      return { step, recorded: there?.id === step ? there.command : null, written: here?.command ?? null }
  }
  return null
}

/** An event and its time; no event where the code is none of ours; a string says what is wrong. */
function decodeEvent(line: string, before: number): { at: number; event: CastEvent | null } | string {
  let row: unknown
  try {
    row = JSON.parse(line)
  } catch {
    return 'the line is not JSON'
  }
  if (!Array.isArray(row) || row.length !== 3) return 'expected [interval, code, data]'
  const [interval, code, data] = row
  if (typeof interval !== 'number' || !Number.isFinite(interval) || interval < 0) return 'the interval is not a number of seconds'
  if (typeof code !== 'string' || typeof data !== 'string') return 'code and data have to be strings'
  const at = Math.round((before + interval) * 1000) / 1000
  switch (code) {
    case 'o':
      return { at, event: { at, code, data } }
    case 'm':
      return { at, event: { at, code, step: data } }
    case 'x':
      return Number.isInteger(Number(data))
        ? { at, event: { at, code, exit: Number(data) } }
        : `exit code ${JSON.stringify(data)} is not a number`
    case 'k':
      try {
        const changes = JSON.parse(data)
        return Array.isArray(changes) ? { at, event: { at, code, changes } } : 'the topology changes are not a list'
      } catch {
        return 'the topology changes are not JSON'
      }
    default:
      return { at, event: null }
  }
}

/** Reads a recording. A broken one is an error with its line, never half a recording. */
export function decodeCast(text: string): { cast: Cast } | { error: CastError } {
  const lines = text.split('\n')
  const header = decodeHeader(lines[0] ?? '')
  if (typeof header === 'string') return { error: { line: 1, message: header } }
  const events: CastEvent[] = []
  let at = 0
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    if (line === '' || line.startsWith('#')) continue
    const decoded = decodeEvent(line, at)
    if (typeof decoded === 'string') return { error: { line: i + 1, message: decoded } }
    at = decoded.at
    if (decoded.event !== null) events.push(decoded.event)
  }
  return { cast: { header, events } }
}
