import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { defineResource } from '../define.ts'
import { checkDefinitionChange, validateDefinition, validateNewDefinition } from './validate.ts'
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
        if (kind !== '') {
          names.singular ||= kind.toLowerCase()
          names.listKind ||= `${kind}List`
        }
        spec.conversion ??= { strategy: 'None' }
      },
      validate: validateNewDefinition,
      validateUpdate: (crd, old) => [...validateDefinition(crd), ...checkDefinitionChange(crd, old)],
      prepareForUpdate(crd, old) {
        // The version that is stored from now on joins those that were.
        const storage = (crd['spec'].versions ?? []).find((each: { storage?: boolean }) => each.storage)?.name
        const stored: string[] = old['status']?.storedVersions ?? []
        if (storage !== undefined && !stored.includes(storage)) crd['status'] = { ...crd['status'], storedVersions: [...stored, storage] }
      },
      prepareForCreate(crd) {
        const versions: { name: string; storage?: boolean }[] = crd['spec'].versions ?? []
        const stored = versions.find((each) => each.storage)
        crd['status'] = {
          acceptedNames: { kind: '', plural: '' },
          conditions: null,
          storedVersions: stored === undefined ? null : [stored.name],
        }
      },
    },
  })
}
