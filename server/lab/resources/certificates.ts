import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { AGE, column, NAME } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'
import { humanDuration } from './kit/duration.ts'
import { minorVersion } from './kit/version.ts'

/** `Pending`, or `Approved,Issued` (printers.go extractCSRStatus). */
function condition({ status = {} }: KubeObject): string {
  const has = (type: string): boolean => (status.conditions ?? []).some((each: { type: string }) => each.type === type)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`
}

export function certificateSigningRequests(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    shortNames: ['csr'],
    namespaced: false,
    subresources: ['approval', 'status'],
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
        column('Condition', condition),
      ],
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
  })
}
