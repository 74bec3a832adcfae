import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { invalid, required } from '../kit/field-errors.ts'
import { pathSegment } from '../kit/names.ts'
import { minorVersion } from '../kit/version.ts'

/** `True`, or `False (MissingEndpoints)`. */
function available({ status }: KubeObject): string {
  const condition = (status?.conditions ?? []).find((each: { type: string }) => each.type === 'Available')
  if (condition === undefined) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`
}

function validateApiService({ metadata, spec = {} }: KubeObject): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = spec
  const name = `${version}.${group}`
  const errors: FieldError[] = []
  if (metadata.name !== name && group !== '') {
    errors.push(invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`))
  }
  if (version === '') errors.push(required('spec.version'))
  const within = (value: number, most: number): boolean => value > 0 && value <= most
  if (!within(groupPriorityMinimum, 20_000)) {
    errors.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'))
  }
  if (!within(versionPriority, 1000)) errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'))
  if (!service) return errors
  for (const key of ['namespace', 'name']) if (!service[key]) errors.push(required(`spec.service.${key}`))
  return errors
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
      validate: validateApiService,
      setDefaults({ spec }) {
        if (spec?.service) spec.service.port ??= 443
      },
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
