import type { ClusterSettings, ResourceDefinition } from '../../definition.ts'
import { canonicalIp } from '../../kit/checks.ts'
import { defineResource } from '../../define.ts'
import { dns1035Label, dnsLabel } from '../../kit/names.ts'
import { minorVersion } from '../../kit/version.ts'
import { allocate, carryOver } from './allocation.ts'
import { serviceColumns } from './columns.ts'
import { serviceDefaults } from './defaults.ts'
import { isHeadless } from './needs.ts'
import { checkAllocation } from './validate-allocation.ts'
import { validateServiceChange } from './validate-update.ts'
import { validateService } from './validate.ts'

// oxlint-disable-next-line typescript/no-explicit-any
function serviceWarnings(spec: any, minor: number): string[] {
  const warnings: string[] = []
  const external = (spec.externalIPs?.length ?? 0) > 0
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (external) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  if (spec.type === 'ExternalName' && external) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (spec.type !== 'ExternalName' && spec.externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const plain = canonicalIp(address)
    if (minor < 33 || plain === null || plain === address) continue
    const words = `non-standard IP address "${address}" will be considered invalid in a future Kubernetes release`
    warnings.push(`spec.externalIPs[${index}]: ${words}: use "${plain}"`)
  }
  if (minor >= 34 && spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return warnings
}

export function services(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['proxy', 'status'],
    // From 1.36 on a service's name may begin with a digit.
    name: minor >= 36 ? dnsLabel : dns1035Label,
    columns: serviceColumns,
    strategy: {
      setDefaults: (service) => serviceDefaults(service, settings),
      prepareForCreate(service, context) {
        service['status'] = { loadBalancer: {} }
        const { spec } = service
        if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
        if (!spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0]
        allocate(service, null, context)
      },
      prepareForUpdate(service, old, context) {
        carryOver(service, old)
        // What a balancer outside gave is void for a service that asks for none.
        if (service['spec'].type !== 'LoadBalancer') service['status'] = { ...service['status'], loadBalancer: {} }
        allocate(service, old, context)
      },
      warnings: (service) => serviceWarnings(service['spec'], minor),
      validate(service, context) {
        const refused = checkAllocation(service, null, context)
        return refused.length > 0 ? refused : validateService(service, minor)
      },
      validateUpdate(service, old, context) {
        const refused = checkAllocation(service, old, context)
        if (refused.length > 0) return refused
        return [...validateServiceChange(service['spec'], old['spec'] ?? {}), ...validateService(service, minor)]
      },
    },
    selectableFields: ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  })
}
