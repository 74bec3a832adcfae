import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'
import { pathSegment } from '../kit/names.ts'
import { minorVersion } from '../kit/version.ts'

/** `True`, or `False (MissingEndpoints)`. */
function available({ status }: KubeObject): string {
  const condition = (status?.conditions ?? []).find((each: { type: string }) => each.type === 'Available')
  if (condition === undefined) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`
}

export function apiServices(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'apiregistration.k8s.io',
    kind: 'APIService',
    name: pathSegment,
    categories: minorVersion(settings) >= 22 ? ['api-extensions'] : [],
    namespaced: false,
    subresources: ['status'],
    columns: [
      column('Service', ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local')),
      column('Available', available),
    ],
    strategy: {
      setDefaults({ spec }) {
        if (spec?.service) spec.service.port ??= 443
      },
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
