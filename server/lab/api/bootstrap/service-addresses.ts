/** An IPAddress for every cluster address of a service, as the API server's allocator keeps them from 1.33 on. */
import { isIP } from 'node:net'
import type { LabContext } from '../../context.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Disposable } from '../../store/store.ts'

const RESOURCE = 'ipaddresses.networking.k8s.io'

function addressesOf(service: KubeObject | undefined): string[] {
  return (service?.['spec']?.clusterIPs ?? []).filter((address: string) => isIP(address) !== 0)
}

export function startServiceAddresses({ store, fault }: LabContext): Disposable {
  if (!store.definition(RESOURCE)) return { dispose() {} }
  const tolerate = (write: () => void): void => {
    try {
      write()
    } catch (error) {
      // somebody else has made it, or taken it away
      if (!(error instanceof ApiError)) fault(error)
    }
  }
  const add = (service: KubeObject, name: string): void => {
    const labels = {
      'ipaddress.kubernetes.io/ip-family': `IPv${isIP(name)}`,
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    }
    const parentRef = { group: '', name: service.metadata.name, namespace: service.metadata.namespace, resource: 'services' }
    const at = Date.parse(service.metadata.creationTimestamp)
    tolerate(() => store.create(RESOURCE, { metadata: { name, labels }, spec: { parentRef } }, { fieldManager: 'kube-apiserver', at }))
  }
  return store.watch('services', { initial: true }, ({ type, object, previous }) => {
    const now = type === 'DELETED' ? [] : addressesOf(object)
    const before = type === 'ADDED' ? [] : addressesOf(type === 'DELETED' ? object : previous)
    for (const address of before) if (!now.includes(address)) tolerate(() => store.delete(RESOURCE, null, address))
    for (const address of now) if (!before.includes(address)) add(object, address)
  })
}
