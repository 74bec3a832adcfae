/** exec and attach over SPDY/3.1, protocol v4.channel.k8s.io: a stream for each of stdin, stdout, stderr, resize and error. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { encodeText } from '../../machinery/bytes.ts'
import type { ExecChannel, ExecRequest, ExecSession } from './session.ts'
import { acceptSpdy, spdyConnection, type SpdyStream } from './spdy.ts'

const PROTOCOL = 'v4.channel.k8s.io'

/** The streams that the client will open, by what it asked for. */
function expected(exec: ExecRequest): string[] {
  const { stdin, stdout, stderr, tty } = exec
  return [
    'error',
    ...(stdin ? ['stdin'] : []),
    ...(stdout ? ['stdout'] : []),
    ...(stderr && !tty ? ['stderr'] : []),
    ...(tty ? ['resize'] : []),
  ]
}

export function serveSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  exec: ExecRequest,
  start: (channel: ExecChannel) => ExecSession,
): void {
  if (!acceptSpdy(request, socket, PROTOCOL)) return
  const streams = new Map<string, SpdyStream>()
  const missing = new Set(expected(exec))
  let session: ExecSession | null = null
  const begin = (): void => {
    const running = start({
      translated: false,
      stdout: (data) => streams.get('stdout')?.write(encodeText(data)),
      stderr: (data) => streams.get('stderr')?.write(encodeText(data)),
      finish(status) {
        streams.get('error')?.write(Buffer.from(JSON.stringify(status)))
        for (const stream of streams.values()) stream.end()
        connection.close()
      },
    })
    session = running
    const stdin = streams.get('stdin')
    if (stdin) {
      stdin.onData = (data) => running.stdin(data)
      stdin.onEnd = () => running.closeStdin()
    }
    const size = streams.get('resize')
    if (size) size.onData = (data) => running.resize(data)
  }
  const connection = spdyConnection(socket, head, {
    onStream(stream) {
      const type = stream.headers['streamtype'] ?? ''
      streams.set(type, stream)
      missing.delete(type)
      if (missing.size === 0 && session === null) begin()
    },
    onClose: () => session?.stop(),
  })
}
