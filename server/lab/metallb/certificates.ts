/**
 * What the controller puts into the cluster at its start: the memberlist's secret, and the webhooks' certificate. The lab speaks no TLS, so
 * the certificate is only shaped like one.
 */
import { randomBytes } from 'node:crypto'
import { ApiError } from '../store/api-error.ts'
import type { Log } from './logger.ts'
import type { Process } from './process.ts'

/** From the program's start to the certificate's being in the cluster, ms. */
const CERTIFICATE_AFTER = 400
const CRD_WITH_WEBHOOK = 'bgppeers.metallb.io'

function shapedLikePem(label: string, bytes: number): string {
  const lines =
    randomBytes(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Writes what may be gone meanwhile, or in a namespace that terminates. */
function tolerant(write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

/** Makes the secrets, once per cluster, and names the authority in the webhooks' configuration. */
export function prepareCertificates(process: Process, log: Log): void {
  const { store, container } = process.context
  const { namespace } = process
  const name = container.env.METALLB_ML_SECRET_NAME ?? ''
  const deployment = store.get('deployments.apps', namespace, container.env.METALLB_DEPLOYMENT ?? '')
  if (name !== '' && deployment && !store.get('secrets', namespace, name))
    tolerant(() => {
      const { name: owner, uid } = deployment.metadata
      store.create('secrets', {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid }] },
        type: 'Opaque',
        data: { secretkey: base64(randomBytes(128).toString('base64')) },
      })
      log('k8s.go:462', { msg: 'secret successfully created', op: 'CreateMlSecret' })
    })

  process.after(CERTIFICATE_AFTER, () => {
    const secret = store.get('secrets', namespace, 'metallb-webhook-cert')
    if (!secret) return
    if (!secret.data?.['ca.crt']) {
      const data = {
        'ca.crt': base64(shapedLikePem('CERTIFICATE', 600)),
        'ca.key': base64(shapedLikePem('RSA PRIVATE KEY', 1_190)),
        'tls.crt': base64(shapedLikePem('CERTIFICATE', 640)),
        'tls.key': base64(shapedLikePem('RSA PRIVATE KEY', 1_190)),
      }
      log('rotator.go:331', { logger: 'cert-rotation', msg: 'refreshing CA and server certs' })
      tolerant(() => store.mutate('secrets', namespace, 'metallb-webhook-cert', (object) => void (object.data = data)))
      log('rotator.go:337', { logger: 'cert-rotation', msg: 'server certs refreshed' })
    }
    const authority = store.get('secrets', namespace, 'metallb-webhook-cert')?.data?.['ca.crt']
    tolerant(() =>
      store.mutate('validatingwebhookconfigurations.admissionregistration.k8s.io', null, 'metallb-webhook-configuration', (object) => {
        for (const webhook of object.webhooks ?? []) webhook.clientConfig.caBundle = authority
      }),
    )
    tolerant(() =>
      store.mutate('customresourcedefinitions.apiextensions.k8s.io', null, CRD_WITH_WEBHOOK, (object) => {
        const config = object.spec?.conversion?.webhook?.clientConfig
        if (config) config.caBundle = authority
      }),
    )
  })
}
