import type { ClusterSettings, ResourceDefinition } from './definition.ts'
import { NOT_NEGATIVE } from './kit/checks.ts'
import { column } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { invalid } from './kit/field-errors.ts'
import { minorVersion } from './kit/version.ts'

export function leases(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'coordination.k8s.io',
    kind: 'Lease',
    columns: [column('Holder', ({ spec }) => spec?.holderIdentity ?? '')],
    strategy: {
      setDefaults(lease) {
        lease['spec'] ??= {}
      },
      validate: ({ spec = {} }) =>
        ['leaseDurationSeconds', 'leaseTransitions']
          .filter((key) => typeof spec[key] === 'number' && (key === 'leaseTransitions' ? spec[key] < 0 : spec[key] <= 0))
          .map((key) => invalid(`spec.${key}`, spec[key], key === 'leaseTransitions' ? NOT_NEGATIVE : 'must be greater than 0')),
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
