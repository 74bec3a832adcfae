/** MetalLB's controller from 0.13 on: gives addresses of IPAddressPools to services (controller/main.go, service.go). */
import type { ContainerContext, RunningContainer } from '../kubelet/image.ts'
import type { KubeObject } from '../resources/definition.ts'
import { Allocator } from './allocator.ts'
import { prepareCertificates } from './certificates.ts'
import { ConfigError, fingerprint, poolsFrom } from './config.ts'
import type { Pool } from './config.ts'
import { createConfigurationState } from './configuration-state.ts'
import { createEventRecorder } from './events.ts'
import { createLogger } from './logger.ts'
import { Process, TLS_ONLY, generationChanged, labelsChanged } from './process.ts'
import { createWorkQueue } from './queue.ts'
import { FROM_POOL, annotation, claimOf, deprecatedAnnotations, desiredIp, ingressIps, isBalancer, keyOf } from './service.ts'
import { registerWebhooks } from './webhooks.ts'

/** From the program's start: the caches are filled and the reconcilers begin, ms. */
const CACHES_FILLED = 1_000
/** The webhook server has its certificate and answers, ms. */
const WEBHOOKS_SERVED = 2_000
/** From an event to its reconcile, ms. */
const LATENCY = 8
/** The key that makes all services be looked at again. */
const RELOAD = 'metallbreload/reload'
const POOLS = '\0pools'

/** What a reconcile of one service leads to. */
type Sync = 'success' | 'error-no-retry' | 'reprocess-all'

