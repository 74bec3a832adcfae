/**
 * The server's side of a SPDY/3.1 connection, as far as kubectl up to 1.29 uses it: streams that the client opens, data both ways, ping. kubectl's
 * library (moby/spdystream) has no flow control, so there is none here. Source: draft-mbelshe-httpbis-spdy-00.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { constants, createDeflate, createInflate } from 'node:zlib'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'

const SYN_STREAM = 1
const SYN_REPLY = 2
const RST_STREAM = 3
const PING = 6

const FLAG_FIN = 1

/** Largest payload of one data frame that is sent. */
const MAX_DATA = 32 * 1024
/** Largest frame that is read: kubectl sends at most 32 KiB at once. */
const MAX_FRAME = 1024 * 1024

export interface SpdyStream {
  headers: Record<string, string>
  write(data: Buffer): void
  /** Ends the server's half. */
  end(): void
  onData: (data: Buffer) => void
  /** The client has ended its half, or the connection is gone. */
  onEnd: () => void
}

export interface SpdyConnection {
  /** Sends what is left and closes. */
  close(): void
}

/** Answers an upgrade to SPDY/3.1 for a protocol on top of it. Returns whether the client offered that; the socket is closed where it did not. */
export function acceptSpdy(request: IncomingMessage, socket: Duplex, protocol: string): boolean {
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
  if (!offered.split(/, */).includes(protocol)) {
    socket.end(`HTTP/1.1 403 Forbidden\r\nX-Accept-Stream-Protocol-Versions: ${protocol}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
    return false
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  )
  return true
}

/** Speaks SPDY on a socket. `onStream` is called for each stream that the client opens, `onClose` once. */
export function spdyConnection(
  socket: Duplex,
  head: Buffer,
  { onStream, onClose }: { onStream: (stream: SpdyStream) => void; onClose: () => void },
): SpdyConnection {
  const streams = new Map<number, SpdyStream>()
  const headers = headerCodec()
  let received = head
  /** Header blocks are unpacked one after the other, and frames wait for them: the compression has a state. */
  let work: Promise<void> = Promise.resolve()

  const send = (frame: Buffer): void => {
    if (!socket.destroyed && socket.writable) socket.write(frame)
  }
  const dataFrame = (id: number, flags: number, data: Buffer): Buffer => {
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(id, 0)
    frame.writeUInt32BE(((flags << 24) | data.length) >>> 0, 4)
    return Buffer.concat([frame, data])
  }
  const controlFrame = (type: number, body: Buffer): Buffer => {
    const frame = Buffer.alloc(8)
    frame.writeUInt16BE(0x8003, 0)
    frame.writeUInt16BE(type, 2)
    frame.writeUInt32BE(body.length, 4)
    return Buffer.concat([frame, body])
  }

  const openStream = async (body: Buffer): Promise<void> => {
    const id = body.readUInt32BE(0) & 0x7fffffff
    const stream: SpdyStream = {
      headers: await headers.unpack(body.subarray(10)),
      write(data) {
        for (let at = 0; at < data.length; at += MAX_DATA) send(dataFrame(id, 0, data.subarray(at, at + MAX_DATA)))
      },
      end: () => send(dataFrame(id, FLAG_FIN, Buffer.alloc(0))),
      onData: () => {},
      onEnd: () => {},
    }
    streams.set(id, stream)
    const reply = Buffer.alloc(4)
    reply.writeUInt32BE(id, 0)
    send(controlFrame(SYN_REPLY, Buffer.concat([reply, await headers.packEmpty()])))
    onStream(stream)
  }

  const handleFrame = async (frame: Buffer): Promise<void> => {
    const flags = frame[4] as number
    const body = frame.subarray(8)
    if ((frame.readUInt32BE(0) & 0x80000000) === 0) {
      const stream = streams.get(frame.readUInt32BE(0))
      if (body.length > 0) stream?.onData(body)
      if (flags & FLAG_FIN) stream?.onEnd()
      return
    }
    const type = frame.readUInt16BE(2)
    if (type === SYN_STREAM && body.length >= 10) {
      await openStream(body)
      if (flags & FLAG_FIN) streams.get(body.readUInt32BE(0) & 0x7fffffff)?.onEnd()
    } else if (type === PING) send(controlFrame(PING, body))
    else if (type === RST_STREAM && body.length >= 4) streams.get(body.readUInt32BE(0) & 0x7fffffff)?.onEnd()
  }

  const take = (): void => {
    while (received.length >= 8) {
      const length = received.readUInt32BE(4) & 0xffffff
      if (length > MAX_FRAME) {
        socket.destroy()
        return
      }
      if (received.length < 8 + length) return
      const frame = received.subarray(0, 8 + length)
      received = received.subarray(8 + length)
      work = work.then(() => handleFrame(frame)).catch(() => void socket.destroy())
    }
  }

  let closed = false
  const ended = (): void => {
    if (closed) return
    closed = true
    headers.dispose()
    for (const stream of streams.values()) stream.onEnd()
    onClose()
  }
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    take()
  })
  socket.on('close', ended)
  socket.on('error', ended)
  take()
  return { close: () => void work.then(() => socket.end()) }
}

interface HeaderCodec {
  unpack(block: Buffer): Promise<Record<string, string>>
  packEmpty(): Promise<Buffer>
  dispose(): void
}

/** Header blocks of one connection: each direction is one long zlib stream. */
function headerCodec(): HeaderCodec {
  const inflate = createInflate({ dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH })
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY })
  let unpacked = Buffer.alloc(0)
  let packed = Buffer.alloc(0)
  inflate.on('data', (chunk: Buffer) => (unpacked = Buffer.concat([unpacked, chunk])))
  deflate.on('data', (chunk: Buffer) => (packed = Buffer.concat([packed, chunk])))
  return {
    unpack(block) {
      return new Promise((done, failed) => {
        inflate.once('error', failed)
        inflate.write(block, () => {
          inflate.flush(constants.Z_SYNC_FLUSH, () => {
            inflate.off('error', failed)
            const text = unpacked
            unpacked = Buffer.alloc(0)
            try {
              done(parseHeaders(text))
            } catch (error) {
              failed(error as Error)
            }
          })
        })
      })
    },
    packEmpty() {
      return new Promise((done) => {
        deflate.write(Buffer.alloc(4), () => {
          deflate.flush(constants.Z_SYNC_FLUSH, () => {
            done(packed)
            packed = Buffer.alloc(0)
          })
        })
      })
    },
    dispose() {
      inflate.close()
      deflate.close()
    },
  }
}

function parseHeaders(block: Buffer): Record<string, string> {
  const headers: Record<string, string> = {}
  let at = 4
  const text = (): string => {
    const length = block.readUInt32BE(at)
    at += 4 + length
    return block.toString('utf8', at - length, at)
  }
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase()
    headers[name] = text()
  }
  return headers
}
