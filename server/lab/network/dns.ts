/** Names as a pod resolves them through the cluster's DNS: services in its own and other namespaces, headless ones by their endpoints. */
import type { KubeObject } from '../resources/definition.ts'
import type { Store } from '../store/store.ts'
import { serviceOfSlice } from './service-rules.ts'
import { parseAddress } from './hosts.ts'

const DOMAIN = '.svc.cluster.local'

/** The addresses of a name in the order of the answer, or null where it does not exist. An address resolves to itself. */
export function resolveName(store: Store, host: string, namespace: string): string[] | null {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (parseAddress(name) !== null) return [name]
  if (name === 'localhost') return ['127.0.0.1']
  const service = findService(store, name, namespace)
  if (!service) return null
  if (service.spec.type === 'ExternalName') return null
  if (service.spec.clusterIP && service.spec.clusterIP !== 'None') return [service.spec.clusterIP]
  const key = `${service.metadata.namespace}/${service.metadata.name}`
  const addresses = store
    .list('endpointslices.discovery.k8s.io', service.metadata.namespace)
    .filter((slice) => serviceOfSlice(slice) === key)
    .flatMap((slice) => (slice.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[])
    .flatMap(({ addresses: each, conditions }) => (conditions?.ready === false ? [] : each))
  return addresses.length > 0 ? addresses : null
}

/** As a pod's resolv.conf searches: NAMESPACE.svc.cluster.local, svc.cluster.local, cluster.local. */
function findService(store: Store, name: string, namespace: string): KubeObject | undefined {
  const bare = name.endsWith(DOMAIN) ? name.slice(0, -DOMAIN.length) : name.endsWith('.svc') ? name.slice(0, -4) : name
  const parts = bare.split('.')
  if (bare !== name) return parts.length === 2 ? store.get('services', parts[1] as string, parts[0] as string) : undefined
  if (parts.length === 1) return store.get('services', namespace, name)
  if (parts.length === 2) return store.get('services', parts[1] as string, parts[0] as string)
  return undefined
}

/** The addresses of a whole name: `web.default.svc.cluster.local`, and nothing shorter. */
export function resolveExactly(store: Store, host: string): string[] | null {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name.endsWith(DOMAIN) ? resolveName(store, name, '') : null
}

/** The name that the cluster's DNS has for a service's address. */
export function nameOfAddress(store: Store, address: string): string | null {
  const service = store.list('services').find(({ spec }) => spec.clusterIP === address)
  return service ? `${service.metadata.name}.${service.metadata.namespace}${DOMAIN}` : null
}

/** Whether a DNS server runs in the cluster: its service has an endpoint that is ready. */
export function isServed(store: Store): boolean {
  if (!store.get('services', 'kube-system', 'kube-dns')) return false
  return store
    .list('endpointslices.discovery.k8s.io', 'kube-system')
    .filter((slice) => serviceOfSlice(slice) === 'kube-system/kube-dns')
    .some((slice) => (slice.endpoints ?? []).some(({ conditions }: { conditions?: { ready?: boolean } }) => conditions?.ready !== false))
}
