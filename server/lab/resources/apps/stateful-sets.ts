import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { dnsLabel } from '../kit/names.ts'
import { minorVersion } from '../kit/version.ts'
import { count, templateContainers } from '../kit/workload-columns.ts'
import { checkStatefulChange, validateStatefulSet } from './validate-stateful-set.ts'

export function statefulSets(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'apps',
    kind: 'StatefulSet',
    shortNames: ['sts'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    hasGeneration: true,
    name: dnsLabel,
    columns: [column('Ready', ({ spec, status }) => `${count(status?.readyReplicas)}/${count(spec?.replicas)}`), ...templateContainers],
    strategy: {
      setDefaults(set) {
        const spec = (set['spec'] ??= {})
        fillEmpty(spec, 'podManagementPolicy', 'OrderedReady')
        const update = (spec.updateStrategy ??= {})
        if (!update.type) {
          update.type = 'RollingUpdate'
          update.rollingUpdate ??= {}
        }
        if (update.type === 'RollingUpdate' && update.rollingUpdate) fill(update.rollingUpdate, 'partition', 0)
        if (minor >= 27) {
          const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
          fillEmpty(retention, 'whenDeleted', 'Retain')
          fillEmpty(retention, 'whenScaled', 'Retain')
        }
        fill(spec, 'replicas', 1)
        fill(spec, 'revisionHistoryLimit', 10)
        podTemplateDefaults((spec.template ??= {}), settings)
        for (const claim of spec.volumeClaimTemplates ?? []) {
          claim.apiVersion = 'v1'
          claim.kind = 'PersistentVolumeClaim'
          fill((claim.spec ??= {}), 'volumeMode', 'Filesystem')
          claim.status = { phase: 'Pending' }
        }
      },
      warnings: (object, old) => templateWarnings(object, old, { names: false }),
      validate: ({ spec }) => validateStatefulSet(spec, minor, true),
      validateUpdate: ({ spec }, old) => [...validateStatefulSet(spec, minor, false), ...checkStatefulChange(spec, old['spec'] ?? {})],
      prepareForCreate(set) {
        set['status'] = { replicas: 0, ...(minor >= 22 ? { availableReplicas: 0 } : {}) }
      },
    },
  })
}
