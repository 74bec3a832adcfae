import type { KubeObject } from '../../definition.ts'
import { column, wide, type ColumnSpec } from '../../kit/columns.ts'
import { formatLabels } from '../../kit/labels.ts'

/* oxlint-disable typescript/no-explicit-any */

/** Addresses that a load balancer has given, sorted. The server prints them in full: clipping was kubectl's, before Tables. */
export function loadBalancerAddresses(status: any): string {
  const ingress: any[] = status?.loadBalancer?.ingress ?? []
  const addresses = ingress.map((each) => each.ip || each.hostname).filter(Boolean)
  return [...new Set<string>(addresses)].toSorted().join(',')
}

function externalAddress({ spec = {}, status }: KubeObject): string {
  const external: string[] = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>'
    case 'LoadBalancer':
      return [loadBalancerAddresses(status), ...external].filter(Boolean).join(',') || '<pending>'
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

function ports({ spec }: KubeObject): string {
  const list = (spec?.ports ?? []).map((each: any) => `${each.port}${each.nodePort ? `:${each.nodePort}` : ''}/${each.protocol}`)
  return list.join(',') || '<none>'
}

export const serviceColumns: ColumnSpec[] = [
  column('Type', ({ spec }) => spec?.type ?? ''),
  column('Cluster-IP', ({ spec }) => spec?.clusterIPs?.[0] ?? (spec?.clusterIP || '<none>')),
  column('External-IP', externalAddress),
  column('Port(s)', ports),
  wide('Selector', ({ spec }) => formatLabels(spec?.selector)),
]
