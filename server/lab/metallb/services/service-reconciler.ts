/**
 * MetalLB's ServiceReconciler, the same in the controller and in the speakers (service_controller.go, service_controller_reload.go): one service
 * after the other, and all of them once more where one's change may matter to others.
 */
import type { KubeObject } from '../../resources/definition.ts'
import { goJson } from './go-json.ts'
import { argumentOf } from '../process/process.ts'
import type { Process } from '../process/process.ts'
import { createReconciler } from '../process/reconciler.ts'
import type { Outcome } from '../process/reconciler.ts'
import type { ControllerNames } from '../process/runtime-log.ts'
import { ingressIps } from './service.ts'
import { keyOf } from '../../machinery/objects.ts'

/** What a reconcile of one service leads to. */
export type Sync = 'success' | 'error-no-retry' | 'error' | 'reprocess-all'

export const SERVICE_NAMES: ControllerNames = { runtimeName: 'service', kind: { group: '', kind: 'Service' } }

/** Asks for all services to be reconciled. */
const RELOAD = 'metallbreload/reload'
const RETRY = 'event handling failed, retrying'
const SLICES = 'endpointslices.discovery.k8s.io'
const SERVICE_NAME = 'kubernetes.io/service-name'

export interface ServiceReconcilerOptions {
  process: Process
  /** From an event to its reconcile, ms. */
  latency: number
  /** Whether endpoint slices are looked at too. */
  endpoints: boolean
  /** Where something else can hold the worker (reconciler.ts). */
  waits?(go: () => void): boolean
  handle(key: string, service: KubeObject | null, slices: readonly KubeObject[]): Sync
}

/**
 * `start` once the caches are filled. `reload` asks for all services to be reconciled, `forceReload` says so in the name of a controller, from where in
 * its source file.
 */
export function createServiceReconciler(options: ServiceReconcilerOptions): {
  start(): void
  reload(): void
  forceReload(at: string, controller: string): void
} {
  const { process, handle, endpoints } = options
  const { log } = process
  const { store } = process.context
  let loaded = false

  // only services of this class are looked at; '' only those of none
  const loadBalancerClass = argumentOf(process.context, 'lb-class') ?? ''
  const ofOtherClass = (service: KubeObject): boolean => (service.spec?.loadBalancerClass ?? '') !== loadBalancerClass
  const slicesOf = ({ metadata }: KubeObject): KubeObject[] =>
    endpoints
      ? store.list(SLICES, metadata.namespace ?? null).filter((slice) => slice.metadata.labels?.[SERVICE_NAME] === metadata.name)
      : []
  const dumped = (service: KubeObject | null, slices: readonly KubeObject[]): Record<string, string> => ({
    service: service ? goJson(service) : 'null',
    endpoints: `[${slices.map(goJson).join(',')}]`,
  })

  const reload = (): void => reconciler.add(RELOAD)
  const forceReload = (at: string, controller: string): void => {
    log(at, { controller, event: 'force service reload' })
    reload()
  }

  const one = (key: string): Outcome => {
    if (!loaded) return { line: 72 }
    const [namespace, name] = key.split('/') as [string, string]
    const service = store.get('services', namespace, name) ?? null
    if (service && ofOtherClass(service)) return { line: 83 }
    const slices = service ? slicesOf(service) : []
    const failed = { controller: 'ServiceReconciler', name: key, event: 'failed to handle service' }
    switch (handle(key, service, slices)) {
      case 'error':
        log('service_controller.go:104', { ...failed, ...dumped(service, slices) })
        return { line: 105, retry: RETRY }
      case 'reprocess-all':
        forceReload('service_controller.go:107', 'ServiceReconciler')
        return { line: 109 }
      case 'error-no-retry':
        log('service_controller.go:112', { level: 'error', ...failed, ...dumped(service, slices) })
        return { line: 113 }
      case 'success':
        return { line: 115 }
    }
  }

  /** All services, those that have an address first, so that nobody takes it away. */
  const all = (): Outcome => {
    const controller = 'ServiceReconciler - reprocessAll'
    let retry = false
    for (const service of store.list('services', null).toSorted((a, b) => ingressIps(b).length - ingressIps(a).length)) {
      if (ofOtherClass(service)) continue
      const slices = slicesOf(service)
      const result = handle(keyOf(service), service, slices)
      retry ||= result === 'error' || result === 'reprocess-all'
      if (result !== 'error' && result !== 'error-no-retry') continue
      const event = `failed to handle service, ${result === 'error' ? 'retry' : 'no retry'}`
      log(`service_controller_reload.go:${result === 'error' ? 102 : 107}`, {
        level: 'error',
        controller,
        name: keyOf(service),
        event,
        ...dumped(service, slices),
      })
    }
    if (retry) {
      log('service_controller_reload.go:113', { controller, event: 'force service reload' })
      return { line: 114, retry: RETRY }
    }
    loaded = true
    return { line: 118 }
  }

  const reconciler = createReconciler(process, {
    name: 'ServiceReconciler',
    file: 'service_controller.go',
    start: 64,
    ...SERVICE_NAMES,
    latency: options.latency,
    ...(options.waits ? { waits: options.waits } : {}),
    variant: (key) =>
      key === RELOAD ? { name: 'ServiceReconciler - reprocessAll', file: 'service_controller_reload.go', start: 63 } : null,
    reconcile: (key) => (key === RELOAD ? all() : one(key)),
  })
  return {
    start() {
      process.watch('services', ({ object }) => reconciler.add(keyOf(object)))
      if (endpoints)
        process.watch(SLICES, ({ object }) => {
          const name = object.metadata.labels?.[SERVICE_NAME]
          if (name) reconciler.add(`${object.metadata.namespace}/${name}`)
        })
    },
    reload,
    forceReload,
  }
}
