/** HTTP spoken on a connection that the lab itself holds: what arrives as bytes is handed on as requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Longest body of a request that is passed on, bytes. */
export const MAX_BODY = 1_048_576

const HOP_BY_HOP = /^(proxy-.*|connection|keep-alive|te|trailer|transfer-encoding|upgrade)$/i

/** Reads a body up to {@link MAX_BODY}; null where it is longer or broke off. */
export function readBody(request: IncomingMessage, done: (body: string | null) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  let over = false
  const end = (body: string | null): void => {
    if (over) return
    over = true
    done(body)
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > MAX_BODY) end(null)
    else chunks.push(chunk)
  })
  request.on('end', () => end(Buffer.concat(chunks).toString('utf8')))
  request.on('error', () => end(null))
  request.on('close', () => end(null))
}

export function passedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (!HOP_BY_HOP.test(name) && value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}

export interface HttpRequest {
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string
}

export interface HttpResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** What becomes of a request: an answer, a connection that breaks, or silence. */
export type HttpAnswer = (request: HttpRequest) => HttpResponse | 'reset' | 'lost'

const answers = new WeakMap<object, HttpAnswer>()
let server: Server | null = null

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  const answer = answers.get(socket)
  readBody(request, (body) => {
    if (response.destroyed || !answer || body === null) return void socket.destroy()
    const url = request.url ?? '/'
    const path = url.startsWith('/') ? url : new URL(url).pathname
    const given = answer({ method: request.method ?? 'GET', path, headers: passedHeaders(request), body })
    if (given === 'lost') return
    if (given === 'reset') return void (socket.resetAndDestroy ? socket.resetAndDestroy() : (socket as Duplex).destroy())
    response.writeHead(given.status, { ...given.headers, 'content-length': Buffer.byteLength(given.body) })
    response.end(request.method === 'HEAD' ? '' : given.body)
  })
}

/** Answers the requests that come over a connection, until it ends. */
export function answerHttp(connection: Duplex, answer: HttpAnswer): void {
  answers.set(connection, answer)
  server ??= createServer({ requestTimeout: 0 }, serve)
  server.emit('connection', connection)
}
