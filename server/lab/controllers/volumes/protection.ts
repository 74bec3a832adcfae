/** Holds claims that pods use, and volumes that are bound, until they are free (pkg/controller/volume/pvcprotection, pvprotection). */
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { hasEnded, keyOf, splitKey } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import { claimNames } from './binder.ts'

const CLAIM = { resource: 'persistentvolumeclaims', finalizer: 'kubernetes.io/pvc-protection' }
const VOLUME = { resource: 'persistentvolumes', finalizer: 'kubernetes.io/pv-protection' }

export function startVolumeProtection(context: ControllerContext): Disposable {
  const { store } = context
  const isUsed = ({ metadata }: KubeObject): boolean =>
    store.list('pods', metadata.namespace).some((pod) => pod['spec']?.nodeName && !hasEnded(pod) && claimNames(pod).includes(metadata.name))

  const release = ({ resource, finalizer }: typeof CLAIM, object: KubeObject): void => {
    const { namespace = null, name, deletionTimestamp, finalizers = [] } = object.metadata
    if (!deletionTimestamp || !finalizers.includes(finalizer)) return
    store.mutate(resource, namespace, name, (copy) => void (copy.metadata.finalizers = finalizers.filter((each) => each !== finalizer)))
  }

  const claims = createWorkqueue(context, (key) => {
    const { namespace, name } = splitKey(key)
    const claim = store.get(CLAIM.resource, namespace, name)
    if (claim && !isUsed(claim)) release(CLAIM, claim)
  })
  const volumes = createWorkqueue(context, (key) => {
    const volume = store.get(VOLUME.resource, null, key)
    if (volume && volume['status']?.phase !== 'Bound') release(VOLUME, volume)
  })
  const watches = [
    store.watch(CLAIM.resource, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED' && object.metadata.deletionTimestamp) claims.add(keyOf(object))
    }),
    store.watch(VOLUME.resource, { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED' && object.metadata.deletionTimestamp) volumes.add(object.metadata.name)
    }),
    store.watch('pods', {}, ({ type, object }) => {
      if (type !== 'DELETED' && !hasEnded(object)) return
      for (const name of claimNames(object)) claims.add(`${object.metadata.namespace}/${name}`)
    }),
  ]
  return disposeAll([claims, volumes, ...watches])
}
