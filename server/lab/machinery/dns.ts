/** Names as the programs of a pod resolve them: by its /etc/hosts and resolv.conf, which lead to the cluster's DNS. */
import { isIPv4 } from 'node:net'
import type { Store } from '../store/store.ts'
import { endpointsOf, queryZone } from './dns-zone.ts'

/** The nameserver of every pod, whether anybody serves there or not. */
export const CLUSTER_DNS = '10.96.0.10'
/** A resolver gives up after so long without an answer, ms. */
export const DNS_TIMEOUT = 5000
const NDOTS = 5
const SERVICE = { namespace: 'kube-system', name: 'kube-dns' }

/** `silent`: what is sent there is lost. `rejecting`: the service has nobody behind it, and kube-proxy rejects. */
export type DnsState = 'answering' | 'rejecting' | 'silent'

export function searchDomains(namespace: string): string[] {
  return [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local']
}

/** What somebody who asks a server gets. */
export function dnsState(store: Store, server = CLUSTER_DNS): DnsState {
  const service = store.get('services', SERVICE.namespace, SERVICE.name)
  const ready = endpointsOf(store, SERVICE).map(({ address }) => address)
  if (ready.includes(server)) return 'answering'
  if (service?.spec.clusterIP !== server) return 'silent'
  return ready.length > 0 ? 'answering' : 'rejecting'
}

/** The addresses of a name in the order of the answer, or null where it does not exist or nobody answers. An address resolves to itself. */
export function resolveName(store: Store, host: string, namespace: string): string[] | null {
  if (isIPv4(host)) return [host]
  if (host.toLowerCase() === 'localhost') return ['127.0.0.1']
  if (dnsState(store) !== 'answering') return null
  const searched = host.endsWith('.') ? [] : searchDomains(namespace).map((domain) => `${host}.${domain}`)
  const candidates = host.split('.').length > NDOTS ? [host, ...searched] : [...searched, host]
  for (const name of candidates) {
    const addresses = queryZone(store, name, 'A').records.flatMap(({ type, value }) => (type === 'A' ? value : []))
    if (addresses.length > 0) return addresses
  }
  return null
}
