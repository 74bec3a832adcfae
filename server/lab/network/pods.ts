/** Which pod has which address, from the store: where the last hop ends. */
import type { KubeObject } from '../resources/definition.ts'
import type { Disposable, Store } from '../store/store.ts'

export interface PodPlace {
  namespace: string
  name: string
  node: string
  address: string
}

export interface PodIndex extends Disposable {
  byAddress(address: string): PodPlace | null
  /** Pods that use their node's own network. */
  onHost(node: string): PodPlace[]
  /** Ports of a node that lead to a pod on it (hostPort), with the pod's own port behind. */
  hostPorts(node: string): { port: number; place: PodPlace; to: number }[]
}

/** `changed` is called after every change of a pod: its containers may listen elsewhere now. */
export function createPodIndex(store: Store, changed: () => void): PodIndex {
  const places = new Map<string, PodPlace & { host: boolean; ports: { port: number; to: number }[] }>()
  const byAddress = new Map<string, string>()
  const onHost = new Map<string, Set<string>>()

  const forget = (key: string): void => {
    const place = places.get(key)
    if (!place) return
    places.delete(key)
    if (place.host) onHost.get(place.node)?.delete(key)
    else if (byAddress.get(place.address) === key) byAddress.delete(place.address)
  }
  const learn = (pod: KubeObject): void => {
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`
    const address = pod.status?.podIP
    const node = pod.spec?.nodeName
    const phase = pod.status?.phase
    if (!address || !node || phase === 'Succeeded' || phase === 'Failed') return forget(key)
    const known = places.get(key)
    if (known && known.address === address && known.node === node) return
    forget(key)
    const host = pod.spec.hostNetwork === true
    const ports = host ? [] : hostPortsOf(pod)
    places.set(key, { namespace: pod.metadata.namespace as string, name: pod.metadata.name, node, address, host, ports })
    if (!host) {
      byAddress.set(address, key)
      return
    }
    const keys = onHost.get(node)
    if (keys) keys.add(key)
    else onHost.set(node, new Set([key]))
  }
  const watch = store.watch('pods', { initial: true }, ({ type, object }) => {
    if (type === 'DELETED') forget(`${object.metadata.namespace}/${object.metadata.name}`)
    else learn(object)
    changed()
  })

  return {
    byAddress: (address) => places.get(byAddress.get(address) ?? '') ?? null,
    onHost: (node) => [...(onHost.get(node) ?? [])].flatMap((key) => places.get(key) ?? []),
    hostPorts: (node) =>
      [...places.values()].flatMap((place) => (place.node === node ? place.ports.map(({ port, to }) => ({ port, to, place })) : [])),
    dispose: () => watch.dispose(),
  }
}

function hostPortsOf(pod: KubeObject): { port: number; to: number }[] {
  const ports = (pod.spec.containers ?? []).flatMap((container: KubeObject) => container['ports'] ?? [])
  return ports.flatMap(({ hostPort, containerPort, protocol = 'TCP' }: { hostPort?: number; containerPort: number; protocol?: string }) =>
    hostPort && protocol === 'TCP' ? { port: hostPort, to: containerPort } : [],
  )
}
