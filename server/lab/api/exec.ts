/** exec and attach over WebSocket. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LabContext } from '../context.ts'

export function handleExecUpgrade(_lab: LabContext, _request: IncomingMessage, socket: Duplex, _head: Buffer): void {
  socket.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
}
