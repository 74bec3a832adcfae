import type { FieldError, ResourceDefinition } from '../definition.ts'
import { checkIp, checkOneOf, checkPort, checkRule } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { required } from '../kit/field-errors.ts'
import { fillEmpty } from '../kit/fill.ts'
import { dnsLabel, dnsSubdomain } from '../kit/names.ts'
import { checkEndpointIp } from './endpoint-addresses.ts'

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

function checkAddress({ ip = '', hostname, nodeName }: any, path: string): FieldError[] {
  return [
    ...checkIp(ip, `${path}.ip`),
    ...(hostname ? checkRule(dnsLabel, hostname, `${path}.hostname`) : []),
    ...(nodeName === undefined ? [] : checkRule(dnsSubdomain, nodeName, `${path}.nodeName`)),
    ...checkEndpointIp(ip, `${path}.ip`),
  ]
}

function checkSubset(subset: any, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const errors: FieldError[] = []
  if (addresses.length + notReadyAddresses.length === 0) errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
  for (const [key, list] of Object.entries<any[]>({ addresses, notReadyAddresses })) {
    for (const [index, address] of list.entries()) errors.push(...checkAddress(address, `${path}.${key}[${index}]`))
  }
  for (const [index, port] of ports.entries()) {
    const at = `${path}.ports[${index}]`
    if (port.name) errors.push(...checkRule(dnsLabel, port.name, `${at}.name`))
    else if (ports.length > 1) errors.push(required(`${at}.name`))
    errors.push(...checkPort(port.port ?? 0, `${at}.port`), ...checkOneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], `${at}.protocol`))
  }
  return errors
}

export function endpoints(): ResourceDefinition {
  return defineResource({
    kind: 'Endpoints',
    plural: 'endpoints',
    shortNames: ['ep'],
    columns: [column('Endpoints', (object) => formatEndpoints(object['subsets'] ?? []))],
    strategy: {
      setDefaults(object) {
        for (const subset of object['subsets'] ?? []) for (const port of subset.ports ?? []) fillEmpty(port, 'protocol', 'TCP')
      },
      validate: (object) => (object['subsets'] ?? []).flatMap((each: any, index: number) => checkSubset(each, `subsets[${index}]`)),
    },
  })
}
