import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { checkImmutable } from '../kit/checks.ts'
import { defineResource } from '../define.ts'
import { fill } from '../kit/fill.ts'
import { minorVersion } from '../kit/version.ts'
import { count, replicaColumns, selectorColumn, templateContainers } from '../kit/workload-columns.ts'
import { validateReplicaSet } from './validate.ts'

export function replicaSets(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'apps',
    kind: 'ReplicaSet',
    shortNames: ['rs'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    hasGeneration: true,
    columns: [...replicaColumns, ...templateContainers, selectorColumn],
    strategy: {
      setDefaults(set) {
        const spec = (set['spec'] ??= {})
        fill(spec, 'replicas', 1)
        podTemplateDefaults((spec.template ??= {}), settings)
      },
      warnings: (object, old) => templateWarnings(object, old),
      validate: ({ spec }) => validateReplicaSet(spec, minor),
      validateUpdate: ({ spec }, old) => [
        ...validateReplicaSet(spec, minor),
        ...checkImmutable(spec.selector, old['spec']?.selector, 'spec.selector'),
      ],
      prepareForCreate(set) {
        // The count of replicas is written even where it is 0.
        set['status'] = { replicas: 0 }
      },
    },
    selectableFields: ({ status }) => ({ 'status.replicas': String(count(status?.replicas)) }),
  })
}
