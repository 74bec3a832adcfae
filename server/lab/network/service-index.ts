/** The services of the cluster as rules, kept up to date from the store; what each kube-proxy copies from when it synchronises. */
import type { Store } from '../store/store.ts'
import { serviceOfSlice, serviceRules } from './service-rules.ts'
import type { ServiceRules } from './service-rules.ts'
import type { KubeObject } from '../resources/definition.ts'
import { keyOf } from '../machinery/objects.ts'

export interface ServiceIndex {
  /** By `namespace/name`. */
  current(key: string): ServiceRules | null
  keys(): Iterable<string>
  dispose(): void
}

/** `changed` is called with the key of every service whose rules may be others now. */
export function createServiceIndex(store: Store, changed: (key: string) => void): ServiceIndex {
  const services = new Map<string, KubeObject>()
  const slices = new Map<string, Map<string, KubeObject>>()
  const rules = new Map<string, ServiceRules | null>()

  const touch = (key: string): void => {
    rules.delete(key)
    changed(key)
  }

  const watches = [
    store.watch('services', { initial: true }, ({ type, object }) => {
      const key = keyOf(object)
      if (type === 'DELETED') services.delete(key)
      else services.set(key, object)
      touch(key)
    }),
    store.watch('endpointslices.discovery.k8s.io', { initial: true }, ({ type, object, previous }) => {
      const before = previous ? serviceOfSlice(previous) : null
      const key = serviceOfSlice(object)
      if (before !== null && before !== key) {
        slices.get(before)?.delete(keyOf(object))
        touch(before)
      }
      if (key === null) return
      let ofService = slices.get(key)
      if (!ofService) slices.set(key, (ofService = new Map()))
      if (type === 'DELETED') ofService.delete(keyOf(object))
      else ofService.set(keyOf(object), object)
      if (ofService.size === 0) slices.delete(key)
      touch(key)
    }),
  ]

  return {
    current(key) {
      const known = rules.get(key)
      if (known !== undefined) return known
      const service = services.get(key)
      const made = service ? serviceRules(service, [...(slices.get(key)?.values() ?? [])]) : null
      rules.set(key, made)
      return made
    },
    keys: () => services.keys(),
    dispose() {
      for (const watch of watches) watch.dispose()
    },
  }
}
