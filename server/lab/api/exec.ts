/**
 * exec and attach over WebSocket, subprotocols v5.channel.k8s.io and v4: one byte for the channel, then its bytes. As apimachinery's
 * util/remotecommand and apiserver's wsstream.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { ExecProcess, LabContext } from '../context.ts'
import { ApiError, badRequest, internalError, notFound } from '../store/api-error.ts'
import { containerOf } from './log.ts'
import { parseResourcePath } from './request-info.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const STATUS = 3
const RESIZE = 4
const CLOSE = 255

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']

const server = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
})

/** An answer to an upgrade that is refused: a Status, as to any request. */
function refuse(socket: Duplex, error: ApiError): void {
  const body = `${JSON.stringify(error.status())}\n`
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

interface ExecRequest {
  namespace: string
  pod: string
  container: string
  command: string[]
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
  const isAttach = info.subresource === 'attach'
  if (!isAttach && command.length === 0) throw badRequest('you must specify at least 1 command')
  if (isAttach) throw new ApiError(501, 'NotImplemented', 'the lab has no attach: use kubectl exec or kubectl logs')
  const flag = (name: string): boolean => query.get(name) === 'true' || query.get(name) === '1'
  return {
    namespace,
    pod: info.name,
    container,
    command,
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
    if (String(request.headers.upgrade).toLowerCase() !== 'websocket') {
      throw badRequest(
        'unable to upgrade: the lab speaks WebSocket only, not SPDY: use kubectl 1.30 or newer, or set KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true',
      )
    }
  } catch (error) {
    if (!(error instanceof ApiError)) lab.fault(error)
    refuse(socket, error instanceof ApiError ? error : internalError(String(error)))
    return
  }
  server.handleUpgrade(request, socket, head, (client) => run(lab, exec, client))
}

function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

function run(lab: LabContext, exec: ExecRequest, client: WebSocket): void {
  let ended = false
  let child: ExecProcess | null = null
  const send = (channel: number, data: string): void => {
    if (client.readyState === client.OPEN) client.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]))
  }
  const finish = (answer: object): void => {
    if (ended) return
    ended = true
    send(STATUS, JSON.stringify(answer))
    client.close(1000)
  }
  if (!lab.runtime) {
    finish(internalError('no kubelet runs in the lab').status())
    return
  }
  child = lab.runtime.exec(exec.namespace, exec.pod, exec.container, exec.command, exec.tty, {
    stdout: (data) => exec.stdout && send(STDOUT, data),
    stderr: (data) => (exec.tty ? exec.stdout && send(STDOUT, data) : exec.stderr && send(STDERR, data)),
    exit: (code) => finish(exitStatus(code)),
    fail: (message) => finish(internalError(message).status()),
  })
  if (!exec.stdin) child.closeStdin()
  client.on('message', (data: Buffer) => {
    const [channel] = data
    const rest = data.subarray(1)
    if (channel === STDIN) child?.stdin(rest.toString('utf8'))
    else if (channel === CLOSE && rest[0] === STDIN) child?.closeStdin()
    else if (channel === RESIZE) resize(child, rest)
  })
  const stop = (): void => {
    if (!ended) child?.kill()
    ended = true
  }
  client.on('close', stop)
  client.on('error', stop)
  lab.onDispose(() => client.terminate())
}

function resize(child: ExecProcess | null, data: Buffer): void {
  try {
    const { Width, Height } = JSON.parse(data.toString('utf8')) as { Width?: number; Height?: number }
    if (Number.isInteger(Width) && Number.isInteger(Height)) child?.resize(Width as number, Height as number)
  } catch {
    // A size that cannot be read is no reason to end a session.
  }
}
