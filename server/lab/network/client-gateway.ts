/**
 * The way of an unmodified curl into the lab's network. An http_proxy cannot refuse a connection or let it time out as a network does; so the
 * shell gets a CURL_HOME with a .curlrc that this keeps up to date (curl-config.ts says how it works), a SOCKS proxy, and one listening port for
 * each open port of a machine. What curl then says, against what it says on a real network:
 *
 *     answered, reset, lost            the same: exit 0, 56, 28, the same words
 *     refused by a machine             the same: exit 7, `Failed to connect to 192.168.1.101 port 30081 after 0 ms: Couldn't connect to server`
 *     outside of the LAN               the same: exit 7, at once
 *     nobody has the address           the same under -m 3 (28); without it exit 97 after 3 s, where a real network gives 7
 *     a service's address, some        exit 97, where a real network gives 7
 *       endpoints of which refuse
 *     a name of the cluster's DNS      the same: exit 6
 *     another name                     exit 97 instead of 6
 *
 * It outlives a reset: the ports and the folder stay, what is behind them changes.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LabContext } from '../context.ts'
import type { NetworkOutcome } from '../contracts/network.ts'
import { answerHttp } from '../machinery/http-connection.ts'
import { curlConfig } from './curl-config.ts'
import { startCurlWitness } from './curl-witness.ts'
import { onLan } from './hosts.ts'
import { openSilentDoor } from './silent-door.ts'
import type { SilentDoor } from './silent-door.ts'
import { acceptSocks } from './socks.ts'

const LOOPBACK = '127.0.0.1'
/** From a change of the network to a new .curlrc, ms of lab time, and of real time where the lab's runs faster: changes come in bursts. */
const SETTLE = 40

export interface ClientGateway {
  /** CURL_HOME. */
  env: Record<string, string>
  close(): void
}

type Exchange = NonNullable<Extract<NetworkOutcome, { outcome: 'answered' }>['exchange']>

