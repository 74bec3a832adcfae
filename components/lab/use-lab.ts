/** The labs of this page: one session each, one connection for all, made when something on stage asks for it. */
import manifest from 'virtual:lab-manifest'
import type { Lab, LabBlock } from '../../server/protocol/lab.ts'
import { SOCKET_PATH, type ServerMessage } from '../../server/protocol/messages.ts'
import { createConnection, type Connection, type Socket } from './connection.ts'
import { createLabReset } from './lab-reset.ts'
import { noticeWords } from './notice-words.ts'
import type { PlayerClock } from './player.ts'
import { recordingOf } from './recordings.ts'
import { createScreen } from './screen.ts'
import { createSession, type LabSession } from './session.ts'

const clock: PlayerClock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  },
}

const sessions = new Map<string, LabSession>()
let connection: Connection | null = null
let welcome: Extract<ServerMessage, { t: 'welcome' }> | null = null
/** A bridge is there, but not the one that this page knew: its token is another. */
let renewed = false

/** The lab of this name as the deck has it. Throws where there is none: a component names a lab that no block makes. */
export function labNamed(id: string): Lab {
  const lab = manifest.labs.find((one) => one.id === id)
  if (lab) return lab
  throw new Error(`there is no lab "${id}" in the deck: expected one of ${manifest.labs.map((one) => one.id).join(', ') || '(none)'}`)
}

/** A block with its lab, and how many steps of the lab come before it. */
export function blockNamed(id: string): { lab: Lab; block: LabBlock; before: number } {
  const lab = labNamed(id.split('/')[0] as string)
  const at = lab.blocks.findIndex((block) => block.id === id)
  const block = lab.blocks[at]
  if (!block) throw new Error(`there is no block "${id}" in the deck`)
  return { lab, block, before: stepsBefore(lab, (other) => lab.blocks.indexOf(other) < at) }
}

/** The labs that have a block on a slide, in its order. */
export function labsOfSlide(page: number): string[] {
  const blocks = manifest.labs.flatMap((lab) => lab.blocks).filter((block) => block.slide === page)
  return [...new Set(blocks.toSorted((one, other) => one.line - other.line).map((block) => block.lab))]
}

/** How many steps the blocks have that a condition picks. */
export function stepsBefore(lab: Lab, picks: (block: LabBlock) => boolean): number {
  return lab.blocks.filter(picks).reduce((sum, block) => sum + block.steps.length, 0)
}

function receive(message: ServerMessage): void {
  if (message.t === 'welcome') {
    welcome = message
    renewed = false
    tellWelcome()
    for (const [id, session] of sessions) {
      session.receive(message)
      connection?.send({ t: 'attach', lab: id })
    }
  } else if (message.t === 'labs-reset') tellReset(message)
  else if (message.t === 'refused' && message.lab === null) for (const session of sessions.values()) session.receive(message)
  else sessions.get(message.lab as string)?.receive(message)
}

function connect(): Connection {
  return createConnection({
    open: (subprotocol) => new WebSocket(new URL(SOCKET_PATH, location.href.replace(/^http/, 'ws')), subprotocol) as unknown as Socket,
    after: clock.after,
    onMessage: receive,
    onState(state, lost) {
      if (state !== 'open' && state !== 'connecting') {
        welcome = null
        tellReset(null)
        for (const session of sessions.values()) session.offline(lost, renewed)
        if (lost) void lookForAnother()
      }
    },
  })
}

/** A socket that was turned away does not tell why; a request does. The token is the browser's: once any page of it has the new one, this one has it too. */
async function lookForAnother(): Promise<void> {
  const status = await fetch(SOCKET_PATH, { method: 'HEAD', cache: 'no-store' }).then(
    (response) => response.status,
    () => null,
  )
  if (!connection?.isLost) return
  renewed = status === 403
  if (renewed) for (const session of sessions.values()) session.offline(true, renewed)
}

// --- starting over

/** How long a page that is not connected waits for the bridge, and for the end of a reset, ms. */
const CONNECTED_WITHIN = 3000
const RESET_WITHIN = 60_000

let tellWelcome = (): void => {}
let tellReset: (outcome: Extract<ServerMessage, { t: 'labs-reset' }> | null) => void = () => {}

async function resetLabs(labs: readonly string[]): Promise<readonly string[]> {
  if (!location.protocol.startsWith('http')) throw new Error('실행 중인 랩이 없는 페이지입니다')
  ;(connection ??= connect()).start()
  if (!welcome) {
    await new Promise<void>((resolve) => {
      tellWelcome = resolve
      clock.after(CONNECTED_WITHIN, resolve)
    })
  }
  const outcome = await new Promise<Extract<ServerMessage, { t: 'labs-reset' }> | null>((resolve) => {
    tellReset = resolve
    clock.after(RESET_WITHIN, () => resolve(null))
    if (!connection?.send({ t: 'reset-labs', labs: [...labs] })) resolve(null)
  })
  if (outcome === null) throw new Error('브리지와 연결되어 있지 않습니다')
  if (outcome.notice) throw new Error(noticeWords(outcome.notice))
  return outcome.labs
}

/** Shared by everything of this page that starts labs over. */
export const labReset = createLabReset({ after: clock.after, reset: resetLabs })

/** The session of a lab, for a component that is on stage: this is what opens the connection. */
export function labOnStage(id: string): LabSession {
  const known = sessions.get(id)
  const session = known ?? createLabSession(labNamed(id))
  sessions.set(id, session)
  // a page opened from a file has no server to ask
  if (location.protocol.startsWith('http')) (connection ??= connect()).start()
  // nobody tells a lab that comes later what had been found out before
  if (connection === null || connection.state === 'idle' || connection.state === 'waiting') session.offline(connection?.isLost ?? false)
  if (!known && welcome) {
    session.receive(welcome)
    connection?.send({ t: 'attach', lab: id })
  }
  return session
}

function createLabSession(lab: Lab): LabSession {
  const screen = createScreen({
    cols: lab.cols,
    rows: lab.rows,
    onInput: (data) => session.input(data),
    onWritten: (characters) => session.written(characters),
  })
  const session: LabSession = createSession({
    lab,
    screen,
    clock,
    send: (message) => connection?.send(message) ?? false,
    recording: () => recordingOf(lab),
    atOnce: () => matchMedia('(prefers-reduced-motion: reduce)').matches,
  })
  return session
}
