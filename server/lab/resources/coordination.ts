import type { ResourceDefinition } from './definition.ts'
import { column } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'

export function leases(): ResourceDefinition {
  return defineResource({
    group: 'coordination.k8s.io',
    kind: 'Lease',
    columns: [column('Holder', ({ spec }) => spec?.holderIdentity ?? '')],
    strategy: {
      setDefaults(lease) {
        lease['spec'] ??= {}
      },
    },
  })
}
