/**
 * port-forward: SPDY/3.1, protocol portforward.k8s.io, either plain (kubectl up to 1.30) or in the messages of a WebSocket. For each connection of the
 * client there are two streams with one requestID: `error`, on which an error is written as text, and `data`. As kubelet's cri/streaming/portforward.
 */
import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { acceptSpdy, spdyConnection, type SpdyStream } from './spdy.ts'

const PROTOCOL = 'portforward.k8s.io'
const TUNNEL_PROTOCOL = `SPDY/3.1+${PROTOCOL}`

/** Opens a connection to a port of the pod; returns why it cannot. */
export type Forward = (port: number, connection: Duplex) => string | null

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => (offered.has(TUNNEL_PROTOCOL) ? TUNNEL_PROTOCOL : false),
})

export function forwardOverWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, forward: Forward): void {
  server.handleUpgrade(request, socket, head, (client) => {
    const tunnel = createWebSocketStream(client)
    tunnel.on('error', () => client.terminate())
    forwardOver(tunnel, Buffer.alloc(0), forward)
  })
}

export function forwardOverSpdy(request: IncomingMessage, socket: Duplex, head: Buffer, forward: Forward): void {
  if (acceptSpdy(request, socket, PROTOCOL)) forwardOver(socket, head, forward)
}

function forwardOver(socket: Duplex, head: Buffer, forward: Forward): void {
  const waiting = new Map<string, SpdyStream>()
  const connections = new Set<Duplex>()
  spdyConnection(socket, head, {
    onStream(stream) {
      const { streamtype, port, requestid = '' } = stream.headers
      const other = waiting.get(requestid)
      if (!other) return void waiting.set(requestid, stream)
      waiting.delete(requestid)
      const [error, data] = streamtype === 'data' ? [other, stream] : [stream, other]
      const connection = asDuplex(data)
      connections.add(connection)
      connection.on('error', () => connection.destroy())
      connection.on('close', () => {
        connections.delete(connection)
        error.end()
      })
      const why = forward(Number(port), connection)
      if (why === null) return
      error.write(Buffer.from(why))
      connection.destroy()
    },
    onClose() {
      for (const connection of connections) connection.destroy()
    },
  })
}

function asDuplex(stream: SpdyStream): Duplex {
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      stream.write(chunk)
      done()
    },
    final(done) {
      stream.end()
      done()
    },
    destroy(error, done) {
      stream.end()
      done(error)
    },
  })
  stream.onData = (data) => void duplex.push(data)
  stream.onEnd = () => void duplex.push(null)
  return duplex
}
