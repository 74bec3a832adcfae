/**
 * Requests to a cluster's API server with the credentials of a kubeconfig. The credentials are the client library's business (certificates, tokens, exec and
 * OIDC plugins); the requests are plain, because its informer stops on most errors and gives no way to see why (facts on watches: source.ts).
 */
import { request as httpRequest, Agent as HttpAgent, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf, Problem } from '../problem.ts'
import { TIMES_HEADER } from '../protocol/lab-control.ts'

export interface ApiResponse {
  status: number
  body: any
  /** The server's Date, ms since the epoch, or null. */
  date: number | null
}

export interface RequestDetails {
  body?: unknown
  signal?: AbortSignal | undefined
  /** Media type that is asked for, plain JSON by default. */
  accept?: string
}

export interface Api {
  /** URL of the server. */
  server: string
  /** A request with a JSON answer. Rejects where no answer came; a status of 400 and more is an answer. */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, options?: RequestDetails): Promise<ApiResponse>
  /**
   * A watch: calls `line` with every line of the answer. Resolves with the status once the server ends it, rejects where the connection breaks.
   */
  watch(path: string, line: (text: string) => void, signal: AbortSignal): Promise<number>
  dispose(): void
}

/** How long the server may take for a whole answer, and for the first byte of a watch, ms. */
const ANSWER_WITHIN = 10_000

type Authenticate = (options: RequestOptions) => Promise<void>

async function readAll(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

function parse(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text.slice(0, 200) }
  }
}

function createApi(server: string, authenticate: Authenticate): Api {
  const base = new URL(server)
  const agent = base.protocol === 'http:' ? new HttpAgent({ keepAlive: true }) : undefined
  const open = async (
    method: string,
    path: string,
    signal: AbortSignal,
    { body, accept }: RequestDetails = {},
  ): Promise<IncomingMessage> => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options: RequestOptions = {
      method,
      signal,
      agent,
      headers: {
        Accept: accept ?? 'application/json',
        'User-Agent': 'lab-bridge',
        // the diagram compares times that it was told before and after the clock was forwarded
        [TIMES_HEADER]: 'cluster',
        ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
      },
    }
    await authenticate(options)
    const url = new URL(base.pathname.replace(/\/$/, '') + path, base)
    return new Promise((resolve, reject) => {
      const request = (base.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, resolve)
      request.on('error', reject)
      request.end(text)
    })
  }
  return {
    server,
    async request(method, path, details = {}) {
      const limit = AbortSignal.timeout(ANSWER_WITHIN)
      const response = await open(method, path, details.signal ? AbortSignal.any([details.signal, limit]) : limit, details)
      const text = await readAll(response)
      const date = Date.parse(response.headers.date ?? '')
      return { status: response.statusCode ?? 0, body: parse(text), date: Number.isNaN(date) ? null : date }
    },
    async watch(path, line, signal) {
      const response = await open('GET', path, signal)
      const status = response.statusCode ?? 0
      if (status !== 200) {
        response.resume()
        return status
      }
      response.setEncoding('utf8')
      let rest = ''
      for await (const chunk of response) {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop()!
        for (const text of lines) if (text !== '') line(text)
      }
      return status
    },
    dispose: () => agent?.destroy(),
  }
}

/** Connects to the current context of a kubeconfig. Throws a Problem where the file cannot be used. */
export async function connect(kubeconfig: string): Promise<Api> {
  // the library takes half a second to load: not before it is needed
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  try {
    config.loadFromFile(kubeconfig)
  } catch (error) {
    throw new Problem(`${kubeconfig} cannot be read as a kubeconfig: ${messageOf(error)}`)
  }
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new Problem(`${kubeconfig} has no current context with a cluster: choose one with --context NAME`)
  const isSecure = cluster.server.startsWith('https:')
  return createApi(cluster.server, async (options) => {
    if (!isSecure) return
    const { headers } = options
    await config.applyToHTTPSOptions(options)
    options.headers = { ...headers, ...(options.headers as object) }
  })
}
