import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'
import { minorVersion } from '../kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const SHOWN = 3

/** The first three of a list, and how many more there are (printers.go listWithMoreString). */
function firstOf(list: string[]): string {
  if (list.length === 0) return '<unset>'
  const shown = list.slice(0, SHOWN).join(',')
  return list.length > SHOWN ? `${shown} + ${list.length - SHOWN} more...` : shown
}

export function endpointSlices(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'discovery.k8s.io',
    version: minorVersion(settings) >= 21 ? 'v1' : 'v1beta1',
    kind: 'EndpointSlice',
    hasGeneration: true,
    columns: [
      column('AddressType', (slice) => slice['addressType'] ?? ''),
      column('Ports', (slice) => firstOf((slice['ports'] ?? []).map((each: any) => String(each.port ?? each.name ?? '*')))),
      column('Endpoints', (slice) => firstOf((slice['endpoints'] ?? []).flatMap((each: any) => each.addresses ?? []))),
    ],
    strategy: {
      setDefaults(slice) {
        for (const port of slice['ports'] ?? []) {
          port.name ??= ''
          port.protocol ??= 'TCP'
        }
      },
    },
  })
}
