/** Fills the Secrets that ask for a token of a service account, and takes them away with it (pkg/controller/serviceaccount/tokens_controller.go). */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { keyOf, splitKey } from '../machinery/objects.ts'
import { certificateAuthority } from '../machinery/root-ca.ts'
import { serviceAccountToken } from '../machinery/service-account-token.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { Disposable } from '../store/store.ts'

const TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'

const encoded = (text: string): string => Buffer.from(text).toString('base64')

export function startTokenController(context: ControllerContext): Disposable {
  const { store, clock } = context
  const accountOf = ({ metadata }: KubeObject): KubeObject | undefined => {
    const account = store.get('serviceaccounts', metadata.namespace ?? null, metadata.annotations?.[NAME] ?? '')
    const uid = metadata.annotations?.[UID]
    return uid === undefined || uid === account?.metadata.uid ? account : undefined
  }
  const queue = createWorkqueue(context, (key) => {
    const { namespace, name } = splitKey(key)
    const secret = store.get('secrets', namespace, name)
    if (secret?.['type'] !== TYPE) return
    const account = accountOf(secret)
    if (!account) return void store.delete('secrets', namespace, name)
    const { data = {} } = secret
    if (data.token && data['ca.crt'] && data.namespace && secret.metadata.annotations?.[UID]) return
    const now = Math.floor(clock.now() / 1000)
    const token = serviceAccountToken(account, now, { bound: { kind: 'Secret', name, uid: secret.metadata.uid } })
    store.mutate('secrets', namespace, name, (copy) => {
      copy.metadata.annotations = { ...copy.metadata.annotations, [UID]: account.metadata.uid }
      copy['data'] = { ...data, 'ca.crt': encoded(certificateAuthority()), namespace: encoded(namespace), token: encoded(token) }
    })
  })
  const watches = [
    store.watch('secrets', { initial: true }, ({ type, object }) => {
      if (type !== 'DELETED' && object['type'] === TYPE) queue.add(keyOf(object))
    }),
    store.watch('serviceaccounts', {}, ({ type, object }) => {
      if (type === 'MODIFIED') return
      for (const secret of store.list('secrets', object.metadata.namespace)) {
        if (secret['type'] === TYPE && secret.metadata.annotations?.[NAME] === object.metadata.name) queue.add(keyOf(secret))
      }
    }),
  ]
  return disposeAll([queue, ...watches])
}
