/** MetalLB's speaker from 0.13 on: answers ARP for the addresses of which this node is the elected one (speaker/main.go, layer2_controller.go). */
import type { ContainerContext, RunningContainer } from '../kubelet/image.ts'
import type { KubeObject } from '../resources/definition.ts'
import { Announcer } from './announcer.ts'
import { ConfigError, fingerprint, poolOfAddress, poolsFrom } from './config.ts'
import type { Pool } from './config.ts'
import { createConfigurationState } from './configuration-state.ts'
import { electionOrder } from './election.ts'
import { createEventRecorder } from './events.ts'
import { createL2Status } from './l2-status.ts'
import { createLogger } from './logger.ts'
import { Memberlist } from './memberlist.ts'
import { Process, labelsChanged } from './process.ts'
import { createWorkQueue } from './queue.ts'
import { ingressIps, isBalancer, keyOf } from './service.ts'

const CACHES_FILLED = 700
const LATENCY = 10
const REJOIN_EVERY = 60_000
const RELOAD = 'metallbreload/reload'
const CONFIG = '\0config'
const INTERFACE = 'eth1'
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

export function startSpeaker(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context)
  const { store, clock, node, lan } = context
  const log = createLogger(clock, context.log, true)
  const record = createEventRecorder(store, clock, 'metallb-speaker')
  const ignoreExcludeLabel = context.container.args.includes('--ignore-exclude-lb')
  const labels = { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node }
  const report = createConfigurationState(process, `speaker-${node}`, labels, 'configReconcilerValid')
  const announcer = new Announcer(clock, lan)
  process.own(() => announcer.dispose())

  let pools: ReadonlyMap<string, Pool> | null = null
  let configured: string | null = null
  let loaded = false
  /** What this node announces: service to address. */
  const announced = new Map<string, string>()
  const status = createL2Status(process, log, (service) =>
    announcer.announces(service) ? { interfaces: interfacesFor(announced.get(service) ?? '') } : null,
  )

  const interfacesFor = (ip: string): string[] => {
    const here = (poolOfAddress(pools, ip)?.l2 ?? []).filter(({ nodes }) => nodes.has(node))
    return here.some(({ interfaces }) => interfaces.length === 0) ? [] : [...new Set(here.flatMap(({ interfaces }) => interfaces))]
  }

  const withdraw = (key: string, reason: string): void => {
    const ip = announced.get(key)
    if (ip === undefined) return
    announced.delete(key)
    announcer.delete(key)
    status.changed(key)
    log('main.go:488', {
      event: 'serviceWithdrawn',
      ip: [ip],
      ips: [ip],
      msg: 'withdrawing service announcement',
      protocol: 'layer2',
      reason,
    })
  }

  /** Nodes that may hold the service's address now. */
  const candidates = (service: KubeObject, pool: Pool): string[] => {
    const ready = readyNodes(store.list('endpointslices.discovery.k8s.io', service.metadata.namespace), service.metadata.name)
    if (ready === null || !mayAnnounce(pool, node)) return []
    const usable = members.alive().filter((each) => {
      const object = store.get('nodes', null, each)
      const unavailable = (object?.status?.conditions ?? []).some(
        ({ type, status: is }: { type: string; status: string }) => type === 'NetworkUnavailable' && is === 'True',
      )
      const excluded = !ignoreExcludeLabel && Object.hasOwn(object?.metadata.labels ?? {}, EXCLUDED)
      return !unavailable && !excluded && mayAnnounce(pool, each)
    })
    return service.spec.externalTrafficPolicy === 'Local' ? usable.filter((each) => ready.has(each)) : usable
  }

  const syncService = (key: string): void => {
    const [namespace, name] = key.split('/') as [string, string]
    const service = store.get('services', namespace, name)
    if (!service) return withdraw(key, 'serviceDeleted')
    if (!isBalancer(service)) return withdraw(key, 'notLoadBalancer')
    if (service.spec.loadBalancerClass || pools === null) return
    const [ip] = ingressIps(service)
    if (ip === undefined) return withdraw(key, 'noIPAllocated')
    const pool = poolOfAddress(pools, ip)
    if (!pool) {
      log('main.go:337', {
        level: 'error',
        op: 'setBalancer',
        error: 'assigned IP not allowed by config',
        ips: [ip],
        msg: 'IP allocated by controller not allowed by config',
      })
      return withdraw(key, 'ipNotAllowed')
    }
    if (announced.has(key) && announced.get(key) !== ip) withdraw(key, 'loadBalancerIPChanged')
    if (electionOrder(candidates(service, pool), ip)[0] !== node) return withdraw(key, 'notOwner')
    const interfaces = interfacesFor(ip)
    if (interfaces.length > 0 && !interfaces.includes(INTERFACE))
      record(
        service,
        'Warning',
        'announceFailed',
        `the interfaces specified by LB IP ${JSON.stringify(ip)} doesn't exist in assigned node ${JSON.stringify(node)} with protocol "layer2"`,
      )
    else {
      announcer.set(key, ip)
      status.changed(key)
    }
    announced.set(key, ip)
    log('main.go:444', { event: 'serviceAnnounced', ips: [ip], msg: 'service has IP, announcing', pool: pool.name, protocol: 'layer2' })
    record(service, 'Normal', 'nodeAssigned', `announcing from node ${JSON.stringify(node)} with protocol "layer2"`)
  }

  const reprocessAll = (): void => {
    const services = store.list('services', null).toSorted((a, b) => ingressIps(b).length - ingressIps(a).length)
    for (const service of services) syncService(keyOf(service))
    loaded = true
  }

  /** False where a service would lose its address by the new configuration: it is tried again until the controller has taken it away. */
  const loadConfig = (): boolean => {
    try {
      const made = poolsFrom({
        pools: process.list('ipaddresspools.metallb.io'),
        l2Advertisements: process.list('l2advertisements.metallb.io'),
        nodes: store.list('nodes', null),
        namespaces: process.listAll('namespaces'),
      })
      const text = fingerprint(made)
      if (text !== configured) {
        for (const [service, ip] of announced)
          if (poolOfAddress(made, ip) === null) {
            log('main.go:546', {
              level: 'error',
              op: 'setConfig',
              service,
              ip: [ip],
              error: 'service has no configuration under new config',
              msg: 'new configuration rejected',
            })
            report('configuration error: general handler sync state error')
            return false
          }
        configured = text
        pools = made
        log('config_controller.go:185', { controller: 'ConfigReconciler', event: 'force service reload' })
        log('config_controller.go:197', { controller: 'ConfigReconciler', event: 'config reloaded' })
        queue.add(RELOAD)
      }
      report(null)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      log('config_controller.go:156', { level: 'error', controller: 'ConfigReconciler', error: 'failed to parse the configuration' })
      report(`configuration error: ${error.message}`)
    }
    return true
  }

  const queue = createWorkQueue(clock, LATENCY, (key) => {
    if (key === CONFIG) return loadConfig()
    if (key === RELOAD) reprocessAll()
    else if (loaded) syncService(key)
    return true
  })
  process.own(() => queue.dispose())

  log('main.go:108', { branch: '', commit: '', msg: `MetalLB speaker starting version ${version.slice(1)}`, version: version.slice(1) })
  log('announcer.go:126', { event: 'createARPResponder', interface: INTERFACE, msg: 'created ARP responder for interface' })
  log('k8s.go:485', { msg: 'Starting Manager', op: 'Run' })
  const members = new Memberlist({
    clock,
    store,
    node,
    random: () => context.random(),
    reaches: (other) => lan.reaches(other),
    log,
    onEvent(event, other) {
      const address = (store.get('nodes', null, other)?.status?.addresses ?? []).find(
        ({ type }: { type: string }) => type === 'InternalIP',
      )?.address
      log('speakerlist.go:331', { msg: 'node event - forcing sync', 'node addr': address, 'node event': event, 'node name': other })
      if (loaded) queue.add(RELOAD)
    },
  })
  process.own(() => members.dispose())
  const join = (): void => {
    const joined = members.join()
    if (joined > 0)
      log('speakerlist.go:271', { msg: 'memberlist join successfully', 'number of other nodes': joined, op: 'Member detection' })
  }
  context.listen({
    port: 7472,
    handle: () => ({
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4' },
      body: [...announced]
        .map(([service, ip]) => `metallb_speaker_announced{ip="${ip}",node="${node}",protocol="layer2",service="${service}"} 1\n`)
        .join(''),
    }),
  })

  process.after(CACHES_FILLED, () => {
    join()
    process.every(REJOIN_EVERY, join)
    process.watch('nodes', (event) => {
      if (labelsChanged(event)) queue.add(CONFIG)
      if (networkOf(event.object) !== networkOf(event.previous) || labelsChanged(event)) queue.add(RELOAD)
    })
    process.watch('namespaces', (event) => labelsChanged(event) && queue.add(CONFIG))
    for (const resource of ['ipaddresspools.metallb.io', 'l2advertisements.metallb.io']) process.watch(resource, () => queue.add(CONFIG))
    process.watch('services', ({ object }) => queue.add(keyOf(object)))
    process.watch('endpointslices.discovery.k8s.io', ({ object }) => {
      const name = object.metadata.labels?.['kubernetes.io/service-name']
      if (name) queue.add(`${object.metadata.namespace}/${name}`)
    })
    queue.add(CONFIG)
  })

  return process.running(() => {
    log('speakerlist.go:308', { msg: 'leaving memberlist cluster', op: 'shutdown' })
    members.leave()
  })
}

function networkOf(node: KubeObject | undefined): string {
  const condition = (node?.status?.conditions ?? []).find(({ type }: { type: string }) => type === 'NetworkUnavailable')
  return condition?.status ?? ''
}

/** The nodes with an endpoint that can serve, or null where there is none at all (an endpoint without a node counts as being somewhere). */
function readyNodes(slices: readonly KubeObject[], service: string): Set<string> | null {
  const nodes = new Set<string>()
  let any = false
  for (const slice of slices) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service) continue
    for (const { conditions = {}, nodeName } of slice.endpoints ?? []) {
      // EndpointCanServe of MetalLB
      if (conditions.ready === false && conditions.serving !== true) continue
      any = true
      if (nodeName) nodes.add(nodeName)
    }
  }
  return any ? nodes : null
}

function mayAnnounce(pool: Pool, node: string): boolean {
  return pool.l2.some(({ nodes }) => nodes.has(node))
}
