/** The server's side of SOCKS 5 (RFC 1928) as far as curl speaks it: no authentication, CONNECT. */
import type { Socket } from 'node:net'
import type { NetworkOutcome } from '../contracts/network.ts'

const VERSION = 5
const CONNECT = 1
const IPV4 = 1
const NAME = 3
/** Longest handshake: a name of 255 bytes. */
const MAX_LENGTH = 600

const GRANTED = 0
const FAILED = 1
const NETWORK_UNREACHABLE = 3
const HOST_UNREACHABLE = 4
const REFUSED = 5

function codeOf(end: 'granted' | NetworkOutcome): number {
  if (end === 'granted') return GRANTED
  if (end.outcome === 'refused') return REFUSED
  if (end.outcome === 'unreachable' && end.why === 'no-network') return NETWORK_UNREACHABLE
  return end.outcome === 'reset' ? FAILED : HOST_UNREACHABLE
}

/** Calls `wanted` with where the program wants to go. `reply` ends the handshake; until then the program waits as for a connection. */
export function acceptSocks(
  socket: Socket,
  wanted: (host: string, port: number, reply: (end: 'granted' | NetworkOutcome) => void) => void,
): void {
  let received = Buffer.alloc(0)
  let greeted = false

  const reply = (end: 'granted' | NetworkOutcome): void => {
    const code = codeOf(end)
    const answer = Buffer.from([VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0])
    if (code === GRANTED) socket.write(answer)
    else socket.end(answer)
  }
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk])
    if (received[0] !== VERSION || received.length > MAX_LENGTH) return void socket.destroy()
    if (!greeted) {
      const length = 2 + (received[1] ?? Infinity)
      if (received.length < length) return
      greeted = true
      received = received.subarray(length)
      socket.write(Buffer.from([VERSION, 0]))
      if (received.length === 0) return
    }
    const kind = received[3]
    if (kind === undefined) return
    if (received[1] !== CONNECT || (kind !== IPV4 && kind !== NAME))
      return void socket.end(Buffer.from([VERSION, kind === IPV4 ? 7 : 8, 0, IPV4, 0, 0, 0, 0, 0, 0]))
    const at = kind === IPV4 ? 8 : 5 + (received[4] ?? Infinity)
    if (received.length < at + 2) return
    const host = kind === IPV4 ? [...received.subarray(4, 8)].join('.') : received.subarray(5, at).toString('latin1')
    socket.removeListener('data', read)
    socket.pause()
    const left = received.subarray(at + 2)
    if (left.length > 0) socket.unshift(left)
    wanted(host, received.readUInt16BE(at), (end) => {
      reply(end)
      socket.resume()
    })
  }
  socket.on('data', read)
}
