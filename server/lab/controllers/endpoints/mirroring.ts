/** The endpoint slice mirroring controller: Endpoints that a person wrote for a service without a selector get slices. */
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { controllerReference, keyOf, sameJson, splitKey } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'

const SLICES = 'endpointslices.discovery.k8s.io'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const SERVICE_NAME = 'kubernetes.io/service-name'
const CONTROLLER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

export function startEndpointSliceMirroring(context: ControllerContext): Disposable {
  const { store } = context
  const mirrored = (namespace: string, name: string): KubeObject[] =>
    store.list(SLICES, namespace).filter(({ metadata: { labels } }) => labels?.[SERVICE_NAME] === name && labels[MANAGED_BY] === CONTROLLER)

  const sync = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const endpoints = store.get('endpoints', namespace, name)
    const service = store.get('services', namespace, name)
    const own = mirrored(namespace, name)
    const wanted = endpoints && service && !service.spec.selector && endpoints.metadata.labels?.[SKIP] !== 'true'
    if (!wanted) {
      for (const slice of own) store.delete(SLICES, namespace, slice.metadata.name)
      return
    }
    const labels = { ...endpoints.metadata.labels, [MANAGED_BY]: CONTROLLER, [SERVICE_NAME]: name }
    const { [LAST_APPLIED]: _applied, ...annotations } = endpoints.metadata.annotations ?? {}
    for (const subset of endpoints['subsets'] ?? []) {
      const ports = (subset.ports ?? []).map((port: object) => ({ name: '', protocol: 'TCP', ...port }))
      const endpoint = (ready: boolean) => (address: { ip: string; nodeName?: string; targetRef?: object }) => ({
        addresses: [address.ip],
        conditions: { ready },
        ...(address.nodeName ? { nodeName: address.nodeName } : {}),
        ...(address.targetRef ? { targetRef: address.targetRef } : {}),
      })
      const list = [...(subset.addresses ?? []).map(endpoint(true)), ...(subset.notReadyAddresses ?? []).map(endpoint(false))]
      const at = own.findIndex((slice) => sameJson(slice['ports'] ?? [], ports))
      const [slice] = at >= 0 ? own.splice(at, 1) : []
      if (!slice) {
        store.create(SLICES, {
          metadata: { generateName: `${name}-`, namespace, labels, annotations, ownerReferences: [controllerReference(endpoints)] },
          addressType: 'IPv4',
          endpoints: list,
          ports,
        })
      } else if (!sameJson(slice['endpoints'] ?? [], list)) {
        store.mutate(SLICES, namespace, slice.metadata.name, (copy) => void (copy['endpoints'] = list))
      }
    }
    for (const slice of own) store.delete(SLICES, namespace, slice.metadata.name)
  }
  const queue = createWorkqueue(context, sync, { latency: [8, 20] })
  const watches = [
    store.watch('endpoints', { initial: true }, ({ object }) => {
      const service = store.get('services', object.metadata.namespace ?? null, object.metadata.name)
      if (!service?.spec.selector) queue.add(keyOf(object))
    }),
    store.watch('services', {}, ({ object }) => {
      if (!object.spec.selector) queue.add(keyOf(object))
    }),
  ]
  return disposeAll([queue, ...watches])
}
