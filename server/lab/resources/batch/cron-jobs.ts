import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { column, containerColumns, wide } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { since } from '../kit/duration.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { formatSelector } from '../kit/labels.ts'
import { minorVersion } from '../kit/version.ts'
import { validateCronJob } from './validate.ts'

const yesOrNo = (value: boolean | undefined): string => (value === undefined ? '<unset>' : value ? 'True' : 'False')

export function cronJobs(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'batch',
    version: minor >= 21 ? 'v1' : 'v1beta1',
    kind: 'CronJob',
    shortNames: ['cj'],
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Schedule', ({ spec }) => spec?.schedule ?? ''),
      ...(minor >= 26 ? [column('Timezone', ({ spec }) => spec?.timeZone ?? '<none>')] : []),
      column('Suspend', ({ spec }) => yesOrNo(spec?.suspend), 'boolean'),
      column('Active', ({ status }) => (status?.active ?? []).length, 'integer'),
      column('Last Schedule', ({ status }, { now }) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>')),
      ...containerColumns(({ spec }: KubeObject) => spec?.jobTemplate?.spec?.template?.spec?.containers),
      wide('Selector', ({ spec }) => formatSelector(spec?.jobTemplate?.spec?.selector)),
    ],
    strategy: {
      setDefaults(job) {
        const spec = (job['spec'] ??= {})
        fillEmpty(spec, 'concurrencyPolicy', 'Allow')
        fill(spec, 'suspend', false)
        fill(spec, 'successfulJobsHistoryLimit', 3)
        fill(spec, 'failedJobsHistoryLimit', 1)
        const template = (spec.jobTemplate ??= {})
        fill(template, 'metadata', {})
        if (minor < 34) template.metadata.creationTimestamp = null
        template.spec ??= {}
        podTemplateDefaults((template.spec.template ??= {}), settings)
      },
      warnings: (object, old) => templateWarnings(object, old, { path: ['spec', 'jobTemplate', 'spec', 'template'] }),
      validate: (job) => validateCronJob(job, minor, true),
      validateUpdate: (job) => validateCronJob(job, minor, false),
    },
  })
}
