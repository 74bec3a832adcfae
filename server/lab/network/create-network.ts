/** Joins the parts of the lab's network and puts it into the lab's context. */
import type { RequestTrace } from '../../protocol/topology.ts'
import type { LabContext } from '../context.ts'
import type { LabNetwork, NameLookup, NetworkEvent, NetworkOutcome, NetworkRequest, RequestSource } from '../contracts/network.ts'
import { openConnection } from './connection.ts'
import { listDoors } from './doors.ts'
import { DNS_TIMEOUT, dnsState, resolveName } from '../machinery/dns.ts'
import { queryZone } from '../machinery/dns-zone.ts'
import { foresee } from './foresee.ts'
import { answerHostPort } from './host-ports.ts'
import { CLIENT, parseAddress } from './hosts.ts'
import { createProxyHandlers } from './http-proxy.ts'
import { minorVersion } from '../resources/kit/version.ts'
import { KubeProxy } from './kube-proxy.ts'
import { createLan } from './lan.ts'
import { NeighbourTable } from './neighbours.ts'
import { createPodIndex } from './pods.ts'
import { createRouter } from './router.ts'
import type { RouterOptions } from './router.ts'
import { createServiceIndex } from './service-index.ts'

/** Starts the network over the lab's store; `lab.network` is it. */
export function createNetwork(lab: LabContext): LabNetwork {
  const { clock, store } = lab
  const random = (): number => lab.random()
  const listeners = new Set<(event: NetworkEvent) => void>()
  const emit = (event: NetworkEvent): void => {
    for (const listener of listeners) listener(event)
  }

  const changeListeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of changeListeners) listener()
  }

  const proxies = new Map<string, KubeProxy>()
  const tables = new Map<string, NeighbourTable>()
  const pods = createPodIndex(store, changed)
  const services = createServiceIndex(store, (key) => {
    for (const proxy of proxies.values()) proxy.changed(key)
  })
  const lan = createLan(
    lab,
    (address, host) => {
      for (const [on, table] of tables) if (on !== host && lan.isOn(on)) table.gratuitous(address, host)
      emit({ op: 'gratuitous-arp', address, host, at: clock.now() })
    },
    changed,
    (node) => proxies.set(node, new KubeProxy({ node, clock, index: services, random, isOn: () => lab.power.isOn(node), synced: changed })),
  )
  const power = lab.power.onChange((node, on) => {
    changed()
    // until then it had talked to all the others, whose entries for it live on for a while
    const own = lan.addressOf(node)
    if (!on && own !== null)
      for (const other of lan.nodes()) {
        if (other === node || !lan.isOn(other)) continue
        tableOf(other).asked(own, node)
        tableOf(other).confirm(own, node)
      }
    if (!on) return
    proxies.get(node)?.restart()
    tables.get(node)?.dispose()
    tables.delete(node)
  })

  const tableOf = (on: string): NeighbourTable => {
    const known = tables.get(on)
    if (known) return known
    const table: NeighbourTable = new NeighbourTable({
      clock,
      random,
      macOf: lan.macOf,
      ask: (address) => {
        const host = lan.isOn(on) ? lan.ask(address) : null
        return host === on ? null : host
      },
      askHost: (address, host) => lan.isOn(on) && lan.askHost(address, host),
      onChange() {
        if (on !== CLIENT.name) return
        emit({ op: 'neighbours', neighbours: table.list(), client: CLIENT.address })
        changed()
      },
    })
    tables.set(on, table)
    return table
  }

  const routerOptions: RouterOptions = {
    lan,
    pods,
    proxy: (node) => proxies.get(node),
    podCidr: lab.settings.podCidr,
    neighbour: (on, address) => tableOf(on).resolve(address, () => {}),
    deliver(place, port, request, from) {
      const listener = lab.runtime?.listener(place.namespace, place.name, port)
      if (!listener) return null
      if (request.connectOnly) return { response: { status: 0, headers: {}, body: '' } }
      const { method, path, headers, body } = request
      try {
        return { response: listener.handle({ method, path, headers, body, from }) }
      } catch (error) {
        lab.fault(error)
        return 'reset'
      }
    },
    hostPort: (node, port, request) =>
      answerHostPort(port, request, {
        node,
        controlPlane: lab.preset.nodes.find(({ name }) => name === node)?.controlPlane ?? false,
        proxy: proxies.get(node),
        minor: minorVersion(lab.settings),
        now: clock.now(),
      }),
  }
  const router = createRouter(routerOptions)

  let traces = 0
  const open = (source: RequestSource, address: string, request: NetworkRequest, done: (outcome: NetworkOutcome) => void) =>
    openConnection(
      {
        clock,
        router,
        awaitNeighbour: (on, at, resolved) => tableOf(on).resolve(at, (host) => resolved(host !== null)),
        confirmed: (at, via) => {
          if (source.from !== 'client') return
          const table = tables.get(CLIENT.name)
          table?.confirm(at, via)
          // to answer, the machine has to know where the client is; whom it asks learns where it is itself
          const own = lan.addressOf(via)
          if (own !== null && tableOf(via).resolve(CLIENT.address, () => {}).asked) table?.asked(own, via)
        },
        trace(end, path = request.path) {
          const trace: RequestTrace = {
            id: `r${++traces}`,
            url: `http://${request.host}${request.port === 80 ? '' : `:${request.port}`}${path === '/' ? '' : path}`,
            address,
            port: request.port,
            ...end,
          }
          emit({ op: 'request', request: trace })
          request.traced?.(trace)
        },
      },
      source,
      address,
      request,
      done,
    )

  const names = (namespace: string): NameLookup => ({
    lookup: (name) => resolveName(store, name, namespace),
    query: (name, type) => queryZone(store, name, type),
    state: (server) => dnsState(store, server),
  })

  const resolve = (source: RequestSource, host: string): string | null => {
    if (source.from === 'pod') return names(source.namespace).lookup(host)?.[0] ?? null
    if (parseAddress(host) !== null) return host
    // as the machines' /etc/hosts has it
    return lan.addressOf(host)
  }

  const request: LabNetwork['request'] = (source, wanted, done) => {
    const address = resolve(source, wanted.host)
    if (address !== null) return open(source, address, wanted, done)
    const unanswered = source.from === 'pod' && dnsState(store) !== 'answering'
    const timer = clock.after(unanswered ? DNS_TIMEOUT : 1, () => done({ outcome: 'unknown-host' }))
    return { cancel: () => timer.cancel() }
  }

  const network: LabNetwork = {
    lan: lan.node,
    request,
    names,
    client: CLIENT.address,
    neighbours: () => tableOf(CLIENT.name).list(),
    foresee(host, port) {
      const address = resolve({ from: 'client' }, host)
      return address === null ? new Set() : foresee({ ...routerOptions, peek: (at) => tableOf(CLIENT.name).peek(at) }, address, port)
    },
    doors: () => listDoors(lan, pods, ({ namespace, name }) => lab.runtime?.ports(namespace, name) ?? [], proxies),
    onChange(listener) {
      changeListeners.add(listener)
      return { dispose: () => void changeListeners.delete(listener) }
    },
    onEvent(listener) {
      listeners.add(listener)
      return { dispose: () => void listeners.delete(listener) }
    },
    ...createProxyHandlers(request, () => clock.now()),
    dispose() {
      power.dispose()
      for (const proxy of proxies.values()) proxy.dispose()
      for (const table of tables.values()) table.dispose()
      services.dispose()
      pods.dispose()
      lan.dispose()
      listeners.clear()
      changeListeners.clear()
    },
  }
  lab.network = network
  return network
}
