/** A client that sends bytes as they are: what is malformed has to arrive malformed. */
import { Agent, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface RawRequest {
  method: string
  /** With the query. */
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
}

export interface RawAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The parsed body; undefined where it is no JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json: any
}

/** Longest that an answer may take on a busy machine, ms: what takes longer hangs. */
const HANGS = 20_000

export interface RawClient {
  /** Resolves with the whole answer; with its first part where it is an open watch. */
  send(request: RawRequest): Promise<RawAnswer>
  close(): void
}

/** A client of its own connection. `tls` for a cluster that asks for certificates. */
export function rawClient(url: string, tls: RequestOptions & { key?: string; cert?: string; ca?: string } = {}): RawClient {
  const target = new URL(url)
  const isTls = target.protocol === 'https:'
  const agent = isTls ? undefined : new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    send: (sent) =>
      new Promise((done, failed) => {
        const start = isTls ? httpsRequest : httpRequest
        const options: RequestOptions = {
          host: target.hostname,
          port: target.port,
          method: sent.method,
          path: sent.path,
          headers: { ...sent.headers, ...(sent.body === undefined ? {} : { 'content-length': Buffer.byteLength(sent.body) }) },
          ...(agent ? { agent } : {}),
          ...tls,
        }
        const request = start(options, (response) => {
          let text = ''
          response.setEncoding('utf8')
          const isOpen = response.headers['content-length'] === undefined && /[?&](watch|follow)=/.test(sent.path)
          const finish = (): void => {
            clearTimeout(limit)
            done({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) })
            if (isOpen) response.destroy()
          }
          response.on('data', (chunk: string) => (text += chunk))
          response.on('error', failed)
          if (isOpen && response.statusCode === 200) finish()
          else response.on('end', finish)
        })
        const limit = setTimeout(() => request.destroy(new Error(`${sent.method} ${sent.path} hangs`)), HANGS)
        request.on('error', (error) => {
          clearTimeout(limit)
          failed(error)
        })
        request.end(sent.body)
      }),
    close: () => agent?.destroy(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
