/** The lab's own endpoints beside its Kubernetes API: see server/protocol/lab-control.ts for what they take and give. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LAB_CONTROL_PATH } from '../../protocol/lab-control.ts'
import type { LabClient } from '../../protocol/lab-control.ts'
import type { LabContext } from '../context.ts'
import { readBody } from '../machinery/http-connection.ts'
import { changeClock } from './clock.ts'
import { ControlError, badRequest } from './errors.ts'
import { setNodePower } from './nodes.ts'
import { labStatus } from './status.ts'
import { traceRequest } from './trace.ts'
import { watchEvents } from './watch.ts'

export interface LabControl {
  /** The run that is on now: another one after a reset. */
  current(): LabContext
  /** What a shell of the client outside needs. */
  client(): LabClient
}

interface Call {
  lab: LabContext
  control: LabControl
  /** The parsed body; null for GET and for no body. */
  body: unknown
  /** What the path's pattern caught. */
  match: RegExpExecArray
}

interface Endpoint {
  method: 'GET' | 'POST'
  path: RegExp
  /** The answer's body. Throws ControlError. */
  answer(call: Call): unknown
}

const ENDPOINTS: Endpoint[] = [
  { method: 'GET', path: /^\/status$/, answer: ({ lab }) => labStatus(lab) },
  {
    method: 'POST',
    path: /^\/nodes\/([^/]+)\/(stop|start)$/,
    answer: ({ lab, match }) => setNodePower(lab, decodeURIComponent(match[1] as string), match[2] === 'start'),
  },
  { method: 'POST', path: /^\/clock$/, answer: ({ lab, body }) => changeClock(lab, body) },
  {
    method: 'POST',
    path: /^\/reset$/,
    answer: async ({ lab, control }) => {
      await lab.reset()
      return labStatus(control.current())
    },
  },
  { method: 'GET', path: /^\/neighbours$/, answer: ({ lab }) => lab.network?.neighbours() ?? [] },
  { method: 'POST', path: /^\/trace$/, answer: ({ lab, body }) => traceRequest(lab, body) },
  { method: 'GET', path: /^\/client$/, answer: ({ control }) => control.client() },
]

/** Answers a request whose path begins with {@link LAB_CONTROL_PATH}. Never throws. */
export function handleLabControl(control: LabControl, request: IncomingMessage, response: ServerResponse): void {
  const path = new URL(request.url ?? '/', 'http://lab').pathname.slice(LAB_CONTROL_PATH.length)
  if (request.method === 'GET' && path === '/watch') return watchEvents(control.current(), response)
  readBody(request, (text) => {
    if (response.destroyed) return
    answer(control, request.method ?? 'GET', path, text).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        if (error instanceof ControlError) return send(response, error.status, { message: error.message })
        control.current().fault(error)
        send(response, 500, { message: `the lab failed at ${request.method} ${LAB_CONTROL_PATH}${path}: ${String(error)}` })
      },
    )
  })
}

async function answer(control: LabControl, method: string, path: string, text: string | null): Promise<unknown> {
  if (text === null) throw badRequest('the body is too long or broke off')
  const known = ENDPOINTS.filter((endpoint) => endpoint.path.test(path))
  if (known.length === 0) throw new ControlError(404, `there is no ${LAB_CONTROL_PATH}${path}: see \`lab help\` for what the lab can do`)
  const endpoint = known.find((each) => each.method === method)
  if (!endpoint) throw badRequest(`${LAB_CONTROL_PATH}${path} takes ${known.map((each) => each.method).join(' or ')}, not ${method}`)
  let body: unknown = null
  if (text.trim() !== '')
    try {
      body = JSON.parse(text)
    } catch {
      throw badRequest(`the body is not JSON: ${text.slice(0, 80)}`)
    }
  return endpoint.answer({ lab: control.current(), control, body, match: endpoint.path.exec(path) as RegExpExecArray })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body) + '\n')
}
