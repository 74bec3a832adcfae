/** The bridge's one server: pages and sockets on one port. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, Problem } from '../problem.ts'
import type { Role } from '../protocol/messages.ts'
import { createGate, isLoopback, type Gate } from './gate.ts'
import { createPages } from './pages.ts'
import { createSockets, type Page, type PageHandler, type SocketLimits } from './sockets.ts'

export interface BridgeServerOptions {
  host: string
  /** 0 takes any free one. */
  port: number
  /** Folder of the built deck. */
  folder: string
  /** URL of Slidev's dev server, or null. */
  dev: string | null
  connect(page: Page): PageHandler
  tokens?: Record<Role, string>
  limits?: SocketLimits
}

export interface BridgeServer {
  /** http://127.0.0.1:PORT, without a slash at the end. */
  url: string
  gate: Gate
  /** How many pages are connected. */
  readonly pages: number
  dispose(): Promise<void>
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${host}:${port}`
      const known: Record<string, string> = {
        EADDRINUSE: `port ${port} on ${host} is in use: end the other program, or choose another port with --port N (0 takes any free one)`,
        EACCES: `no right to listen on ${where}: choose a port above 1023 with --port N`,
        EADDRNOTAVAIL: `${host} is no address of this machine: give one of its own with --host, or leave it out`,
        ENOTFOUND: `${host} is no host that is known here: give an address of this machine with --host, or leave it out`,
      }
      reject(new Problem(known[error.code ?? ''] ?? `cannot listen on ${where}: ${messageOf(error)}`))
    })
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })
}

/** Throws the same Problem that a start would, before anything that takes its time is done for nothing. */
export async function checkPort(host: string, port: number): Promise<void> {
  if (port === 0) return
  const server = createServer()
  await listen(server, host, port)
  await new Promise((resolve) => server.close(resolve))
}

/** Starts listening. Throws a Problem where the port cannot be had. */
export async function startBridgeServer(options: BridgeServerOptions): Promise<BridgeServer> {
  const server = createServer({ maxHeaderSize: 16_384 })
  const port = await listen(server, options.host, options.port)
  const gate = createGate(options.host, port, options.dev === null ? [] : [options.dev], options.tokens)
  const sockets = createSockets(gate, options.connect, options.limits)
  server.on('request', createPages({ gate, folder: options.folder, dev: options.dev }))
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head))
  const shown = isLoopback(options.host) || options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host
  return {
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`,
    gate,
    get pages() {
      return sockets.size
    },
    dispose() {
      sockets.dispose()
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
