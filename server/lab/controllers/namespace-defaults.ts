/** What every namespace has: the ServiceAccount `default` and the ConfigMap with the cluster's root certificate. */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { ROOT_CERTIFICATES, rootCertificates } from '../machinery/root-ca.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { Disposable } from '../store/store.ts'

export function startNamespaceDefaults(context: ControllerContext): Disposable {
  const { store } = context
  const sync = (name: string): void => {
    const namespace = store.get('namespaces', null, name)
    if (!namespace || namespace.metadata.deletionTimestamp) return
    if (!store.get('serviceaccounts', name, 'default')) store.create('serviceaccounts', { metadata: { name: 'default', namespace: name } })
    if (!store.get('configmaps', name, ROOT_CERTIFICATES)) {
      const { annotations, data } = rootCertificates(context.settings)
      store.create('configmaps', { metadata: { name: ROOT_CERTIFICATES, namespace: name, ...(annotations ? { annotations } : {}) }, data })
    }
  }
  const queue = createWorkqueue(context, sync, { latency: [4, 14] })
  const watches = [
    store.watch('namespaces', { initial: true }, ({ object }) => queue.add(object.metadata.name)),
    ...['serviceaccounts', 'configmaps'].map((resource) =>
      store.watch(resource, {}, ({ type, object }) => {
        if (type === 'DELETED') queue.add(object.metadata.namespace ?? '')
      }),
    ),
  ]
  return disposeAll([queue, ...watches])
}
