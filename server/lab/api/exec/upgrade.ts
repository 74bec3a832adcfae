/** exec and attach, over WebSocket (kubectl from 1.30 on) or SPDY (up to 1.29). */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LabContext } from '../../context.ts'
import { ApiError, badRequest, internalError, notFound } from '../../store/api-error.ts'
import { startExec, type ExecChannel, type ExecSession } from './session.ts'
import { serveSpdy } from './serve-spdy.ts'
import { serveWebSocket } from './serve-websocket.ts'
import { containerOf } from '../log.ts'
import { parseResourcePath } from '../request-info.ts'

/** An answer to an upgrade that is refused: a Status, as to any request. */
function refuse(socket: Duplex, error: ApiError): void {
  const body = `${JSON.stringify(error.status())}\n`
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

export interface ExecRequest {
  namespace: string
  pod: string
  container: string
  /** null: the container's first process is joined (attach). */
  command: string[] | null
  tty: boolean
  stdin: boolean
  stdout: boolean
  stderr: boolean
}

function readRequest(lab: LabContext, request: IncomingMessage): ExecRequest {
  const [path = '', search = ''] = (request.url ?? '').split('?', 2)
  const info = parseResourcePath(path)
  if (info === null || info.resource !== 'pods' || info.name === null) {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
  }
  if (info.subresource !== 'exec' && info.subresource !== 'attach') {
    throw new ApiError(501, 'NotImplemented', `the lab has no ${info.subresource}: reach pods through a Service, or by kubectl exec`)
  }
  const query = new URLSearchParams(search)
  const namespace = info.namespace ?? 'default'
  const pod = lab.store.get('pods', namespace, info.name)
  if (!pod) throw notFound({ group: '', plural: 'pods' }, info.name)
  const container = containerOf(pod, query.get('container'), 'exec')
  if (!pod.spec?.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`)
  }
  if (!lab.power.isOn(pod.spec.nodeName)) {
    const node = lab.preset.nodes.find(({ name }) => name === pod.spec.nodeName)
    throw internalError(`error dialing backend: dial tcp ${node?.address ?? pod.spec.nodeName}:10250: connect: no route to host`)
  }
  const command = query.getAll('command')
  const attach = info.subresource === 'attach'
  if (!attach && command.length === 0) throw badRequest('you must specify at least 1 command')
  const flag = (name: string): boolean => query.get(name) === 'true' || query.get(name) === '1'
  return {
    namespace,
    pod: info.name,
    container,
    command: attach ? null : command,
    tty: flag('tty'),
    stdin: flag('stdin'),
    stdout: flag('stdout'),
    stderr: flag('stderr'),
  }
}

export function handleExecUpgrade(lab: LabContext, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  let exec: ExecRequest
  try {
    exec = readRequest(lab, request)
  } catch (error) {
    if (!(error instanceof ApiError)) lab.fault(error)
    refuse(socket, error instanceof ApiError ? error : internalError(String(error)))
    return
  }
  const start = (channel: ExecChannel): ExecSession => startExec(lab, exec, channel)
  const protocol = String(request.headers.upgrade).toLowerCase()
  if (protocol === 'websocket') serveWebSocket(request, socket, head, start)
  else if (protocol === 'spdy/3.1') serveSpdy(request, socket, head, exec, start)
  else refuse(socket, badRequest(`unable to upgrade: unexpected upgrade protocol ${JSON.stringify(protocol)}`))
}
