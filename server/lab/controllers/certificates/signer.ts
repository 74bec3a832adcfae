/** Signs approved requests for client certificates of the API server (pkg/controller/certificates/signer). Those of kubelets stay approved. */
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { type Condition, timestamp } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import { issue } from './issue.ts'

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io'
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
const OPTIONAL_USAGES = ['digital signature', 'key encipherment']
/** A certificate lasts as long as is asked for, within these, ms. */
const LEAST = 10 * 60_000
const MOST = 365 * 24 * 3_600_000

export function startCertificateSigner(context: ControllerContext): Disposable {
  const { store, clock, random } = context

  const sync = (name: string): void => {
    const request = store.get(RESOURCE, null, name)
    if (!request || request['spec'].signerName !== CLIENT_SIGNER || request['status']?.certificate) return
    const conditions: Condition[] = request['status']?.conditions ?? []
    const is = (wanted: string): boolean => conditions.some(({ type, status }) => type === wanted && status === 'True')
    if (!is('Approved') || is('Failed')) return
    const change = decide(request)
    // what cannot be read stays approved: the controller-manager tells its log alone
    if (!change) return
    store.mutate(RESOURCE, null, name, (copy) => void (copy['status'] = { ...copy['status'], ...change }), { subresource: 'status' })
  }

  /** What becomes of a request: a certificate, or why there is none. */
  const decide = ({ spec, status }: KubeObject): object | null => {
    const usages: string[] = spec.usages ?? []
    const odd = usages.find((usage) => usage !== 'client auth' && !OPTIONAL_USAGES.includes(usage))
    const message = odd
      ? `invalid usage for client certificate: ${odd}`
      : usages.includes('client auth')
        ? null
        : 'missing required usage for client certificate: client auth'
    if (message !== null) {
      const now = timestamp(clock.now())
      const failed = {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message,
        lastUpdateTime: now,
        lastTransitionTime: now,
      }
      return { conditions: [...(status.conditions ?? []), failed] }
    }
    const lasts = spec.expirationSeconds == null ? MOST : Math.min(MOST, Math.max(LEAST, spec.expirationSeconds * 1000))
    const serial = Buffer.from(Array.from({ length: 16 }, (_none, i) => Math.floor(random() * (i === 0 ? 127 : 256)) + Number(i === 0)))
    const pem = Buffer.from(spec.request, 'base64').toString()
    const certificate = issue(pem, usages, serial, clock.now(), lasts)
    return certificate === null ? null : { certificate: Buffer.from(certificate).toString('base64') }
  }

  const queue = createWorkqueue(context, sync)
  const watch = store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
    if (type !== 'DELETED') queue.add(object.metadata.name)
  })
  return disposeAll([queue, watch])
}
