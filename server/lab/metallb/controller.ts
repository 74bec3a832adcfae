/** MetalLB's controller from 0.13 on: gives addresses of IPAddressPools to services (controller/main.go, pool_controller.go). */
import type { ContainerContext, RunningContainer } from '../kubelet/image.ts'
import { Allocator } from './services/allocator.ts'
import { certificatesReady, createMemberlistSecret, rotateCertificates } from './certificates.ts'
import { fingerprint } from './configuration/config.ts'
import type { Config } from './configuration/config.ts'
import { STATE_NAMES, createConfigurationState } from './configuration/configuration-state.ts'
import { createEventRecorder } from './process/events.ts'
import { quotedList } from './process/logger.ts'
import { Process, TLS_ONLY, generationChanged, labelsChanged, programVersion } from './process/process.ts'
import { readConfig } from './configuration/read-config.ts'
import { createReconciler } from './process/reconciler.ts'
import type { Outcome } from './process/reconciler.ts'
import { pointer } from './process/runtime-log.ts'
import { createServiceAllocation } from './services/service-allocation.ts'
import { SERVICE_NAMES, createServiceReconciler } from './services/service-reconciler.ts'
import { registerWebhooks } from './webhooks.ts'

/** From the program's start: the caches are filled and the reconcilers begin, ms. */
const CACHES_FILLED = 1_000
/** The webhook server has its certificate and answers, ms. */
const WEBHOOKS_SERVED = 2_000
/** From an event to its reconcile, ms. */
const LATENCY = 8
const POOLS = 'ipaddresspools.metallb.io'
const POOL_KIND = { group: 'metallb.io', kind: 'IPAddressPool' }
const POOL_NAMES = { runtimeName: 'ipaddresspool', kind: POOL_KIND }
const STATUS_NAMES = { runtimeName: 'PoolStatusController', kind: POOL_KIND }

export function startController(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context, { levels: true })
  const { store, clock } = context
  const { log, runtime } = process
  const random = (): number => context.random()
  const record = createEventRecorder(store, clock, 'metallb-controller')
  const labels = { 'metallb.io/component-type': 'controller' }
  const state = createConfigurationState(process, { name: 'controller', labels, condition: 'poolReconcilerValid' })
  let config: Config | null = null

  const poolStatus = createReconciler(process, {
    name: 'PoolStatusReconciler',
    file: 'pool_status_controller.go',
    start: 53,
    ...STATUS_NAMES,
    latency: LATENCY,
    reconcile(key) {
      const name = key.split('/')[1] as string
      const pool = store.definition(POOLS) && store.get(POOLS, process.namespace, name)
      if (!pool) return { line: 59 }
      const counted = allocator.counters(name) ?? { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 0 }
      if (pool.status && Object.entries(counted).every(([field, count]) => pool.status[field] === count)) return { line: 75 }
      store.mutate(POOLS, process.namespace, name, (object) => void (object.status = counted), { subresource: 'status' })
      return { line: 84 }
    },
  })
  const allocator = new Allocator({
    printed: (ip) => quotedList([ip]),
    onCountersChanged: (pool) => poolStatus.add(`${process.namespace}/${pool}`),
  })
  const services = createServiceReconciler({
    process,
    latency: LATENCY,
    endpoints: false,
    handle: createServiceAllocation({ process, record, allocator, poolCount: () => config?.pools.size ?? null }),
  })

  const loadPools = (): Outcome => {
    const made = readConfig(process, {
      kinds: ['pools', 'communities', 'namespaces'],
      controller: 'PoolReconciler',
      refused: 'pool_controller.go:94',
      report: state.report,
    })
    if (!made) return { line: 130 }
    state.report(null)
    if (config !== null && fingerprint(made) === fingerprint(config)) return { line: 130 }
    config = made
    allocator.setPools(made.pools)
    services.forceReload('pool_controller.go:114', 'PoolReconciler')
    log('pool_controller.go:128', { controller: 'PoolReconciler', event: 'config reloaded' })
    return { line: 130 }
  }
  const pools = createReconciler(process, {
    name: 'PoolReconciler',
    file: 'pool_controller.go',
    start: 52,
    ...POOL_NAMES,
    latency: LATENCY,
    reconcile: loadPools,
  })

  log('main.go:187', programVersion('controller', version))
  log('webhook.go:31', { action: 'setting up cert rotation', op: 'startup' })
  createMemberlistSecret(process)
  log('k8s.go:485', { msg: 'Starting Manager', op: 'Run' })
  const channel = (): string => `channel source: ${pointer(random)}`
  runtime.controllerStarts(
    POOL_NAMES,
    ['*v1.Namespace', '*v1beta1.IPAddressPool', '*v1beta1.Community'].map((kind) => `kind source: ${kind}`),
  )
  runtime.controllerStarts(STATE_NAMES, [channel(), 'kind source: *v1beta1.ConfigurationState'])
  runtime.controllerStarts(STATUS_NAMES, [channel(), 'kind source: *v1beta1.IPAddressPool'])
  runtime.controllerStarts(SERVICE_NAMES, [channel(), 'kind source: *v1.Service'])
  rotateCertificates(process)
  process.serveMetrics(() => metrics())

  process.after(CACHES_FILLED, () => {
    for (const names of [STATE_NAMES, STATUS_NAMES, SERVICE_NAMES, POOL_NAMES]) runtime.workersStart(names)
    state.start()
    services.start()
    process.watch('namespaces', (event) => labelsChanged(event) && pools.add(`/${event.object.metadata.name}`))
    for (const resource of [POOLS, 'communities.metallb.io'])
      process.watch(resource, (event) => {
        const { namespace, name } = event.object.metadata
        if (namespace !== process.namespace) return
        const generation = generationChanged(event)
        if (resource !== POOLS || generation) pools.add(`${namespace}/${name}`)
        if (resource === POOLS && (event.type !== 'MODIFIED' || !generation)) poolStatus.add(`${namespace}/${name}`)
      })
  })
  process.after(WEBHOOKS_SERVED, () => {
    certificatesReady(process)
    context.listen({ port: 9443, handle: () => TLS_ONLY })
    registerWebhooks(process)
  })

  const metrics = (): string => {
    const lines = [...(config?.pools.keys() ?? [])].flatMap((name) => {
      const counted = allocator.counters(name)
      if (!counted) return []
      const { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6 } = counted
      const used = assignedIPv4 + assignedIPv6
      return [
        `metallb_allocator_addresses_in_use_total{pool="${name}"} ${used}`,
        `metallb_allocator_addresses_total{pool="${name}"} ${used + availableIPv4 + availableIPv6}`,
      ]
    })
    return [`metallb_k8s_client_config_loaded_bool ${config === null ? 0 : 1}`, ...lines, ''].join('\n')
  }
  return process.running()
}
