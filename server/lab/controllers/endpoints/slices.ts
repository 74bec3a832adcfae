/** The endpoint slice controller, as pkg/controller/endpointslice and k8s.io/endpointslice's reconciler. */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createIndex } from '../../machinery/index-by.ts'
import { controllerReference, isPodReady, sameJson, splitKey } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import { belongsInEndpoints, type EndpointPort, inheritedLabels, podReference, portsOf, TRIGGER_TIME, triggerTime } from './ports.ts'
import { hasEndpoints, podsOf, watchServices } from './service-watch.ts'

const SLICES = 'endpointslices.discovery.k8s.io'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const SERVICE_NAME = 'kubernetes.io/service-name'
const CONTROLLER = 'endpointslice-controller.k8s.io'
/** maxEndpointsPerSlice. */
const LARGEST = 100
/** A sync that comes before the last write has come back through the informer fails and is tried again after this (defaultSyncBackOff). */
const STALE_BACK_OFF = 1000
/** How long a write takes to come back, ms. */
const INFORMER_LAG = 10

export function startEndpointSliceController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const slices = createIndex(store, SLICES, (slice) => {
    const service = slice.metadata.labels?.[SERVICE_NAME]
    return service && slice.metadata.labels?.[MANAGED_BY] === CONTROLLER ? [`${slice.metadata.namespace}/${service}`] : []
  })
  const written = new Map<string, number>()

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const service = store.get('services', namespace, name)
    if (!service || !hasEndpoints(service)) {
      written.delete(key)
      // slices go with their service, by garbage collection
      return
    }
    const last = written.get(key)
    if (last !== undefined && clock.now() - last < INFORMER_LAG) return queue.addAfter(key, STALE_BACK_OFF)
    if (reconcile(context, service, slices.get(key))) written.set(key, clock.now())
  }

  const queue = createWorkqueue(context, sync, { latency: [5, 15] })
  const watches = watchServices(store, (key) => queue.add(key))
  const own = store.watch(SLICES, {}, ({ type, object }) => {
    if (type !== 'DELETED' || object.metadata.labels?.[MANAGED_BY] !== CONTROLLER) return
    const service = object.metadata.labels[SERVICE_NAME]
    if (service) queue.add(`${object.metadata.namespace}/${service}`)
  })
  return disposeAll([slices, queue, own, ...watches])
}

interface Endpoint {
  addresses: string[]
  targetRef: { uid: string }
}

function endpointOf(context: ControllerContext, service: KubeObject, pod: KubeObject): Endpoint {
  const minor = minorVersion(context.settings)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const serving = isPodReady(pod)
  const ready = (serving && !terminating) || Boolean(service.spec.publishNotReadyAddresses)
  return {
    addresses: [pod.status.podIP],
    conditions: minor >= 22 ? { ready, serving, terminating } : { ready },
    ...(pod.spec.hostname && pod.spec.subdomain === service.metadata.name ? { hostname: pod.spec.hostname } : {}),
    nodeName: pod.spec.nodeName,
    targetRef: podReference(pod),
    ...(minor < 21 ? { topology: { 'kubernetes.io/hostname': pod.spec.nodeName } } : {}),
  } as unknown as Endpoint
}

/** Brings a service's slices up to date. Returns whether anything was written. */
function reconcile(context: ControllerContext, service: KubeObject, existing: readonly KubeObject[]): boolean {
  const { store } = context
  const { namespace, name } = service.metadata
  const pods = podsOf(store, service).filter((pod) => belongsInEndpoints(pod, minorVersion(context.settings) >= 22))
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Endpoint[] }>()
  for (const pod of pods) {
    const ports = portsOf(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(context, service, pod))
    groups.set(key, group)
  }
  if (groups.size === 0) groups.set('[]', { ports: [], endpoints: [] })
  const labels = { ...inheritedLabels(service), [MANAGED_BY]: CONTROLLER, [SERVICE_NAME]: name }
  const annotations = { [TRIGGER_TIME]: triggerTime(service, pods) }
  const free = [...existing]
  const made: { ports: EndpointPort[]; endpoints: Endpoint[] }[] = []
  let wrote = false
  for (const { ports, endpoints } of groups.values()) {
    for (let from = 0; from === 0 || from < endpoints.length; from += LARGEST) {
      const part = endpoints.slice(from, from + LARGEST)
      const matching = free.findIndex((slice) => sameJson(slice['ports'] ?? [], ports))
      const slice = matching >= 0 ? free.splice(matching, 1)[0] : undefined
      if (!slice) {
        made.push({ ports, endpoints: part })
        continue
      }
      const ordered = keepOrder(slice['endpoints'] ?? [], part)
      if (sameJson(slice['endpoints'] ?? [], ordered) && sameJson(slice.metadata.labels, labels)) continue
      store.mutate(SLICES, namespace ?? null, slice.metadata.name, (copy) => {
        copy['endpoints'] = ordered
        copy.metadata.labels = labels
        copy.metadata.annotations = { ...copy.metadata.annotations, ...annotations }
      })
      wrote = true
    }
  }
  for (const { ports, endpoints } of made) {
    wrote = true
    // one that would go is used again
    const again = free.shift()
    if (again)
      store.mutate(SLICES, namespace ?? null, again.metadata.name, (copy) => {
        Object.assign(copy, { endpoints, ports })
        copy.metadata.labels = labels
        copy.metadata.annotations = annotations
      })
    else
      store.create(SLICES, {
        metadata: {
          generateName: `${name}-`,
          ...(namespace ? { namespace } : {}),
          labels,
          annotations,
          ownerReferences: [controllerReference(service)],
        },
        addressType: 'IPv4',
        endpoints,
        ports,
      })
  }
  for (const slice of free) {
    store.delete(SLICES, namespace ?? null, slice.metadata.name)
    wrote = true
  }
  return wrote
}

/** Endpoints that were there stay in their place; new ones come last. */
function keepOrder(before: readonly Endpoint[], now: readonly Endpoint[]): Endpoint[] {
  const byUid = new Map(now.map((endpoint) => [endpoint.targetRef.uid, endpoint]))
  const kept = before.flatMap(({ targetRef }) => byUid.get(targetRef?.uid) ?? [])
  const known = new Set(kept.map(({ targetRef }) => targetRef.uid))
  return [...kept, ...now.filter(({ targetRef }) => !known.has(targetRef.uid))]
}
