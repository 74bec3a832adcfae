import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { checkImmutable } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { minorVersion } from '../kit/version.ts'
import { bareSelectorColumn, count, templateContainers } from '../kit/workload-columns.ts'
import { validateDeployment } from './validate.ts'

export function deployments(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'apps',
    kind: 'Deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    hasGeneration: true,
    countsAnnotations: true,
    columns: [
      column('Ready', ({ spec, status }) => `${count(status?.readyReplicas)}/${count(spec?.replicas)}`),
      column('Up-to-date', ({ status }) => count(status?.updatedReplicas)),
      column('Available', ({ status }) => count(status?.availableReplicas)),
      ...templateContainers,
      bareSelectorColumn,
    ],
    strategy: {
      setDefaults(deployment) {
        const spec = (deployment['spec'] ??= {})
        fill(spec, 'replicas', 1)
        const strategy = (spec.strategy ??= {})
        fillEmpty(strategy, 'type', 'RollingUpdate')
        if (strategy.type === 'RollingUpdate') {
          strategy.rollingUpdate ??= {}
          fill(strategy.rollingUpdate, 'maxUnavailable', '25%')
          fill(strategy.rollingUpdate, 'maxSurge', '25%')
        }
        fill(spec, 'revisionHistoryLimit', 10)
        fill(spec, 'progressDeadlineSeconds', 600)
        podTemplateDefaults((spec.template ??= {}), settings)
      },
      warnings: (object, old) => templateWarnings(object, old),
      validate: ({ spec }) => validateDeployment(spec, minor),
      validateUpdate: ({ spec }, old) => [
        ...validateDeployment(spec, minor),
        ...checkImmutable(spec.selector, old['spec']?.selector, 'spec.selector'),
      ],
    },
  })
}
