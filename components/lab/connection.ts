/**
 * One WebSocket to the bridge, taken up again when it breaks.
 *
 *     state        event                 next
 *     idle         start                 connecting
 *     connecting   opened                open        (the attempts start again from the shortest wait)
 *     connecting   closed                waiting     (or idle: after FIRST_ATTEMPTS where no bridge has ever answered)
 *     open         closed                waiting
 *     waiting      the wait is over      connecting
 *     idle,waiting start                 connecting  (at once)
 *     any          stop                  idle
 *
 * A page that has never met a bridge gives up after its first attempts: it is a static deck. Entering a slide with a lab starts it again, but
 * not within QUIET_FOR: nobody's console is to fill with failures of something that is not there.
 */
import { SUBPROTOCOL, type ClientMessage, type ServerMessage } from '../../server/protocol/messages.ts'

export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting'

/** The part of a WebSocket that is used. */
export interface Socket {
  addEventListener(type: 'open' | 'close' | 'message', listener: (event: { data?: unknown }) => void): void
  send(data: string): void
  close(): void
}

/** What the connection needs of its surroundings, so that tests can give it theirs. */
export interface ConnectionOptions {
  open(subprotocol: string): Socket
  /** Runs a function after so many milliseconds; returns how to call it off. */
  after(milliseconds: number, run: () => void): () => void
  onMessage(message: ServerMessage): void
  /** `lost` is true where a bridge that had answered is gone. */
  onState(state: ConnectionState, lost: boolean): void
}

export interface Connection {
  readonly state: ConnectionState
  /** A bridge that had answered is gone. */
  readonly isLost: boolean
  /** Connects now, unless it is connected or at it. */
  start(): void
  /** True where the message went out. */
  send(message: ClientMessage): boolean
  stop(): void
}

/** Waits between attempts, in ms; the last one repeats. */
const WAITS = [250, 500, 1000, 2000, 5000]
/** Attempts before a page that has never met a bridge takes itself for a static deck. */
const FIRST_ATTEMPTS = 2
/** For so long (ms) such a page is not asked to try again. */
const QUIET_FOR = 60_000

export function createConnection(options: ConnectionOptions): Connection {
  let state: ConnectionState = 'idle'
  let socket: Socket | null = null
  let attempts = 0
  let met = false
  let isQuiet = false
  let cancelWait: (() => void) | null = null

  const isLost = (): boolean => met && state !== 'open'

  function enter(next: ConnectionState): void {
    state = next
    options.onState(next, isLost())
  }

  function drop(): void {
    cancelWait?.()
    const dropped = socket
    // what it says from now on is nobody's
    socket = null
    dropped?.close()
  }

  function closed(): void {
    socket = null
    if (!met && attempts >= FIRST_ATTEMPTS) {
      isQuiet = true
      options.after(QUIET_FOR, () => (isQuiet = false))
      return enter('idle')
    }
    const wait = WAITS[Math.min(attempts, WAITS.length) - 1] ?? (WAITS[0] as number)
    cancelWait = options.after(wait, connect)
    enter('waiting')
  }

  function connect(): void {
    cancelWait?.()
    attempts++
    enter('connecting')
    const opening = options.open(SUBPROTOCOL)
    socket = opening
    opening.addEventListener('open', () => {
      if (socket !== opening) return
      attempts = 0
      met = true
      enter('open')
    })
    opening.addEventListener('close', () => {
      if (socket === opening) closed()
    })
    opening.addEventListener('message', ({ data }) => {
      if (socket === opening) options.onMessage(JSON.parse(String(data)) as ServerMessage)
    })
  }

  return {
    get state() {
      return state
    },
    get isLost() {
      return isLost()
    },
    start() {
      if (state === 'open' || state === 'connecting' || isQuiet) return
      attempts = 0
      connect()
    },
    send(message) {
      if (state !== 'open' || !socket) return false
      socket.send(JSON.stringify(message))
      return true
    },
    stop() {
      drop()
      attempts = 0
      if (state !== 'idle') enter('idle')
    },
  }
}
