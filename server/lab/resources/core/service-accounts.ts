import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { minorVersion } from '../kit/version.ts'

export function serviceAccounts(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    subresources: ['token'],
    // The count of secrets was dropped in 1.34, long after accounts ceased to have one.
    columns: minorVersion(settings) >= 34 ? [] : [column('Secrets', (account) => (account['secrets'] ?? []).length)],
  })
}
