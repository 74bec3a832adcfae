import type { FieldError } from '../../definition.ts'
import { forbidden, IMMUTABLE, invalid } from '../../kit/field-errors.ts'
import { isHeadless, needsHealthCheckPort } from './needs.ts'

/* oxlint-disable typescript/no-explicit-any */

const FIXED = 'may not change once set'

/** What of a service may not change any more (validateUpgradeDowngradeClusterIPs and its like). */
export function validateServiceChange(spec: any, before: any): FieldError[] {
  const errors: FieldError[] = []
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    if (!isHeadless(spec) || !isHeadless(before)) errors.push(...checkClusterIps(spec, before))
    if (!isHeadless(spec) && !isHeadless(before)) errors.push(...checkFamilies(spec, before))
  }
  if (spec.type === 'LoadBalancer' && before.type === 'LoadBalancer' && spec.loadBalancerClass !== before.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, FIXED))
  }
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(before) && spec.healthCheckNodePort !== before.healthCheckNodePort) {
    errors.push(forbidden('spec.healthCheckNodePort', IMMUTABLE))
  }
  return errors
}

function checkClusterIps(spec: any, before: any): FieldError[] {
  const now: string[] = spec.clusterIPs ?? []
  const then: string[] = before.clusterIPs ?? []
  if (now.length === 0 && then.length > 0) return [invalid('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset')]
  const compared = now.length === then.length ? then : then.slice(0, 1)
  return compared.flatMap((address, index) => (address === now[index] ? [] : [invalid(`spec.clusterIPs[${index}]`, now, FIXED)]))
}

function checkFamilies(spec: any, before: any): FieldError[] {
  const now: string[] = spec.ipFamilies ?? []
  const then: string[] = before.ipFamilies ?? []
  const compared = now.length === then.length ? then : then.slice(0, 1)
  return compared.flatMap((family, index) => (family === now[index] ? [] : [invalid('spec.ipFamilies[0]', now, FIXED)]))
}
