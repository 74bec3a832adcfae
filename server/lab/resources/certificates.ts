import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition } from './definition.ts'
import { AGE, column, NAME } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { invalid, required } from './kit/field-errors.ts'
import { humanDuration } from './kit/duration.ts'
import { rfc3339 } from './kit/time.ts'
import { minorVersion } from './kit/version.ts'

/** `Pending`, or `Approved,Issued` (printers.go extractCSRStatus). */
function conditionText({ status = {} }: KubeObject): string {
  const has = (type: string): boolean => (status.conditions ?? []).some((each: { type: string }) => each.type === type)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`
}

interface Condition {
  type: string
  status: string
  lastUpdateTime?: string | null
  lastTransitionTime?: string | null
}

/** Times that a client left out: now, and the time of a condition that was so before (populateConditionTimestamps). */
function stampConditions(conditions: Condition[], before: readonly Condition[], now: string): void {
  for (const condition of conditions) {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status)
    condition.lastUpdateTime ??= now
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? now
  }
}

function validateRequest({ spec = {} }: KubeObject): FieldError[] {
  const { request = '', signerName = '', usages = [] } = spec
  const errors: FieldError[] = []
  if (!Buffer.from(request, 'base64').toString().includes('-----BEGIN CERTIFICATE REQUEST-----')) {
    errors.push(invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST'))
  }
  if (usages.length === 0) errors.push(required('spec.usages'))
  if (signerName === '') errors.push(required('spec.signerName'))
  else if (!/^[^/.]+(\.[^/.]+)+\/.+$/.test(signerName)) {
    errors.push(invalid('spec.signerName', signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'"))
  }
  return errors
}

export function certificateSigningRequests(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    shortNames: ['csr'],
    namespaced: false,
    subresources: ['approval', 'status'],
    strategy: {
      validate: validateRequest,
      prepareForCreate: (request) => void (request['status'] = {}),
      prepareForUpdate(request, old) {
        request['spec'] = old['spec']
        request['status'] = old['status']
      },
      prepareForSubresource(subresource, request, old, context) {
        if (subresource !== 'approval') return
        const conditions = request['status']?.conditions ?? []
        stampConditions(conditions, old['status']?.conditions ?? [], rfc3339(context.now))
        request['status'] = { ...old['status'], conditions }
      },
    },
    columns: {
      all: [
        NAME,
        AGE,
        column('SignerName', ({ spec }) => spec?.signerName || '<none>'),
        column('Requestor', ({ spec }) => spec?.username ?? ''),
        ...(minorVersion(settings) >= 22
          ? [
              column('RequestedDuration', ({ spec }) =>
                spec?.expirationSeconds == null ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
              ),
            ]
          : []),
        column('Condition', conditionText),
      ],
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
  })
}
