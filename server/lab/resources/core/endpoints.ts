import type { ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'

/* oxlint-disable typescript/no-explicit-any */

const SHOWN = 3

/** `a:80,b:80,c:80 + 2 more...` (printers.go formatEndpoints). */
function formatEndpoints(subsets: any[]): string {
  if (subsets.length === 0) return '<none>'
  const all: string[] = []
  for (const { addresses = [], ports = [] } of subsets) {
    if (ports.length === 0) all.push(...addresses.map((each: any) => each.ip))
    for (const port of ports) {
      for (const { ip } of addresses) all.push(ip.includes(':') ? `[${ip}]:${port.port}` : `${ip}:${port.port}`)
    }
  }
  const list = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${list} + ${all.length - SHOWN} more...` : list
}

export function endpoints(): ResourceDefinition {
  return defineResource({
    kind: 'Endpoints',
    plural: 'endpoints',
    shortNames: ['ep'],
    columns: [column('Endpoints', (object) => formatEndpoints(object['subsets'] ?? []))],
    strategy: {
      setDefaults(object) {
        for (const subset of object['subsets'] ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
      },
    },
  })
}
