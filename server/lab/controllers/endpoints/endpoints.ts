/** The endpoints controller, as pkg/controller/endpoint. */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { fnv128a } from '../../machinery/hash.ts'
import { isPodReady, keyOf, sameJson, splitKey } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import { OVER_CAPACITY, type Subset, withinCapacity } from './capacity.ts'
import { belongsInEndpoints, type EndpointPort, inheritedLabels, podReference, portsOf, TRIGGER_TIME, triggerTime } from './ports.ts'
import { hasEndpoints, podsOf, watchServices } from './service-watch.ts'

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

export function startEndpointsController(context: ControllerContext): Disposable {
  const { store } = context
  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const service = store.get('services', namespace, name)
    const current = store.get('endpoints', namespace, name)
    if (!service) {
      if (current) store.delete('endpoints', namespace, name)
      return
    }
    if (!hasEndpoints(service)) return
    const pods = podsOf(store, service).filter((pod) => belongsInEndpoints(pod, Boolean(service.spec.publishNotReadyAddresses)))
    const all = subsetsOf(service, pods)
    const subsets = minorVersion(context.settings) >= 22 ? withinCapacity(all) : all
    const labels = {
      ...inheritedLabels(service),
      ...(minorVersion(context.settings) >= 33 ? { [MANAGED_BY]: 'endpoint-controller' } : {}),
    }
    const marked = current?.metadata.annotations?.[OVER_CAPACITY] !== undefined
    const unchanged =
      current &&
      marked === (subsets !== all) &&
      sameJson(current['subsets'] ?? [], subsets) &&
      sameJson(current.metadata.labels ?? {}, labels)
    if (unchanged) return
    const annotations: Record<string, string> = { ...current?.metadata.annotations, [TRIGGER_TIME]: triggerTime(service, pods) }
    if (subsets === all) delete annotations[OVER_CAPACITY]
    else annotations[OVER_CAPACITY] = 'truncated'
    if (current) {
      store.mutate('endpoints', namespace, name, (copy) => {
        copy.metadata.labels = labels
        copy.metadata.annotations = annotations
        if (subsets.length > 0) copy['subsets'] = subsets
        else delete copy['subsets']
      })
    } else {
      store.create('endpoints', { metadata: { name, namespace, labels, annotations }, ...(subsets.length > 0 ? { subsets } : {}) })
    }
  }
  const queue = createWorkqueue(context, sync, { latency: [6, 18] })
  const watches = watchServices(store, (key) => queue.add(key))
  // endpoints that somebody deletes come back
  const own = store.watch('endpoints', {}, ({ type, object }) => {
    if (type === 'DELETED') queue.add(keyOf(object))
  })
  return disposeAll([queue, own, ...watches])
}

interface Address {
  ip: string
}

/** Pods with the same ports make one subset; addresses are in the order of their letters and ports in that of their hashes, as endpoints.RepackSubsets. */
function subsetsOf(service: KubeObject, pods: readonly KubeObject[]): Subset[] {
  const groups = new Map<string, { ports: EndpointPort[]; addresses: Address[]; notReadyAddresses: Address[] }>()
  for (const pod of pods) {
    const ports = portsOf(service, pod)
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue
    const key = JSON.stringify(ports)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { ports, addresses: [], notReadyAddresses: [] }))
    const address = {
      ip: pod.status.podIP,
      ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
      nodeName: pod.spec.nodeName,
      targetRef: podReference(pod),
    }
    const ready = isPodReady(pod) || service.spec.publishNotReadyAddresses
    ;(ready ? group.addresses : group.notReadyAddresses).push(address)
  }
  return [...groups.values()].map(({ ports, addresses, notReadyAddresses }) => ({
    ...(addresses.length > 0 ? { addresses: inOrder(addresses) } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses: inOrder(notReadyAddresses) } : {}),
    ...(ports.length > 0 ? { ports: byHash(ports).map(({ name, ...port }) => (name ? { name, ...port } : port)) } : {}),
  }))
}

function inOrder(addresses: Address[]): Address[] {
  return addresses.toSorted((a, b) => (a.ip < b.ip ? -1 : 1))
}

/** In the order of the hashes of what Go's spew prints of each port. */
function byHash(ports: readonly EndpointPort[]): EndpointPort[] {
  const hashOf = ({ name, port, protocol, appProtocol }: EndpointPort): bigint => {
    const application = appProtocol === undefined ? '<nil>' : appProtocol
    const text = `(v1.EndpointPort){Name:(string)${name ?? ''} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${application}}`
    return fnv128a(new TextEncoder().encode(text))
  }
  return ports
    .map((port) => ({ port, hash: hashOf(port) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .map(({ port }) => port)
}