export function startController(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context)
  const { store, clock } = context
  const log = createLogger(clock, context.log, true)
  const record = createEventRecorder(store, clock, 'metallb-controller')
  const report = createConfigurationState(process, 'controller', { 'metallb.io/component-type': 'controller' }, 'poolReconcilerValid')
  let pools: ReadonlyMap<string, Pool> | null = null
  let configured: string | null = null
  let loaded = false

  const allocator = new Allocator({ printed: (ip) => JSON.stringify([ip]), onCountersChanged: (pool) => counters.add(pool) })
  const counters = createWorkQueue(clock, LATENCY, (pool) => {
    const counted = allocator.counters(pool)
    if (counted && store.definition('ipaddresspools.metallb.io'))
      store.mutate('ipaddresspools.metallb.io', process.namespace, pool, (object) => void (object.status = counted), {
        subresource: 'status',
      })
    return true
  })
  process.own(() => counters.dispose())

  const clear = (service: KubeObject): void => {
    allocator.unassign(keyOf(service))
    if (service.metadata.annotations) delete service.metadata.annotations[FROM_POOL]
    service.status = { ...service.status, loadBalancer: {} }
  }

  const allocate = (service: KubeObject): { ip: string } | { error: string } => {
    const claim = claimOf(service, annotation(service, 'allow-shared-ip'))
    const desired = desiredIp(service)
    if ('error' in desired) return desired
    const pool = annotation(service, 'address-pool')
    if (desired.ip === '') return pool === '' ? allocator.allocate(claim) : allocator.allocateFromPool(claim, pool)
    const family = desired.ip.includes(':') ? 6 : 4
    if (family !== claim.family)
      return { error: `requested loadBalancer IP(s) ${JSON.stringify([desired.ip])} does not match the ipFamily of the service` }
    const denied = allocator.assign(claim, desired.ip)
    if (denied) return denied
    if (pool !== '' && allocator.poolOf(claim.key) !== pool) {
      allocator.unassign(claim.key)
      return { error: `requested loadBalancer IP(s) ${JSON.stringify([desired.ip])} is not compatible with requested address pool ${pool}` }
    }
    return { ip: desired.ip }
  }

  /** Brings a copy of a service to what it should be; false where it could not. */
  const converge = (service: KubeObject): boolean => {
    const key = keyOf(service)
    if (!isBalancer(service)) {
      clear(service)
      return true
    }
    if (pools?.size === 0 || !service.spec.clusterIP) {
      clear(service)
      return false
    }
    let [ip] = ingressIps(service)
    if (ip === undefined) clear(service)
    else {
      const denied = allocator.assign(claimOf(service, annotation(service, 'allow-shared-ip')), ip)
      if (denied) {
        log('service.go:128', { event: 'clearAssignment', error: denied.error, msg: 'current IP not allowed by config, clearing' })
        record(
          service,
          'Normal',
          'ClearAssignment',
          `current IP for ${JSON.stringify(key)} not allowed by config, will attempt for new IP assignment: ${denied.error}`,
        )
        clear(service)
        ip = undefined
      }
      const pool = annotation(service, 'address-pool')
      if (ip !== undefined && pool !== '' && allocator.poolOf(key) !== pool) {
        log('service.go:139', {
          event: 'clearAssignment',
          reason: 'differentPoolRequested',
          msg: 'user requested a different pool than the one currently assigned',
        })
        clear(service)
        ip = undefined
      }
      const desired = desiredIp(service)
      if ('error' in desired) {
        log('service.go:149', { level: 'error', event: 'loadbalancerIP', error: desired.error, msg: 'invalid requested loadbalancer IPs' })
        record(service, 'Warning', 'LoadBalancerFailed', `invalid requested loadbalancer IPs: ${desired.error}`)
        return false
      }
      if (desired.ip !== '' && desired.ip !== ip) {
        log('service.go:154', {
          event: 'clearAssignment',
          reason: 'differentIPRequested',
          msg: 'user requested a different IP than the one currently assigned',
        })
        clear(service)
        ip = undefined
      }
    }
    if (ip === undefined) {
      const given = allocate(service)
      if ('error' in given) {
        log('service.go:178', { level: 'error', op: 'allocateIPs', error: given.error, msg: 'IP allocation failed' })
        record(service, 'Warning', 'AllocationFailed', `Failed to allocate IP for ${JSON.stringify(key)}: ${given.error}`)
        return false
      }
      ip = given.ip
      log('service.go:186', { event: 'ipAllocated', ip: [ip], msg: 'IP address assigned by controller' })
      record(service, 'Normal', 'IPAllocated', `Assigned IP ${JSON.stringify([ip])}`)
    }
    const before = (service.status?.loadBalancer?.ingress ?? []).find((each: { ip?: string }) => each.ip === ip)
    service.status = { ...service.status, loadBalancer: { ingress: [before ?? { ip, ipMode: 'VIP' }] } }
    service.metadata.annotations = { ...service.metadata.annotations, [FROM_POOL]: allocator.poolOf(key) }
    return true
  }

  const syncService = (key: string): Sync => {
    const [namespace, name] = key.split('/') as [string, string]
    const stored = store.get('services', namespace, name)
    if (!stored) {
      if (!allocator.unassign(key)) return 'success'
      log('main.go:65', { event: 'serviceDeleted', msg: 'service deleted' })
      return 'reprocess-all'
    }
    if (pools === null || stored.spec?.loadBalancerClass) return 'success'
    const service = structuredClone(stored)
    const ipBefore = allocator.ipOf(key)
    const keyBefore = allocator.allocationKey(key)
    let result: Sync = converge(service) ? 'success' : 'error-no-retry'
    if (keyBefore !== allocator.allocationKey(key)) result = 'reprocess-all'
    if (same(stored, service)) return result
    for (const old of deprecatedAnnotations(stored))
      record(stored, 'Warning', 'deprecatedAnnotation', `Service uses deprecated annotation ${old}`)
    if (ipBefore !== null && allocator.poolOf(key) === '' && allocator.poolFor(ipBefore) !== null) result = 'reprocess-all'
    store.mutate(
      'services',
      namespace,
      name,
      (object) => {
        object.status = service.status
        object.metadata.annotations = service.metadata.annotations as Record<string, string>
      },
      { subresource: 'status' },
    )
    log('main.go:136', { event: 'serviceUpdated', msg: 'updated service object' })
    return result
  }

  /** All services, those that have an address first, so that nobody takes it away. False: once more, later. */
  const reprocessAll = (): boolean => {
    log('service_controller_reload.go:63', { controller: 'ServiceReconciler - reprocessAll', 'start reconcile': RELOAD })
    const services = store.list('services', null).toSorted((a, b) => ingressIps(b).length - ingressIps(a).length)
    const again = services.map((service) => syncService(keyOf(service))).includes('reprocess-all')
    if (!again) loaded = true
    log('service_controller_reload.go:118', { controller: 'ServiceReconciler - reprocessAll', 'end reconcile': RELOAD })
    return !again
  }

  const loadPools = (): void => {
    try {
      const made = poolsFrom({
        pools: process.list('ipaddresspools.metallb.io'),
        l2Advertisements: [],
        nodes: [],
        namespaces: process.listAll('namespaces'),
      })
      report(null)
      const text = fingerprint(made)
      if (text === configured) return
      configured = text
      pools = made
      allocator.setPools(made)
      log('pool_controller.go:114', { controller: 'PoolReconciler', event: 'force service reload' })
      log('pool_controller.go:128', { controller: 'PoolReconciler', event: 'config reloaded' })
      queue.add(RELOAD)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      log('pool_controller.go:94', { level: 'error', controller: 'PoolReconciler', error: 'failed to parse the configuration' })
      report(`configuration error: ${error.message}`)
    }
  }

  const queue = createWorkQueue(clock, LATENCY, (key) => {
    if (key === POOLS) {
      loadPools()
      return true
    }
    if (key === RELOAD) return reprocessAll()
    if (!loaded) return true
    log('service_controller.go:64', { controller: 'ServiceReconciler', 'start reconcile': key })
    if (syncService(key) === 'reprocess-all') {
      log('service_controller.go:110', { controller: 'ServiceReconciler', event: 'force service reload' })
      queue.add(RELOAD)
    }
    log('service_controller.go:72', { controller: 'ServiceReconciler', 'end reconcile': key })
    return true
  })
  process.own(() => queue.dispose())

  log('main.go:187', { branch: '', commit: '', msg: `MetalLB controller starting version ${version.slice(1)}`, version: version.slice(1) })
  log('webhook.go:31', { action: 'setting up cert rotation', op: 'startup' })
  prepareCertificates(process, log)
  log('k8s.go:485', { msg: 'Starting Manager', op: 'Run' })
  context.listen({ port: 7472, handle: () => ({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: metrics() }) })

  process.after(CACHES_FILLED, () => {
    process.watch('namespaces', (event) => labelsChanged(event) && queue.add(POOLS))
    process.watch('ipaddresspools.metallb.io', (event) => generationChanged(event) && queue.add(POOLS))
    process.watch('services', ({ object }) => queue.add(keyOf(object)))
    queue.add(POOLS)
  })
  process.after(WEBHOOKS_SERVED, () => {
    log('server.go:183', { logger: 'controller-runtime.webhook', msg: 'Starting webhook server' })
    log('server.go:242', { logger: 'controller-runtime.webhook', msg: 'Serving webhook server', host: '', port: 9443 })
    context.listen({ port: 9443, handle: () => TLS_ONLY })
    registerWebhooks(process, log)
  })

  const metrics = (): string => {
    const lines = [...(pools?.keys() ?? [])].flatMap((name) => {
      const counted = allocator.counters(name)
      if (!counted) return []
      const { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6 } = counted
      const used = assignedIPv4 + assignedIPv6
      return [
        `metallb_allocator_addresses_in_use_total{pool="${name}"} ${used}`,
        `metallb_allocator_addresses_total{pool="${name}"} ${used + availableIPv4 + availableIPv6}`,
      ]
    })
    return [`metallb_k8s_client_config_loaded_bool ${configured === null ? 0 : 1}`, ...lines, ''].join('\n')
  }
  return process.running()
}

/** What of a service the controller writes. */
function written({ status, metadata }: KubeObject): string {
  return JSON.stringify([status?.loadBalancer?.ingress ?? [], Object.entries(metadata.annotations ?? {}).toSorted()])
}

function same(a: KubeObject, b: KubeObject): boolean {
  return written(a) === written(b)
}
