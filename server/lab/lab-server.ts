/** A lab that listens: its cluster behind one HTTP server on loopback. */
import './plain-objects.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LAB_CONTROL_PATH, type LabReady } from '../protocol/lab-control.ts'
import { UsageError, type LabArguments } from './arguments.ts'
import { createCluster, type Cluster } from './cluster.ts'
import { handleLabControl } from './control/handle-control.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { startClientGateway } from './network/client-gateway.ts'
import { findPreset, presetNames } from './presets/index.ts'
import type { Preset } from './presets/preset.ts'

export interface LabServer {
  cluster: Cluster
  info: LabReady
  /** Environment of a client outside of the cluster (LabClient in server/protocol). */
  client: Record<string, string>
  /** Resolves once the cluster is ready. */
  ready: Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'

/** Bytes of a request's line and headers, as Go's server takes them: selectors may be long. */
const MAX_HEADERS = 1024 * 1024

/** Names by which this server may be called: a page of another origin that resolves its own name to loopback must get nothing. */
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

function isLoopbackHost(request: IncomingMessage): boolean {
  const host = request.headers.host
  return host === undefined || LOOPBACK_NAMES.has(host.replace(/:\d+$/, '').toLowerCase())
}

/** Requests of a proxy's client have an absolute target; everything else is for this server. */
function isProxyRequest(request: IncomingMessage): boolean {
  return /^http:\/\//i.test(request.url ?? '')
}

/** Starts a lab. Throws UsageError where the preset is unknown, the port is in use, or the kubeconfig cannot be written. */
export async function startLabServer(
  options: Pick<LabArguments, 'preset' | 'port' | 'kubeconfig' | 'speed' | 'seed'> &
    Partial<Pick<LabArguments, 'workers'>> & { onFault?: (error: unknown) => void },
): Promise<LabServer> {
  const named = findPreset(options.preset)
  if (!named) throw new UsageError(`there is no preset ${JSON.stringify(options.preset)}; choose one of ${presetNames().join(', ')}`)
  const preset = options.workers === undefined || options.workers === null ? named : withWorkers(named, options.workers)
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000, maxHeaderSize: MAX_HEADERS })
  await listen(server, options.port)
  const { port } = server.address() as AddressInfo
  const url = `http://${HOST}:${port}`
  const folder = options.kubeconfig === null ? mkdtempSync(join(tmpdir(), 'lab-')) : null
  const kubeconfig = options.kubeconfig === null ? join(folder as string, 'kubeconfig') : resolve(options.kubeconfig)
  try {
    writeKubeconfig(kubeconfig, url)
  } catch (error) {
    server.close()
    throw new UsageError(`cannot write the kubeconfig ${kubeconfig}: ${(error as Error).message}; name another file by --kubeconfig`)
  }
  const cluster = createCluster({
    preset,
    seed: options.seed,
    speed: options.speed,
    ...(options.onFault ? { onFault: options.onFault } : {}),
  })
  const gateway = await startClientGateway(() => cluster.current())
  const client = { http_proxy: url, ...gateway.env }
  attach(server, cluster, url, client)
  return {
    cluster,
    info: { server: url, kubeconfig, proxy: url, pid: process.pid },
    client,
    ready: cluster.ready(),
    async close() {
      cluster.dispose()
      gateway.close()
      server.closeAllConnections()
      await new Promise<void>((done) => void server.close(() => done()))
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The preset with another number of workers. Throws UsageError where it cannot have so many. */
function withWorkers(preset: Preset, workers: number): Preset {
  const { least, most, of } = preset.machines
  if (!Number.isInteger(workers) || workers < least || workers > most) {
    throw new UsageError(`--workers ${workers}: a cluster of preset ${preset.name} has ${least} to ${most} workers`)
  }
  return { ...preset, nodes: of(workers) }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        failed(new UsageError(`port ${port} on ${HOST} is in use; name another one by --port, or 0 for a free one`))
      } else failed(new UsageError(`cannot listen on ${HOST}:${port}: ${error.message}`))
    })
    server.listen(port, HOST, done)
  })
}

function attach(server: Server, cluster: Cluster, url: string, clientEnvironment: Record<string, string>): void {
  const control = { current: () => cluster.current(), client: () => ({ env: clientEnvironment }) }
  server.on('request', (request, response) => {
    const { network } = cluster.current()
    if (isProxyRequest(request) && !request.url?.startsWith(`${url}/`)) {
      network?.handleProxyRequest(request, response)
      return
    }
    if (!isLoopbackHost(request)) {
      response.writeHead(403, { 'Content-Type': 'text/plain' })
      response.end(`the lab is reached as ${url} only, not as ${request.headers.host}\n`)
      return
    }
    if (isProxyRequest(request)) request.url = request.url?.slice(url.length)
    if (request.url?.startsWith(`${LAB_CONTROL_PATH}/`)) handleLabControl(control, request, response)
    else cluster.handleRequest(request, response)
  })
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    cluster.current().network?.handleProxyConnect(request, socket, head)
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    if (!isLoopbackHost(request)) socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    else cluster.handleUpgrade(request, socket, head)
  })
}
