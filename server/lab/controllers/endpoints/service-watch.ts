/** Which services a change of a pod concerns: the informers of both endpoint controllers. */
import { isPodReady, keyOf, sameJson } from '../../machinery/objects.ts'
import { matchesLabels } from '../../machinery/selectors.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable, Store } from '../../store/store.ts'

/** A service that a controller keeps endpoints for. */
export function hasEndpoints(service: KubeObject): boolean {
  return Boolean(service.spec.selector) && Object.keys(service.spec.selector).length > 0 && service.spec.type !== 'ExternalName'
}

/** What of a pod an endpoint shows. */
function visible(pod: KubeObject): unknown {
  return [
    pod.metadata.labels,
    pod.metadata.deletionTimestamp,
    pod.spec?.nodeName,
    pod.spec?.hostname,
    pod.status?.podIP,
    pod.status?.phase,
    isPodReady(pod),
  ]
}

export function watchServices(store: Store, changed: (key: string) => void): Disposable[] {
  const selecting = (pod: KubeObject): void => {
    for (const service of store.list('services', pod.metadata.namespace)) {
      if (hasEndpoints(service) && matchesLabels(service.spec.selector, pod.metadata.labels)) changed(keyOf(service))
    }
  }
  return [
    store.watch('services', { initial: true }, ({ object }) => changed(keyOf(object))),
    store.watch('pods', {}, ({ object, previous }) => {
      if (previous && sameJson(visible(previous), visible(object))) return
      selecting(object)
      if (previous && !sameJson(previous.metadata.labels, object.metadata.labels)) selecting(previous)
    }),
  ]
}

export function podsOf(store: Store, service: KubeObject): KubeObject[] {
  return store.list('pods', service.metadata.namespace).filter((pod) => matchesLabels(service.spec.selector, pod.metadata.labels))
}
