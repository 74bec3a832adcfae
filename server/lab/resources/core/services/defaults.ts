import type { ClusterSettings } from '../../definition.ts'
import { fill, fillEmpty } from '../../kit/fill.ts'
import { minorVersion } from '../../kit/version.ts'
import { isExternal, needsClusterIp } from './needs.ts'

/* oxlint-disable typescript/no-explicit-any */

/** Three hours, in seconds. */
const AFFINITY_SECONDS = 10_800

/** SetDefaults_Service, and what the version at hand does not know yet left out. */
export function serviceDefaults(service: any, settings: ClusterSettings): void {
  const spec = (service.spec ??= {})
  const minor = minorVersion(settings)
  fillEmpty(spec, 'sessionAffinity', 'None')
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds == null) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } }
  }
  fillEmpty(spec, 'type', 'ClusterIP')
  for (const port of spec.ports ?? []) {
    fillEmpty(port, 'protocol', 'TCP')
    if (port.targetPort === undefined || port.targetPort === null || port.targetPort === 0 || port.targetPort === '') {
      port.targetPort = port.port ?? 0
    }
  }
  if (isExternal(spec)) fillEmpty(spec, 'externalTrafficPolicy', 'Cluster')
  if (minor >= 22 && needsClusterIp(spec)) fill(spec, 'internalTrafficPolicy', 'Cluster')
  if (spec.type !== 'LoadBalancer') return
  if (minor >= 22) fill(spec, 'allocateLoadBalancerNodePorts', true)
  if (minor < 30) return
  for (const ingress of service.status?.loadBalancer?.ingress ?? []) if (ingress.ip) fill(ingress, 'ipMode', 'VIP')
}
