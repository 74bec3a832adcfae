import { isDeepStrictEqual } from 'node:util'
import { checkEndpointIp } from '../core/endpoint-addresses.ts'
import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition } from '../definition.ts'
import { checkImmutable, checkIp, checkOneOf, checkRule } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { duplicate, invalid, required } from '../kit/field-errors.ts'
import { dnsLabel, dnsSubdomain } from '../kit/names.ts'
import { minorVersion } from '../kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const SHOWN = 3

/** The first three of a list, and how many more there are (printers.go listWithMoreString). */
function firstOf(list: string[]): string {
  if (list.length === 0) return '<unset>'
  const shown = list.slice(0, SHOWN).join(',')
  return list.length > SHOWN ? `${shown} + ${list.length - SHOWN} more...` : shown
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']

function validateSlice(slice: KubeObject): FieldError[] {
  const { addressType, ports = [], endpoints = [] } = slice
  const errors = checkOneOf(addressType, ADDRESS_TYPES, 'addressType')
  const names = new Set<string>()
  for (const [index, { name = '', protocol }] of (ports ?? []).entries()) {
    const at = `ports[${index}]`
    if (name) errors.push(...checkRule(dnsLabel, name, `${at}.name`))
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    errors.push(...checkOneOf(protocol, PROTOCOLS, `${at}.protocol`))
  }
  for (const [index, { addresses = [], nodeName, hostname }] of (endpoints ?? []).entries()) {
    const path = `endpoints[${index}]`
    if (!addresses?.length) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
    for (const [at, address] of (addresses ?? []).entries()) {
      errors.push(...checkAddress(address, addressType, `${path}.addresses`, at))
    }
    if (nodeName !== undefined) errors.push(...checkRule(dnsSubdomain, nodeName, `${path}.nodeName`))
    if (hostname !== undefined) errors.push(...checkRule(dnsLabel, hostname, `${path}.hostname`))
  }
  return errors
}

function checkAddress(address: string, type: string, path: string, index: number): FieldError[] {
  if (type === 'FQDN') return []
  const errors = checkIp(address, `${path}[${index}]`)
  if (errors.length > 0) return errors
  const wrong = (type === 'IPv6') !== address.includes(':')
  return [...(wrong ? [invalid(path, address, `must be an ${type} address`)] : []), ...checkEndpointIp(address, `${path}[${index}]`)]
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
      validate: validateSlice,
      // Endpoints that were taken once are not looked at again.
      validateUpdate: (slice, old) => [
        ...validateSlice(isDeepStrictEqual(slice['endpoints'], old['endpoints']) ? { ...slice, endpoints: [] } : slice),
        ...checkImmutable(slice['addressType'], old['addressType'], 'addressType'),
      ],
    },
  })
}
