/**
 * MetalLB's speaker up to 0.12: elects by `node#namespace/service` among the nodes that have a ready endpoint of the service themselves,
 * whatever its traffic policy (speaker/main.go and layer2_controller.go of 0.9.6).
 */
import type { ContainerContext, RunningContainer } from '../../kubelet/image.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { Announcer } from '../announcing/announcer.ts'
import { poolOfAddress } from '../configuration/pool.ts'
import type { Pool } from '../configuration/pool.ts'
import { electionOrder } from '../announcing/election.ts'
import { createEventRecorder } from '../process/events.ts'
import { watchConfigMap } from './config.ts'
import { Memberlist } from '../announcing/memberlist.ts'
import { Process, labelsChanged } from '../process/process.ts'
import { createWorkQueue } from '../process/queue.ts'
import { ingressIps, isBalancer } from '../services/service.ts'
import { keyOf } from '../../machinery/objects.ts'

const CACHES_FILLED = 300
const LATENCY = 10
const LINES = { missing: 'main.go:322', started: 'main.go:318', ended: 'main.go:342', refused: null }
const REJOIN_EVERY = 60_000

export function startLegacySpeaker(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context, { levels: false })
  const { store, clock, node, lan } = context
  const { log } = process
  const record = createEventRecorder(store, clock, 'metallb-speaker')
  const announcer = new Announcer(clock, lan)
  process.own(() => announcer.dispose())
  const announced = new Map<string, string>()
  let pools: ReadonlyMap<string, Pool> | null = null

  const withdraw = (service: string, reason: string): void => {
    const ip = announced.get(service)
    if (ip === undefined) return
    announced.delete(service)
    announcer.delete(service)
    log('main.go:301', { event: 'serviceWithdrawn', ip: null, msg: 'withdrawing service announcement', reason, service })
  }

  const syncService = (key: string): void => {
    const [namespace, name] = key.split('/') as [string, string]
    const service = store.get('services', namespace, name)
    const endpoints = store.get('endpoints', namespace, name)
    if (!service || !endpoints) return withdraw(key, 'serviceDeleted')
    if (!isBalancer(service)) return withdraw(key, 'notLoadBalancer')
    if (pools === null) return
    const [ip] = ingressIps(service)
    if (ip === undefined) return withdraw(key, 'noIPAllocated')
    const pool = poolOfAddress(pools, ip)
    if (!pool) {
      log('main.go:225', {
        op: 'setBalancer',
        error: 'assigned IP not allowed by config',
        ip,
        msg: 'IP allocated by controller not allowed by config',
        service: key,
      })
      return withdraw(key, 'ipNotAllowed')
    }
    if (announced.has(key) && announced.get(key) !== ip) withdraw(key, 'loadBalancerIPChanged')
    if (pool.l2.length === 0) return
    const alive = members.alive()
    const usable = nodesWithAddress(endpoints).filter((each) => alive.includes(each))
    if (electionOrder(usable, key)[0] !== node) return withdraw(key, 'notOwner')
    announcer.set(key, ip)
    announced.set(key, ip)
    log('main.go:275', {
      event: 'serviceAnnounced',
      ip,
      msg: 'service has IP, announcing',
      pool: pool.name,
      protocol: 'layer2',
      service: key,
    })
    record(service, 'Normal', 'nodeAssigned', `announcing from node ${JSON.stringify(node)}`)
  }

  const queue = createWorkQueue(clock, LATENCY, (key) => {
    syncService(key)
    return true
  })
  process.own(() => queue.dispose())
  const reprocessAll = (): void => {
    for (const service of store.list('services', null)) queue.add(keyOf(service))
  }

  log('main.go:80', {
    branch: 'main',
    commit: 'v0.9',
    msg: `MetalLB speaker starting version ${version.slice(1)}`,
    version: version.slice(1),
  })
  log('announcer.go:112', { event: 'createARPResponder', interface: 'eth1', msg: 'created ARP responder for interface' })
  const members = new Memberlist({
    clock,
    store,
    node,
    random: () => context.random(),
    reaches: (other) => lan.reaches(other),
    log: (_caller, { msg }) => log('log.go:15', { component: 'Memberlist', msg }),
    onEvent(event, other) {
      log('speakerlist.go:313', { msg: 'node event - forcing sync', 'node event': event, 'node name': other })
      reprocessAll()
    },
  })
  process.own(() => members.dispose())
  process.serveMetrics(() => `metallb_speaker_announced ${announced.size}\n`)

  process.after(CACHES_FILLED, () => {
    members.join()
    process.every(REJOIN_EVERY, () => void members.join())
    process.watch('nodes', (event) => {
      if (event.object.metadata.name === node && labelsChanged(event)) members.join()
    })
    process.watch('services', ({ object }) => queue.add(keyOf(object)))
    process.watch('endpoints', ({ object }) => queue.add(keyOf(object)))
    watchConfigMap(process, LINES, (made) => {
      for (const [service, ip] of announced)
        if (poolOfAddress(made, ip) === null) {
          log('main.go:328', {
            op: 'setConfig',
            service,
            ip,
            error: 'service has no configuration under new config',
            msg: 'new configuration rejected',
          })
          return 'service has no configuration under new config'
        }
      pools = made
      reprocessAll()
      return null
    })
  })
  return process.running(() => {
    log('speakerlist.go:298', { op: 'shutdown', msg: 'leaving memberlist cluster' })
    members.leave()
  })
}

function nodesWithAddress(endpoints: KubeObject): string[] {
  const addresses = (endpoints.subsets ?? []).flatMap((subset: { addresses?: { nodeName?: string }[] }) => subset.addresses ?? [])
  return [...new Set<string>(addresses.flatMap(({ nodeName }: { nodeName?: string }) => nodeName ?? []))]
}
