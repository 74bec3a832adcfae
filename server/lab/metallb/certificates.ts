/**
 * What the controller puts into the cluster at its start: the memberlist's secret, and the webhooks' certificate (cert-controller's rotator). The
 * lab speaks no TLS, so the certificate is only shaped like one.
 */
import { randomBytes } from 'node:crypto'
import { ApiError } from '../store/api-error.ts'
import type { Process } from './process/process.ts'
import { RECONCILE_FRAMES, RUNNABLE, stackOf } from './process/runtime-log.ts'

/** From the program's start to the certificate's being in the cluster, ms. */
const CERTIFICATE_AFTER = 400
const CRD_WITH_WEBHOOK = 'bgppeers.metallb.io'
const SECRET = 'metallb-webhook-cert'
const LOGGER = 'cert-rotation'
const ROTATOR = 'certs pkg/rotator'
const START_FRAMES = [`${ROTATOR} (*CertRotator).Start rotator.go:292`, RUNNABLE]

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

/** Makes the memberlist's secret, once per cluster. */
export function createMemberlistSecret(process: Process): void {
  const { store, container } = process.context
  const { namespace } = process
  const name = container.env.METALLB_ML_SECRET_NAME ?? ''
  const deployment = store.get('deployments.apps', namespace, container.env.METALLB_DEPLOYMENT ?? '')
  if (name === '' || !deployment || store.get('secrets', namespace, name)) return
  tolerant(() => {
    const { name: owner, uid } = deployment.metadata
    store.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: owner, uid }] },
      type: 'Opaque',
      data: { secretkey: base64(randomBytes(16).toString('base64').replace(/=+$/, '')) },
    })
    process.log('k8s.go:462', { msg: 'secret successfully created', op: 'CreateMlSecret' })
  })
}

/** Makes the webhooks' certificate, once per cluster, and names its authority where the API server looks for it. */
export function rotateCertificates(process: Process): void {
  const { store } = process.context
  const { namespace, runtime } = process
  const refresh = (msg: string, at: number): void =>
    runtime.line(
      'info',
      { logger: LOGGER, msg },
      stackOf(
        `${ROTATOR} (*CertRotator).refreshCertIfNeeded.func1 rotator.go:${at}`,
        'machinery pkg/util/wait runConditionWithCrashProtection wait.go:150',
        'machinery pkg/util/wait ExponentialBackoff backoff.go:477',
        `${ROTATOR} (*CertRotator).refreshCertIfNeeded rotator.go:364`,
        ...START_FRAMES,
      ),
    )
  const inject = (resource: string, name: string, gvk: string, write: (object: any) => void): void => {
    if (!store.get(resource, null, name)) return
    const frames = [`${ROTATOR} (*ReconcileWH).ensureCerts rotator.go:857`, `${ROTATOR} (*ReconcileWH).Reconcile rotator.go:814`]
    runtime.line('info', { logger: LOGGER, msg: 'Ensuring CA cert', name, gvk }, stackOf(...frames, ...RECONCILE_FRAMES))
    tolerant(() => store.mutate(resource, null, name, write))
  }

  runtime.line(
    'info',
    { logger: LOGGER, msg: 'starting cert rotator controller' },
    stackOf(`${ROTATOR} (*CertRotator).Start rotator.go:290`, RUNNABLE),
  )
  process.after(CERTIFICATE_AFTER, () => {
    const secret = store.get('secrets', namespace, SECRET)
    if (!secret) return
    if (secret.data?.['ca.crt']) refresh('no cert refresh needed', 361)
    else {
      const data = {
        'ca.crt': base64(shapedLikePem('CERTIFICATE', 600)),
        'ca.key': base64(shapedLikePem('RSA PRIVATE KEY', 1_190)),
        'tls.crt': base64(shapedLikePem('CERTIFICATE', 640)),
        'tls.key': base64(shapedLikePem('RSA PRIVATE KEY', 1_190)),
      }
      refresh('refreshing CA and server certs', 334)
      tolerant(() => store.mutate('secrets', namespace, SECRET, (object) => void (object.data = data)))
      refresh('server certs refreshed', 340)
    }
    const authority = store.get('secrets', namespace, SECRET)?.data?.['ca.crt']
    inject(
      'validatingwebhookconfigurations.admissionregistration.k8s.io',
      'metallb-webhook-configuration',
      'admissionregistration.k8s.io/v1, Kind=ValidatingWebhookConfiguration',
      (object) => {
        for (const webhook of object.webhooks ?? []) webhook.clientConfig.caBundle = authority
      },
    )
    inject(
      'customresourcedefinitions.apiextensions.k8s.io',
      CRD_WITH_WEBHOOK,
      'apiextensions.k8s.io/v1, Kind=CustomResourceDefinition',
      (object) => {
        const config = object.spec?.conversion?.webhook?.clientConfig
        if (config) config.caBundle = authority
      },
    )
  })
}

/** What is said once the certificate lies where the webhook server reads it. */
export function certificatesReady({ runtime }: Process): void {
  const line = (msg: string, frame: string): void => runtime.line('info', { logger: LOGGER, msg }, stackOf(`${ROTATOR} ${frame}`))
  line('certs are ready in /tmp/k8s-webhook-server/serving-certs', '(*CertRotator).ensureCertsMounted rotator.go:896')
  line('CA certs are injected to webhooks', '(*CertRotator).ensureReady rotator.go:916')
}
