import { isDeepStrictEqual } from 'node:util'
import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { checkImmutable } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { formatLabels } from '../kit/labels.ts'
import { minorVersion } from '../kit/version.ts'
import { count, selectorColumn, templateContainers } from '../kit/workload-columns.ts'
import { validateDaemonSet } from './validate.ts'

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

function countTemplate(set: KubeObject, generation: number): void {
  set.metadata.annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

export function daemonSets(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'apps',
    kind: 'DaemonSet',
    shortNames: ['ds'],
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Desired', ({ status }) => count(status?.desiredNumberScheduled), 'integer'),
      column('Current', ({ status }) => count(status?.currentNumberScheduled), 'integer'),
      column('Ready', ({ status }) => count(status?.numberReady), 'integer'),
      column('Up-to-date', ({ status }) => count(status?.updatedNumberScheduled), 'integer'),
      column('Available', ({ status }) => count(status?.numberAvailable), 'integer'),
      column('Node Selector', ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector)),
      ...templateContainers,
      selectorColumn,
    ],
    strategy: {
      setDefaults(set) {
        const spec = (set['spec'] ??= {})
        const update = (spec.updateStrategy ??= {})
        fillEmpty(update, 'type', 'RollingUpdate')
        if (update.type === 'RollingUpdate') {
          update.rollingUpdate ??= {}
          fill(update.rollingUpdate, 'maxUnavailable', 1)
          if (minor >= 22) fill(update.rollingUpdate, 'maxSurge', 0)
        }
        fill(spec, 'revisionHistoryLimit', 10)
        podTemplateDefaults((spec.template ??= {}), settings)
      },
      warnings: (object, old) => templateWarnings(object, old, { names: false }),
      validate: ({ spec }) => validateDaemonSet(spec, minor),
      validateUpdate: ({ spec }, old) => [
        ...checkImmutable(spec.selector, old['spec']?.selector, 'spec.selector'),
        ...validateDaemonSet(spec, minor),
      ],
      prepareForCreate(set, _context) {
        set['status'] = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
        countTemplate(set, 1)
      },
      prepareForUpdate(set, old) {
        const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? 0)
        countTemplate(set, isDeepStrictEqual(set['spec'].template, old['spec'].template) ? before : before + 1)
      },
    },
  })
}
