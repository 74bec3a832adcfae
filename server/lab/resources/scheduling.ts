import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { AGE, column, NAME, wide } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'
import { fill } from './kit/fill.ts'
import { minorVersion } from './kit/version.ts'

const policy = (object: KubeObject): string => object['preemptionPolicy'] ?? ''

export function priorityClasses(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
    hasGeneration: true,
    columns: {
      all: [
        NAME,
        column('Value', (object) => object['value'] ?? 0, 'integer'),
        column('Global-Default', (object) => object['globalDefault'] ?? false, 'boolean'),
        AGE,
        // The last column is always shown, and stands behind the age.
        ...(minor >= 30 ? [column('PreemptionPolicy', policy)] : minor >= 28 ? [wide('PreemptionPolicy', policy)] : []),
      ],
    },
    strategy: {
      setDefaults(object) {
        fill(object, 'preemptionPolicy', 'PreemptLowerPriority')
      },
    },
    ...(minor < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

export function runtimeClasses(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'node.k8s.io',
    kind: 'RuntimeClass',
    plural: 'runtimeclasses',
    namespaced: false,
    columns: [column('Handler', (object) => object['handler'] ?? '')],
    ...(minorVersion(settings) < 25 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
