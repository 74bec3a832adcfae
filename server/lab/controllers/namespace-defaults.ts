/** What every namespace has: the ServiceAccount `default` and the ConfigMap with the cluster's root certificate. */
import { type ControllerContext, minorVersion } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { certificateAuthority } from '../machinery/root-ca.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { Disposable } from '../store/store.ts'

export const ROOT_CERTIFICATES = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** The ConfigMap's metadata apart from its namespace, and its data. */
export function rootCertificates(settings: { version: string }): { annotations?: Record<string, string>; data: Record<string, string> } {
  const annotations = { 'kubernetes.io/description': DESCRIPTION }
  return { ...(minorVersion(settings) >= 21 ? { annotations } : {}), data: { 'ca.crt': certificateAuthority() } }
}

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
