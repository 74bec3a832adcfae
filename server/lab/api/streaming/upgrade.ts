/** exec, attach and port-forward, over WebSocket (kubectl from 1.30 on) or SPDY (up to 1.29). */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LabContext } from '../../context.ts'
import type { StreamRefusal } from '../../contracts/exec.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, internalError, notFound } from '../../store/api-error.ts'
import { startExec, type ExecChannel, type ExecRequest, type ExecSession } from './session.ts'
import { serveSpdy } from './serve-spdy.ts'
import { serveWebSocket } from './serve-websocket.ts'
import { forwardOverSpdy, forwardOverWebSocket, type Forward } from './port-forward.ts'
import { containerOf } from '../log.ts'
import { checkAccess } from '../access/guard.ts'
import { parseResourcePath } from '../request-info.ts'

/** An answer to an upgrade that is refused: a Status, as to any request. */
function refuse(socket: Duplex, error: ApiError): void {
  const body = `${JSON.stringify(error.status())}\n`
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** What a kubelet answers in place of the upgrade, as the API server hands it through. */
function refuseAsKubelet(socket: Duplex, refusal: StreamRefusal): void {
  const [code, type, body] =
    refusal === 'silent'
      ? ['400 Bad Request', 'application/json', '{"kind":"Status","apiVersion":"v1","metadata":{}}']
      : ['500 Internal Server Error', 'text/plain; charset=utf-8', `${refusal.words}\n`]
  socket.end(`HTTP/1.1 ${code}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
}

/** AuthorizePodWebsocketUpgradeCreatePermission. */
const FIRST_TO_ASK_TWICE = 35

interface StreamedPod {
  namespace: string
  pod: KubeObject
  subresource: string
  query: URLSearchParams
}

/** The pod that a path is about. Throws what the API server answers before it dials the pod's kubelet. */
function streamedPod(lab: LabContext, request: IncomingMessage): StreamedPod {
  const [path = '', search = ''] = (request.url ?? '').split('?', 2)
  const info = parseResourcePath(path)
  if (info === null || info.resource !== 'pods' || info.name === null || info.subresource === null) {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
  }
  const query = new URLSearchParams(search)
  checkAccess({ lab, request, method: request.method ?? 'GET', path, query })
  // a WebSocket comes by GET; who may only look at pods may not run anything in them
  if (minorVersion(lab.settings) >= FIRST_TO_ASK_TWICE) checkAccess({ lab, request, method: 'POST', path, query })
  const namespace = info.namespace ?? 'default'
  const pod = lab.store.get('pods', namespace, info.name)
  if (!pod) throw notFound({ group: '', plural: 'pods' }, info.name)
  return { namespace, pod, subresource: info.subresource, query }
}

function checkPlaced({ pod }: StreamedPod): void {
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
}

/** Throws where the pod's kubelet cannot be reached, which port-forward finds out before its streams are open. */
function checkReachable(lab: LabContext, { pod }: StreamedPod): void {
  const { nodeName } = pod.spec
  if (lab.power.isOn(nodeName)) return
  const node = lab.preset.nodes.find(({ name }) => name === nodeName)
  throw internalError(`error dialing backend: dial tcp ${node?.address ?? nodeName}:10250: connect: no route to host`)
}

function readExec(lab: LabContext, streamed: StreamedPod): ExecRequest {
  const { namespace, pod, query, subresource } = streamed
  const container = containerOf(pod, query.get('container'), 'exec')
  checkPlaced(streamed)
  const command = query.getAll('command')
  const attach = subresource === 'attach'
  if (!attach && command.length === 0) throw badRequest('you must specify at least 1 command')
  const flag = (name: string): boolean => query.get(name) === 'true' || query.get(name) === '1'
  return {
    namespace,
    pod: pod.metadata.name,
    container,
    command: attach ? null : command,
    tty: flag('tty'),
    stdin: flag('stdin'),
    stdout: flag('stdout'),
    stderr: flag('stderr'),
  }
}

/** Serves exec, attach and port-forward. */
export function handleStreamUpgrade(lab: LabContext, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  try {
    serve(lab, request, socket, head)
  } catch (error) {
    if (!(error instanceof ApiError)) lab.fault(error)
    refuse(socket, error instanceof ApiError ? error : internalError(String(error)))
  }
}

function serve(lab: LabContext, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // a server that closes does not know of the connections that were upgraded
  const ending = lab.onDispose(() => socket.destroy())
  socket.on('close', () => ending.dispose())
  const streamed = streamedPod(lab, request)
  const protocol = String(request.headers.upgrade).toLowerCase()
  if (protocol !== 'websocket' && protocol !== 'spdy/3.1') {
    throw badRequest(`unable to upgrade: unexpected upgrade protocol ${JSON.stringify(protocol)}`)
  }
  if (streamed.subresource === 'portforward') {
    checkPlaced(streamed)
    checkReachable(lab, streamed)
    const { namespace, pod } = streamed
    const forward: Forward = (port, connection) =>
      lab.runtime ? lab.runtime.forward(namespace, pod.metadata.name, port, connection) : 'no kubelet runs in the lab'
    if (protocol === 'websocket') forwardOverWebSocket(request, socket, head, forward)
    else forwardOverSpdy(request, socket, head, forward)
    return
  }
  if (streamed.subresource !== 'exec' && streamed.subresource !== 'attach') {
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
  }
  const exec = readExec(lab, streamed)
  const { namespace, pod, container, tty, stderr } = exec
  const refusal = lab.runtime?.refuses(namespace, pod, container, { attach: exec.command === null, tty, stderr }) ?? null
  if (refusal !== null && protocol !== 'websocket') return refuseAsKubelet(socket, refusal)
  const start = (channel: ExecChannel): ExecSession => startExec(lab, exec, refusal, channel)
  if (protocol === 'websocket') serveWebSocket(request, socket, head, start)
  else serveSpdy(request, socket, head, exec, start)
}
