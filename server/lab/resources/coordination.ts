import type { ClusterSettings, ResourceDefinition } from './definition.ts'
import { column } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'
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
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