/** `current` is the run that is on; the gateway finds the next one when a run ends. */
export async function startClientGateway(current: () => LabContext): Promise<ClientGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'lab-client-'))
  const sockets = new Set<Socket>()
  const doors = new Map<string, Server>()
  let silent: SilentDoor | null = null
  /** Hosts that curl's own kernel refuses, but for their doors. */
  let refusing = new Set<string>()
  /** `host:port` of what leads to the silent door. */
  let silenced = new Set<string>()
  let written = ''
  let waiting = false
  /** One update after the other: what an earlier one saw never takes the place of what a later one has written. */
  let updating: Promise<void> = Promise.resolve()
  let closed = false

  /** Opens a connection of the client outside for a program's socket; `opened` and `failed` tell the program. */
  const connect = (socket: Socket, host: string, port: number, opened: () => void, failed: (outcome: NetworkOutcome) => void): void => {
    const { network } = current()
    if (!network) return void socket.destroy()
    const wanted = { host, port, method: 'GET', path: '/', headers: {}, body: '', connectOnly: true }
    const pending = network.request({ from: 'client' }, wanted, (outcome) => {
      if (socket.destroyed) return
      if (outcome.outcome !== 'answered') return failed(outcome)
      opened()
      answerHttp(socket, () => current().clock.now(), outcome.exchange as Exchange)
    })
    socket.on('close', () => pending.cancel())
  }

  const own = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }

  const socks = createServer((socket) => {
    own(socket)
    acceptSocks(socket, (host, port, reply) => connect(socket, host, port, () => reply('granted'), reply))
  })
  await listen(socks)

  /** A port on loopback that stands for one open port of a machine. */
  const openDoor = async (host: string, port: number): Promise<void> => {
    const server = createServer((socket) => {
      own(socket)
      connect(
        socket,
        host,
        port,
        () => {},
        ({ outcome }) => {
          if (outcome === 'timed-out' || outcome === 'unreachable') socket.destroy()
          else socket.resetAndDestroy()
        },
      )
    })
    doors.set(`${host}:${port}`, server)
    await listen(server)
  }

  const update = async (): Promise<void> => {
    waiting = false
    const { network } = current()
    if (closed || !network) return
    const now = network
      .doors()
      .map((door) => ({ ...door, ports: door.ports.map((port) => ({ port, ends: network.foresee(door.host, port) })) }))
    const onMachines = now.flatMap(({ host, own: machine, ports }) => (machine ? ports.map((port) => ({ host, ...port })) : []))
    const open = onMachines.flatMap(({ host, port, ends }) => (isRefused(ends) || isLost(ends) ? [] : { host, port }))
    const lost = onMachines.filter(({ ends }) => isLost(ends))
    const wanted = new Set(open.map(({ host, port }) => `${host}:${port}`))
    for (const [at, server] of doors)
      if (!wanted.has(at)) {
        doors.delete(at)
        server.close()
      }
    await Promise.all(open.flatMap(({ host, port }) => (doors.has(`${host}:${port}`) ? [] : openDoor(host, port))))
    if (lost.length > 0) silent ??= await openSilentDoor()
    if (closed) return void silent?.close()
    refusing = new Set(now.flatMap(({ host, own: machine, ports }) => (machine || ports.every(({ ends }) => isRefused(ends)) ? host : [])))
    silenced = new Set(lost.map(({ host, port }) => `${host}:${port}`))
    const text = curlConfig({
      socks: addressOf(socks).port,
      refusing: [...refusing],
      doors: [
        ...open.flatMap(({ host, port }) => {
          const server = doors.get(`${host}:${port}`)
          return server?.listening ? { host, port, to: addressOf(server).port } : []
        }),
        ...lost.flatMap(({ host, port }) => (silent ? { host, port, to: silent.port } : [])),
      ],
      unknown: clusterNames(current()),
      witness: witness.file,
    })
    if (text === written) return
    written = text
    // replaced in one step: curl may be reading it
    writeFileSync(join(folder, '.curlrc.new'), text)
    renameSync(join(folder, '.curlrc.new'), join(folder, '.curlrc'))
  }

  /** curl asked for something: where nobody of ours was asked, the lab's client asks the same, for the diagram. */
  const witnessed = (text: string): void => {
    const { network, clock } = current()
    const url = URL.parse(text)
    if (!network || !url || url.protocol !== 'http:' || clock.paused) return
    const port = Number(url.port || 80)
    if (!onLan(url.hostname)) return
    const isSilent = silenced.has(`${url.hostname}:${port}`)
    if (!isSilent && !(refusing.has(url.hostname) && isRefused(network.foresee(url.hostname, port)))) return
    const wanted = { host: url.hostname, port, method: 'GET', path: url.pathname + url.search, headers: {}, body: '', connectOnly: true }
    const sent = network.request({ from: 'client' }, wanted, () => {})
    // what is lost was waited for by curl already
    if (isSilent) sent.cancel()
  }
  const witness = startCurlWitness(folder, witnessed, () => soon())

  let soon = (): void => {}
  const follow = (): void => {
    const lab = current()
    const run = (): void => void (updating = updating.then(update).catch((error: unknown) => lab.fault(error)))
    soon = (): void => {
      if (waiting || closed) return
      waiting = true
      if (lab.clock.paused) queueMicrotask(run)
      else lab.clock.after(SETTLE * Math.max(1, lab.clock.speed), run)
    }
    lab.network?.onChange(soon)
    lab.onDispose(() => {
      waiting = false
      // the next run takes this one's place in the same turn
      if (!closed) queueMicrotask(() => closed || follow())
    })
    waiting = true
    run()
  }
  follow()

  return {
    env: { CURL_HOME: folder },
    close() {
      closed = true
      witness.close()
      silent?.close()
      for (const server of [socks, ...doors.values()]) server.close()
      for (const socket of sockets) socket.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Names of services as a pod may write them, or what they end with. Those of the machines are known outside. */
function clusterNames({ store, preset }: LabContext): string[] {
  const outside = new Set(preset.nodes.map(({ name }) => name))
  const names = [...store.list('services'), ...store.list('namespaces')].map(({ metadata }) => metadata.name)
  return [...new Set([...names, 'svc', 'cluster.local'])].filter((name) => !outside.has(name)).toSorted()
}

function isRefused(ends: ReadonlySet<string>): boolean {
  return ends.size === 1 && ends.has('refused')
}

function isLost(ends: ReadonlySet<string>): boolean {
  return ends.size === 1 && ends.has('lost')
}

function listen(server: Server): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed)
    server.listen(0, LOOPBACK, done)
  })
}

function addressOf(server: Server): AddressInfo {
  return server.address() as AddressInfo
}
