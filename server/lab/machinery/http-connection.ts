/** HTTP spoken on a connection that the lab itself holds: what arrives as bytes is handed on as requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { byteLength, decodeBytes, encodeText } from './bytes.ts'
import { canonicalHeader } from './header-names.ts'
import type { HttpAnswer, HttpResponse } from './http.ts'

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
  request.on('end', () => end(decodeBytes(Buffer.concat(chunks))))
  request.on('error', () => end(null))
  request.on('close', () => end(null))
}

export function passedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (!HOP_BY_HOP.test(name) && value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  return headers
}

/** Writes an answer as Go's servers do: names in their canonical form, the date (lab time, ms) and the length last, nothing about the connection. */
export function sendResponse(
  response: ServerResponse,
  { status, reason, headers, body }: HttpResponse,
  bodyless: boolean,
  now: number,
): void {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(canonicalHeader(name), value)
  }
  // a server that names these itself has them where it names them
  if (!response.hasHeader('Date')) response.setHeader('Date', new Date(now).toUTCString())
  if (!response.hasHeader('Content-Length') && status !== 304) response.setHeader('Content-Length', byteLength(body))
  if (response.hasHeader('Connection')) response.setHeader('Connection', response.shouldKeepAlive ? 'keep-alive' : 'close')
  else response.removeHeader('Connection')
  if (reason === undefined) response.writeHead(status)
  else response.writeHead(status, reason)
  response.end(bodyless ? '' : encodeText(body))
}

const answers = new WeakMap<object, { answer: HttpAnswer; now: () => number }>()
let server: Server | null = null

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  const answer = answers.get(socket)
  readBody(request, (body) => {
    if (response.destroyed || !answer || body === null) return void socket.destroy()
    const url = request.url ?? '/'
    const path = url.startsWith('/') ? url : new URL(url).pathname
    const given = answer.answer({ method: request.method ?? 'GET', path, headers: passedHeaders(request), body })
    if (given === 'lost') return
    if (given === 'reset') return void (socket.resetAndDestroy ? socket.resetAndDestroy() : (socket as Duplex).destroy())
    sendResponse(response, given, request.method === 'HEAD', answer.now())
  })
}

/** Answers the requests that come over a connection, until it ends. `now` gives lab time in ms, for the answers' date. */
export function answerHttp(connection: Duplex, now: () => number, answer: HttpAnswer): void {
  answers.set(connection, { answer, now })
  server ??= createServer({ requestTimeout: 0 }, serve)
  server.emit('connection', connection)
}
