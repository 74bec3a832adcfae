/** What a Service asks of MetalLB: annotations, ports, keys, as controller/service.go and k8salloc read them. */
import type { KubeObject } from '../../resources/definition.ts'
import type { Claim } from './allocator.ts'
import { ipText, parseIp } from '../configuration/cidr.ts'
import { quotedList } from '../process/logger.ts'
import { keyOf } from '../../machinery/objects.ts'

const PREFIX = 'metallb.io/'
const OLD_PREFIX = 'metallb.universe.tf/'
export const FROM_POOL = `${PREFIX}ip-allocated-from-pool`

/** The value under today's prefix, or else under the old one, or ''. */
export function annotation(service: KubeObject, name: string): string {
  const all = service.metadata.annotations ?? {}
  return all[PREFIX + name] ?? all[OLD_PREFIX + name] ?? ''
}

/** An annotation as 0.9 reads it: the old prefix alone. */
export function oldAnnotation(service: KubeObject, name: string): string {
  return service.metadata.annotations?.[OLD_PREFIX + name] ?? ''
}

export function deprecatedAnnotations(service: KubeObject): string[] {
  return Object.keys(service.metadata.annotations ?? {}).filter((key) => key.startsWith('metallb.universe.tf'))
}

export function claimOf(service: KubeObject, sharingKey: string): Claim {
  const { spec } = service
  const selector = Object.entries((spec.selector ?? {}) as Record<string, string>).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    key: keyOf(service),
    service,
    ports: (spec.ports ?? []).map((port: { protocol?: string; port: number }) => `${port.protocol ?? 'TCP'}/${port.port}`),
    sharingKey,
    backendKey: spec.externalTrafficPolicy === 'Local' ? selector.map(([key, value]) => `${key}=${value}`).join(',') : '',
    family: parseIp(spec.clusterIP ?? '')?.family ?? 4,
  }
}

/** The addresses that a service asks for, none, or what is wrong with the wish. Two are one of each family. */
export function desiredIps(service: KubeObject): { ips: string[] } | { error: string } {
  const wish = annotation(service, 'loadBalancerIPs')
  const field: string = service.spec.loadBalancerIP ?? ''
  if (wish !== '' && field !== '') return { error: `service can not have both ${PREFIX}loadBalancerIPs and svc.Spec.LoadBalancerIP` }
  if (wish !== '') {
    const parsed = wish.split(',').map((each) => parseIp(each.trim()))
    if (parsed.some((each) => each === null)) return { error: `invalid ${PREFIX}loadBalancerIPs: ${JSON.stringify(wish)}` }
    const ips = parsed.map((each) => ipText(each as NonNullable<typeof each>))
    if (ips.length > 2) return { error: `IPFamilyForAddresses: invalid ips length ${ips.length} ${quotedList(ips)}` }
    if (ips.length === 2 && familyOf(ips[0] as string) === familyOf(ips[1] as string))
      return { error: `IPFamilyForAddresses: same address family ${quotedList(ips)}` }
    return { ips }
  }
  if (field === '') return { ips: [] }
  const ip = parseIp(field)
  return ip ? { ips: [ipText(ip)] } : { error: `invalid spec.loadBalancerIP ${JSON.stringify(field)}` }
}

export function familyOf(ip: string): 4 | 6 {
  return ip.includes(':') ? 6 : 4
}

export function isBalancer(service: KubeObject): boolean {
  return service.spec?.type === 'LoadBalancer'
}

/** The addresses in the service's status. */
export function ingressIps(service: KubeObject): string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }: { ip?: string }) => ip ?? [])
}
