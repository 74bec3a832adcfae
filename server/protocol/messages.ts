/**
 * The wire between a page and the bridge: one WebSocket per page, one JSON object per text frame, told apart by `t`.
 *
 * Clients name things (a lab, a step), never commands, paths, environments or sizes. A frame that is no message closes the socket with
 * code 1008 and the reason; nothing else is harmed.
 */
import * as v from 'valibot'
import type { DeckManifest } from './lab.ts'
import type { Notice } from './notices.ts'
import type { TopologyChange } from './topology.ts'

/** Raised with every change that an older page would misread. */
export const PROTOCOL_VERSION = 2
/** The subprotocol that a page offers. */
export const SUBPROTOCOL = 'onprem-lab.v2'
/** Where the bridge takes WebSockets. */
export const SOCKET_PATH = '/bridge'
/** Longest input of one frame, in UTF-16 code units: a large paste, in pieces. */
export const MAX_INPUT = 65_536
/** A page acknowledges after this many characters written to its screen (VS Code's figure). */
export const ACKNOWLEDGE_EVERY = 5_000

const labId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))
const stepId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}\.\d{1,4}$/))

/** Everything that a page may say. */
export const clientMessage = v.variant('t', [
  /** Send me this lab's screen, steps and topology, now and as they change. Starts the lab's shell if there is none yet. */
  v.strictObject({ t: v.literal('attach'), lab: labId }),
  v.strictObject({ t: v.literal('detach'), lab: labId }),
  /** Run this step. Ignored where it runs already or is done: two windows of one speaker may both say it. Needs the right to type. */
  v.strictObject({ t: v.literal('run'), lab: labId, step: stepId }),
  /** Take back this step and those after it, as far as they still wait for the terminal. Needs the right to type. */
  v.strictObject({ t: v.literal('withdraw'), lab: labId, step: stepId }),
  /** Run all steps before this one that were not run, in order. Needs the right to type. */
  v.strictObject({ t: v.literal('catch-up'), lab: labId, step: stepId }),
  /** Keystrokes. Needs the right to type. */
  v.strictObject({ t: v.literal('input'), lab: labId, data: v.pipe(v.string(), v.maxLength(MAX_INPUT)) }),
  /** So many characters of output were written to the screen. */
  v.strictObject({ t: v.literal('ack'), lab: labId, characters: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  /** Bring these labs back to their start, or where none is named all that run; answered by `labs-reset`. Needs the right to type. */
  v.strictObject({ t: v.literal('reset-labs'), labs: v.pipe(v.array(labId), v.maxLength(100)) }),
])
export type ClientMessage = v.InferOutput<typeof clientMessage>

/** `presenter` may type and run steps; `viewer` may watch. */
export type Role = 'presenter' | 'viewer'

/** `waiting`: asked for while another step, or a program that a person started, was still running. `failed`: a wrong exit code, or a check that did not come true in time. */
export type StepStatus = 'pending' | 'waiting' | 'running' | 'done' | 'failed'

export interface StepState {
  id: string
  status: StepStatus
  /** Exit code of the command, null where it has not ended. */
  exit: number | null
  /** Why it failed, what it waits for, or null. */
  reason: Notice | null
}

/** The cluster that a lab runs on, for the badge. */
export interface ClusterIdentity {
  source: 'embedded' | 'real'
  /** gitVersion: v1.35.4. */
  kubernetes: string
  preset: string | null
  context: string
}

/** Everything that the bridge may say. */
export type ServerMessage =
  /** The first message. The manifest's commands are those of this cluster (addresses replaced by its own). */
  | { t: 'welcome'; protocol: number; role: Role; manifest: DeckManifest }
  /** The lab's cluster: coming up, there, or lost. Steps can run in state `ready` only. */
  | { t: 'cluster'; lab: string; state: 'starting' | 'ready' | 'lost'; cluster: ClusterIdentity | null; notice: Notice | null }
  /** A whole screen, to be written to an empty terminal of this size; output that follows continues it. */
  | { t: 'screen'; lab: string; cols: number; rows: number; data: string }
  | { t: 'output'; lab: string; data: string }
  | { t: 'steps'; lab: string; steps: StepState[] }
  | { t: 'topology'; lab: string; changes: TopologyChange[] }
  /** The labs that were reset, or why not all of them were. */
  | { t: 'labs-reset'; labs: string[]; notice: Notice | null }
  /** Something that was asked for was not done: what, and what to do about it. */
  | { t: 'refused'; lab: string | null; notice: Notice }

/** A frame of a client as a message, or the reason why it is none. */
export function parseClientMessage(frame: string): { message: ClientMessage } | { error: string } {
  let value: unknown
  try {
    value = JSON.parse(frame)
  } catch {
    return { error: 'the frame is not JSON' }
  }
  const parsed = v.safeParse(clientMessage, value)
  if (parsed.success) return { message: parsed.output }
  const issue = parsed.issues[0]
  return { error: `${v.getDotPath(issue) ?? 'message'}: ${issue.message}` }
}
