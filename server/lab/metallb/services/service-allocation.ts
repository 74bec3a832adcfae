/** How MetalLB's controller brings a service to what it should be: controller/service.go and SetBalancer of controller/main.go. */
import type { KubeObject } from '../../resources/definition.ts'
import type { Allocator } from './allocator.ts'
import type { RecordEvent } from '../process/events.ts'
import { quotedList } from '../process/logger.ts'
import type { Process } from '../process/process.ts'
import { FROM_POOL, annotation, claimOf, deprecatedAnnotations, desiredIps, familyOf, ingressIps, isBalancer } from './service.ts'
import type { Sync } from './service-reconciler.ts'
import { keyOf } from '../../machinery/objects.ts'

export interface AllocationContext {
  process: Process
  record: RecordEvent
  allocator: Allocator
  /** null until a configuration was read. */
  poolCount(): number | null
}

/** Gives the handler of one service; null where it is gone. */
export function createServiceAllocation(context: AllocationContext): (key: string, service: KubeObject | null) => Sync {
  const { process, record, allocator, poolCount } = context
  const { log } = process
  const { store } = process.context

  const clear = (service: KubeObject): void => {
    allocator.unassign(keyOf(service))
    if (service.metadata.annotations) delete service.metadata.annotations[FROM_POOL]
    service.status = { ...service.status, loadBalancer: {} }
  }
  const claim = (service: KubeObject): ReturnType<typeof claimOf> => claimOf(service, annotation(service, 'allow-shared-ip'))

  const allocate = (service: KubeObject): { ip: string } | { error: string } => {
    const wanted = claim(service)
    const desired = desiredIps(service)
    if ('error' in desired) return desired
    const pool = annotation(service, 'address-pool')
    const [ip] = desired.ips
    if (ip === undefined) return pool === '' ? allocator.allocate(wanted) : allocator.allocateFromPool(wanted, pool)
    if (desired.ips.length > 1 || familyOf(ip) !== wanted.family)
      return { error: `requested loadBalancer IP(s) ${quotedList(desired.ips)} does not match the ipFamily of the service` }
    const denied = allocator.assign(wanted, ip)
    if (denied) return denied
    if (pool !== '' && allocator.poolOf(wanted.key) !== pool) {
      allocator.unassign(wanted.key)
      return { error: `requested loadBalancer IP(s) ${quotedList([ip])} is not compatible with requested address pool ${pool}` }
    }
    return { ip }
  }

  /** What is left of the address that a service has: null where it has to get another one, an error where nothing can be done. */
  const review = (service: KubeObject, current: string): string | null | 'failed' => {
    const key = keyOf(service)
    let ip: string | null = current
    const drop = (line: number, fields: Record<string, unknown>): void => {
      log(`service.go:${line}`, { event: 'clearAssignment', ...fields })
      clear(service)
      ip = null
    }
    const denied = allocator.assign(claim(service), ip)
    if (denied) {
      const error = denied.error
      record(
        service,
        'Normal',
        'ClearAssignment',
        `current IP for ${JSON.stringify(key)} not allowed by config, will attempt for new IP assignment: ${error}`,
      )
      drop(128, { error, msg: 'current IP not allowed by config, clearing' })
    }
    const pool = annotation(service, 'address-pool')
    if (ip !== null && pool !== '' && allocator.poolOf(key) !== pool)
      drop(139, { reason: 'differentPoolRequested', msg: 'user requested a different pool than the one currently assigned' })
    const desired = desiredIps(service)
    if ('error' in desired) {
      log('service.go:148', { level: 'error', event: 'loadbalancerIP', error: desired.error, msg: 'invalid requested loadbalancer IPs' })
      record(service, 'Warning', 'LoadBalancerFailed', `invalid requested loadbalancer IPs: ${desired.error}`)
      return 'failed'
    }
    if (desired.ips.length > 0 && (desired.ips.length > 1 || desired.ips[0] !== ip))
      drop(153, { reason: 'differentIPRequested', msg: 'user requested a different IP than the one currently assigned' })
    return ip
  }

  /** Brings a copy of a service to what it should be; false where it could not. */
  const converge = (service: KubeObject): boolean => {
    const key = keyOf(service)
    if (!isBalancer(service)) {
      clear(service)
      return true
    }
    if (poolCount() === 0 || !service.spec.clusterIP) {
      clear(service)
      return false
    }
    const [current] = ingressIps(service)
    if (current === undefined) clear(service)
    let ip = current === undefined ? null : review(service, current)
    if (ip === 'failed') return false
    if (ip === null) {
      const given = allocate(service)
      if ('error' in given) {
        log('service.go:179', { level: 'error', op: 'allocateIPs', error: given.error, msg: 'IP allocation failed' })
        record(service, 'Warning', 'AllocationFailed', `Failed to allocate IP for ${JSON.stringify(key)}: ${given.error}`)
        return false
      }
      ip = given.ip
      log('service.go:186', { event: 'ipAllocated', ip: [ip], msg: 'IP address assigned by controller' })
      record(service, 'Normal', 'IPAllocated', `Assigned IP ${quotedList([ip])}`)
    }
    // without an ipMode, which the API server fills in: so no service that has an address ever is as the controller wants it
    service.status = { ...service.status, loadBalancer: { ingress: [{ ip }] } }
    service.metadata.annotations = { ...service.metadata.annotations, [FROM_POOL]: allocator.poolOf(key) }
    return true
  }

  return (key, stored) => {
    if (!stored) {
      if (!allocator.unassign(key)) return 'success'
      log('main.go:59', { event: 'serviceDeleted', msg: 'service deleted' })
      return 'reprocess-all'
    }
    if (poolCount() === null) return 'success'
    const service = structuredClone(stored)
    const ipBefore = allocator.ipOf(key)
    const keyBefore = allocator.allocationKey(key)
    let result: Sync = converge(service) ? 'success' : 'error-no-retry'
    if (keyBefore !== allocator.allocationKey(key)) result = 'reprocess-all'
    if (written(stored) === written(service)) return result
    for (const old of deprecatedAnnotations(stored)) {
      const msg = 'The used annotation is deprecated. Support might get removed in future versions'
      log('main.go:106', { level: 'warn', event: 'deprecatedAnnotation', annotation: old, msg })
      record(stored, 'Warning', 'deprecatedAnnotation', `Service uses deprecated annotation ${old}`)
    }
    if (ipBefore !== null && allocator.poolOf(key) === '' && allocator.poolFor(ipBefore) !== null) {
      log('main.go:117', { event: 'serviceUpdated', msg: 'removed loadbalancer from service, services will be reprocessed' })
      result = 'reprocess-all'
    }
    const { namespace, name } = stored.metadata
    const { status } = service
    const annotations = service.metadata.annotations as Record<string, string>
    store.mutate(
      'services',
      namespace as string,
      name,
      (object) => {
        object.status = status
        object.metadata.annotations = annotations
      },
      { subresource: 'status' },
    )
    log('main.go:136', { event: 'serviceUpdated', msg: 'updated service object' })
    return result
  }
}

/** What of a service the controller writes. */
function written({ status, metadata }: KubeObject): string {
  return JSON.stringify([status?.loadBalancer?.ingress ?? [], Object.entries(metadata.annotations ?? {}).toSorted()])
}
