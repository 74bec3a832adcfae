import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { defineResource } from '../kit/define.ts'
import { minorVersion } from '../kit/version.ts'

export function customResourceDefinitions(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: minorVersion(settings) >= 22 ? ['api-extensions'] : [],
    namespaced: false,
    subresources: ['status'],
    hasGeneration: true,
    strategy: {
      setDefaults(crd) {
        const spec = (crd['spec'] ??= {})
        const names = (spec.names ??= {})
        const kind = String(names.kind ?? '')
        names.singular ||= kind.toLowerCase()
        names.listKind ||= `${kind}List`
        spec.conversion ??= { strategy: 'None' }
        for (const key of ['names', 'versions']) spec[key] ??= key === 'versions' ? [] : {}
      },
      prepareForCreate(crd) {
        const stored = crd['spec'].versions.filter((each: { storage?: boolean }) => each.storage).map((each: { name: string }) => each.name)
        crd['status'] = { acceptedNames: { kind: '', plural: '' }, conditions: [], storedVersions: stored }
      },
    },
  })
}
