/**
 * exec over WebSocket, subprotocols v5.channel.k8s.io and v4: one byte for the channel, then its bytes. As apimachinery's util/remotecommand.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { encodeText } from '../../machinery/bytes.ts'
import type { ExecChannel, ExecSession } from './session.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const CLOSE = 255

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
})

export function serveWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, start: (channel: ExecChannel) => ExecSession): void {
  server.handleUpgrade(request, socket, head, (client) => {
    const send = (channel: number, data: string): void => {
      if (client.readyState === client.OPEN) client.send(Buffer.concat([Buffer.from([channel]), encodeText(data)]))
    }
    const session = start({
      translated: true,
      stdout: (data) => send(STDOUT, data),
      stderr: (data) => send(STDERR, data),
      finish(status) {
        send(STATUS, JSON.stringify(status))
        client.close(1000)
      },
    })
    client.on('message', (data: Buffer) => {
      const [channel] = data
      const rest = data.subarray(1)
      if (channel === STDIN) session.stdin(rest)
      else if (channel === CLOSE && rest[0] === STDIN) session.closeStdin()
      else if (channel === RESIZE) session.resize(rest)
    })
    client.on('close', () => session.stop())
    client.on('error', () => session.stop())
  })
}
