/** MetalLB's controller up to 0.12: its pools stand in the ConfigMap `config` (controller/main.go and service.go of 0.9.6). */
import type { ContainerContext, RunningContainer } from '../../kubelet/image.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { Allocator } from '../services/allocator.ts'
import { createEventRecorder } from '../process/events.ts'
import { watchConfigMap } from './config.ts'
import { Process } from '../process/process.ts'
import { createWorkQueue } from '../process/queue.ts'
import { ipText, parseIp } from '../configuration/cidr.ts'
import { claimOf, ingressIps, isBalancer, oldAnnotation } from '../services/service.ts'
import type { Pool } from '../configuration/pool.ts'
import { keyOf } from '../../machinery/objects.ts'

const CACHES_FILLED = 300
const LATENCY = 10
const LINES = { missing: 'main.go:112', started: 'main.go:108', ended: 'main.go:121', refused: 'main.go:117' }

export function startLegacyController(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context, { levels: false })
  const { store, clock } = context
  const { log } = process
  const record = createEventRecorder(store, clock, 'metallb-controller')
  const allocator = new Allocator({ printed: (ip) => JSON.stringify(ip), onCountersChanged: () => {} })
  let pools: ReadonlyMap<string, Pool> | null = null

  const clear = (service: KubeObject): void => {
    allocator.unassign(keyOf(service))
    service.status = { ...service.status, loadBalancer: {} }
  }

  const allocate = (service: KubeObject): { ip: string } | { error: string } => {
    const claim = claimOf(service, oldAnnotation(service, 'allow-shared-ip'))
    const wish: string = service.spec.loadBalancerIP ?? ''
    if (wish !== '') {
      const ip = parseIp(wish)
      if (!ip) return { error: `invalid spec.loadBalancerIP ${JSON.stringify(wish)}` }
      if (ip.family !== claim.family)
        return { error: `requested spec.loadBalancerIP ${JSON.stringify(wish)} does not match the ipFamily of the service` }
      return allocator.assign(claim, ipText(ip)) ?? { ip: ipText(ip) }
    }
    const pool = oldAnnotation(service, 'address-pool')
    if (pool === '') return allocator.allocate(claim)
    const given = allocator.allocateFromPool(claim, pool)
    return 'error' in given && given.error.includes('<nil>') ? { error: `no available IPs in pool ${JSON.stringify(pool)}` } : given
  }

  const converge = (service: KubeObject): void => {
    const key = keyOf(service)
    const cleared = (line: number, reason: string, msg: string): void => {
      log(`service.go:${line}`, { event: 'clearAssignment', reason, msg, service: key })
      clear(service)
    }
    if (!isBalancer(service)) return cleared(33, 'notLoadBalancer', 'not a LoadBalancer')
    if (!parseIp(service.spec.clusterIP ?? '')) return cleared(44, 'noClusterIP', 'No ClusterIP')
    let [ip] = ingressIps(service)
    if (ip === undefined) clear(service)
    else if (allocator.assign(claimOf(service, oldAnnotation(service, 'allow-shared-ip')), ip)) {
      cleared(73, 'notAllowedByConfig', 'current IP not allowed by config, clearing')
      ip = undefined
    }
    const pool = oldAnnotation(service, 'address-pool')
    const wish: string = service.spec.loadBalancerIP ?? ''
    const requested = (line: number, reason: string, what: string): void => {
      cleared(line, reason, `user requested a different ${what} than the one currently assigned`)
      ip = undefined
    }
    if (ip !== undefined && pool !== '' && allocator.poolOf(key) !== pool) requested(83, 'differentPoolRequested', 'pool')
    // also where there is none yet
    if (wish !== '' && wish !== ip) requested(93, 'differentIPRequested', 'IP')
    if (ip === undefined) {
      const given = allocate(service)
      if ('error' in given) {
        log('service.go:106', { op: 'allocateIP', error: given.error, msg: 'IP allocation failed', service: key })
        return record(service, 'Warning', 'AllocationFailed', `Failed to allocate IP for ${JSON.stringify(key)}: ${given.error}`)
      }
      ip = given.ip
      log('service.go:114', { event: 'ipAllocated', ip, msg: 'IP address assigned by controller', service: key })
      record(service, 'Normal', 'IPAllocated', `Assigned IP ${JSON.stringify(ip)}`)
    }
    const before = (service.status?.loadBalancer?.ingress ?? []).find((each: { ip?: string }) => each.ip === ip)
    service.status = { ...service.status, loadBalancer: { ingress: [before ?? { ip }] } }
  }

  const syncService = (key: string): void => {
    const [namespace, name] = key.split('/') as [string, string]
    const stored = store.get('services', namespace, name)
    log('main.go:49', { event: 'startUpdate', msg: 'start of service update', service: key })
    const line = update(key, namespace, name, stored)
    log(`main.go:${line}`, { event: 'endUpdate', msg: 'end of service update', service: key })
  }
  /** Gives the line at which it ends. */
  const update = (key: string, namespace: string, name: string, stored: KubeObject | undefined): number => {
    if (!stored) {
      if (allocator.unassign(key)) log('main.go:103', { event: 'serviceDeleted', msg: 'service deleted', service: key })
      reprocessAll()
      return 57
    }
    if (pools === null) {
      log('main.go:62', { event: 'noConfig', msg: 'not processing, still waiting for config', service: key })
      return 63
    }
    const service = structuredClone(stored)
    converge(service)
    if (JSON.stringify(ingressIps(service)) === JSON.stringify(ingressIps(stored))) {
      log('main.go:75', { event: 'noChange', msg: 'service converged, no change', service: key })
      return 76
    }
    store.mutate('services', namespace, name, (object) => void (object.status = service.status), { subresource: 'status' })
    log('main.go:96', { event: 'serviceUpdated', msg: 'updated service object', service: key })
    return 98
  }
  const reprocessAll = (): void => {
    for (const service of store.list('services', null).toSorted((a, b) => ingressIps(b).length - ingressIps(a).length))
      queue.add(keyOf(service))
  }
  const queue = createWorkQueue(clock, LATENCY, (key) => {
    syncService(key)
    return true
  })
  process.own(() => queue.dispose())

  log('main.go:142', {
    branch: 'main',
    commit: 'v0.9',
    msg: `MetalLB controller starting version ${version.slice(1)}`,
    version: version.slice(1),
  })
  process.serveMetrics(() => `metallb_k8s_client_config_loaded_bool ${pools === null ? 0 : 1}\n`)
  process.after(CACHES_FILLED, () => {
    process.watch('services', ({ object }) => queue.add(keyOf(object)))
    watchConfigMap(process, LINES, (made) => {
      const misfit = allocator.misfit(made)
      if (misfit)
        return `new config not compatible with assigned IPs: service ${JSON.stringify(misfit.key)} cannot own ${JSON.stringify(misfit.ip)} under new config`
      pools = made
      allocator.setPools(made)
      reprocessAll()
      return null
    })
    log('main.go:126', { event: 'stateSynced', msg: 'controller synced, can allocate IPs now' })
  })
  return process.running()
}
