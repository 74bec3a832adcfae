/** WebSockets of pages: the upgrade with its checks, limits, and frames as messages. What a message means is the business of whoever made the server. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  MAX_INPUT,
  parseClientMessage,
  SOCKET_PATH,
  SUBPROTOCOL,
  type ClientMessage,
  type Role,
  type ServerMessage,
} from '../protocol/messages.ts'
import { NO_TOKEN, type Gate, type Refusal } from './gate.ts'

/** A page at the other end of a socket. */
export interface Page {
  role: Role
  send(message: ServerMessage): void
}

export interface PageHandler {
  message(message: ClientMessage): void
  closed(): void
}

export interface SocketLimits {
  /** Pages at a time: a room full of viewers, and no more than one process serves. */
  connections: number
  /** Bytes of one frame: the longest input, every character of it escaped by JSON. */
  frame: number
  /** Messages a second in the long run, and at once. Acknowledgements of output that was sent do not count. */
  messagesPerSecond: number
  burst: number
  /** A page that does not answer a ping within this time is gone, ms. */
  pingEvery: number
}

export const LIMITS: SocketLimits = {
  connections: 256,
  frame: 6 * MAX_INPUT + 1_024,
  messagesPerSecond: 500,
  burst: 2_000,
  pingEvery: 15_000,
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function turnAway(socket: Duplex, refusal: Refusal): void {
  const body = refusal.message + '\n'
  socket.end(
    `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** A close reason has to fit 123 bytes. */
function closeReason(text: string): string {
  return text.length <= 120 ? text : text.slice(0, 117) + '...'
}

/** So many messages a second, and a burst on top. */
class Allowance {
  private left: number
  private at = performance.now()
  private readonly limits: SocketLimits

  constructor(limits: SocketLimits) {
    this.limits = limits
    this.left = limits.burst
  }

  take(): boolean {
    const now = performance.now()
    this.left = Math.min(this.limits.burst, this.left + ((now - this.at) / 1000) * this.limits.messagesPerSecond)
    this.at = now
    if (this.left < 1) return false
    this.left--
    return true
  }
}

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  readonly size: number
  dispose(): void
}

export function createSockets(gate: Gate, connect: (page: Page) => PageHandler, limits: SocketLimits = LIMITS): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frame,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: () => SUBPROTOCOL,
  })
  const alive = new WeakSet<WebSocket>()
  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.has(socket)) {
        socket.terminate()
        continue
      }
      alive.delete(socket)
      socket.ping()
    }
  }, limits.pingEvery)
  pings.unref()

  const serve = (socket: WebSocket, role: Role): void => {
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    const allowance = new Allowance(limits)
    const handler = connect({
      role,
      send(message) {
        if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
      },
    })
    socket.on('message', (data, isBinary) => {
      // what was in flight when the socket was closed is not heard any more
      if (socket.readyState !== socket.OPEN) return
      const parsed = isBinary ? { error: 'the frame is binary: send JSON as text' } : parseClientMessage(String(data))
      if ('error' in parsed) return socket.close(1008, closeReason(parsed.error))
      if (parsed.message.t !== 'ack' && !allowance.take()) return socket.close(1008, 'too many messages: slow down, then connect again')
      handler.message(parsed.message)
    })
    // ws closes the socket itself, with the code that fits (1009 for a frame that is too long)
    socket.on('error', () => {})
    socket.on('close', () => handler.closed())
  }

  const refusalOf = (request: IncomingMessage): Refusal | null => {
    const refusal = gate.checkOrigin(request)
    if (refusal) return refusal
    if (request.url?.split('?')[0] !== SOCKET_PATH) return { status: 400, message: `WebSockets are taken at ${SOCKET_PATH} alone` }
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!protocols.includes(SUBPROTOCOL)) return { status: 400, message: `this server speaks ${SUBPROTOCOL}: reload the page` }
    if (gate.roleOf(request) === null) return NO_TOKEN
    if (server.clients.size >= limits.connections) {
      return { status: 503, message: `${limits.connections} pages are connected, which is the limit: close one` }
    }
    return null
  }

  return {
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy())
      const refusal = refusalOf(request)
      if (refusal) return turnAway(socket, refusal)
      const role = gate.roleOf(request) as Role
      server.handleUpgrade(request, socket, head, (accepted) => serve(accepted, role))
    },
    get size() {
      return server.clients.size
    },
    dispose() {
      clearInterval(pings)
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
