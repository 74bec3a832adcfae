/** One HTTP request and its answer, as the verbs use it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ApiError, internalError } from '../store/api-error.ts'
import type { LabContext } from '../context.ts'

/** Largest body that is read, as the API server's limit for a resource (3 MiB). */
const MAX_BODY = 3 * 1024 * 1024

export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  method: string
  path: string
  query: URLSearchParams
  lab: LabContext
  /** Set where a whole collection is asked for. */
  isList?: boolean
  /** Texts of Warning headers, sent with the answer. */
  warnings: string[]
}

/** The whole body. Throws a 413 where it is larger than the server reads. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > MAX_BODY) throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY}`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** A warning as a header's value (net.NewWarningHeader of apimachinery): code 299, agent unknown, quoted text, in the bytes of UTF-8. */
function warningHeader(text: string): string {
  const quoted = text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')
  return Buffer.from(`299 - "${quoted}"`).toString('latin1')
}

/** The Warning headers of an answer: each text once. */
export function warningHeaders(warnings: readonly string[]): { Warning?: string[] } {
  return warnings.length === 0 ? {} : { Warning: [...new Set(warnings)].map(warningHeader) }
}

export function sendJson(exchange: Exchange, code: number, body: object | string, headers: Record<string, string> = {}): void {
  const { request, query } = exchange
  let text = typeof body === 'string' ? body : JSON.stringify(body)
  let end = '\n'
  const pretty = query.get('pretty')
  const agent = request.headers['user-agent'] ?? ''
  if (pretty === '1' || pretty === 'true' || (pretty === null && /^(curl|Wget|Mozilla)\//.test(agent))) {
    text = JSON.stringify(JSON.parse(text), null, 2)
    end = ''
  }
  sendText(exchange, code, text + end, 'application/json', headers)
}

export function sendText(
  exchange: Exchange,
  code: number,
  text: string | Buffer,
  type: string,
  headers: Record<string, string> = {},
): void {
  const { response, warnings } = exchange
  if (response.headersSent || response.destroyed) return
  response.statusCode = code
  response.setHeader('Content-Type', type)
  response.setHeader('Cache-Control', 'no-cache, private')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  for (const [name, value] of Object.entries(warningHeaders(warnings))) response.setHeader(name, value)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}

/** An error as a Status. Anything but an ApiError is a bug of the lab's: reported, and a 500 for the client. */
export function sendError(exchange: Exchange, error: unknown): void {
  if (!(error instanceof ApiError)) exchange.lab.fault(error)
  const answer = error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error))
  const { response } = exchange
  if (response.headersSent) {
    response.destroy()
    return
  }
  const headers: Record<string, string> = answer.details?.retryAfterSeconds
    ? { 'Retry-After': String(answer.details.retryAfterSeconds) }
    : {}
  sendJson(exchange, answer.code, answer.status(), headers)
}
