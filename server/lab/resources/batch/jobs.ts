import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { selectorColumn, templateContainers } from '../kit/workload-columns.ts'
import { podTemplateDefaults } from '../core/pods/defaults.ts'
import { templateWarnings } from '../core/pods/warnings.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { humanDuration } from '../kit/duration.ts'
import { fill } from '../kit/fill.ts'
import { minorVersion } from '../kit/version.ts'
import { checkJobChange, validateJob } from './validate.ts'

/* oxlint-disable typescript/no-explicit-any */

function completions({ spec = {}, status = {} }: KubeObject): string {
  const done = status.succeeded ?? 0
  if (spec.completions != null) return `${done}/${spec.completions}`
  return (spec.parallelism ?? 0) > 1 ? `${done}/1 of ${spec.parallelism}` : `${done}/1`
}

function runningTime({ status = {} }: KubeObject, now: number): string {
  if (!status.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : now
  return humanDuration(end - Date.parse(status.startTime))
}

/** The first of these conditions that holds is what the STATUS column says. */
const CONDITIONS: [condition: string, word: string][] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
]

function jobStatus({ metadata, status }: KubeObject): string {
  const holds = (type: string): boolean => (status?.conditions ?? []).some((each: any) => each.type === type && each.status === 'True')
  const found = CONDITIONS.find(([type]) => (type === '' ? metadata.deletionTimestamp !== undefined : holds(type)))
  return found?.[1] ?? 'Running'
}

function jobSpecDefaults(spec: any, settings: ClusterSettings): void {
  const minor = minorVersion(settings)
  if (spec.completions == null && spec.parallelism == null) spec.completions = 1
  fill(spec, 'parallelism', 1)
  fill(spec, 'backoffLimit', spec.backoffLimitPerIndex == null ? 6 : 2 ** 31 - 1)
  if (minor >= 22) fill(spec, 'completionMode', 'NonIndexed')
  if (minor >= 22) fill(spec, 'suspend', false)
  if (minor >= 29) fill(spec, 'podReplacementPolicy', spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed')
  if (minor >= 33) fill(spec, 'manualSelector', false)
}

/** Labels and selector that tie a job to its pods (job strategy's generateSelector). */
function generateSelector(job: KubeObject, settings: ClusterSettings): void {
  const { spec, metadata } = job
  if (spec.manualSelector) return
  const prefixed = minorVersion(settings) >= 27
  const labels = {
    ...(prefixed ? { 'batch.kubernetes.io/controller-uid': metadata.uid, 'batch.kubernetes.io/job-name': metadata.name } : {}),
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
  }
  spec.template.metadata ??= {}
  spec.template.metadata.labels = { ...labels, ...spec.template.metadata.labels }
  const key = prefixed ? 'batch.kubernetes.io/controller-uid' : 'controller-uid'
  spec.selector ??= {}
  spec.selector.matchLabels = { ...spec.selector.matchLabels, [key]: metadata.uid }
}

function labelAsTemplate(job: KubeObject): void {
  const labels = job['spec'].template.metadata.labels
  if (labels && !Object.keys(job.metadata.labels ?? {}).length) job.metadata.labels = { ...labels }
}

export function jobs(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'batch',
    kind: 'Job',
    categories: ['all'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      ...(minorVersion(settings) >= 31 ? [column('Status', jobStatus)] : []),
      column('Completions', completions),
      column('Duration', (job, { now }) => runningTime(job, now)),
      ...templateContainers,
      selectorColumn,
    ],
    strategy: {
      setDefaults(job) {
        const spec = (job['spec'] ??= {})
        jobSpecDefaults(spec, settings)
        podTemplateDefaults((spec.template ??= {}), settings)
        labelAsTemplate(job)
      },
      warnings: (object, old) => templateWarnings(object, old),
      validate: (job) => validateJob(job, minorVersion(settings)),
      validateUpdate: (job, old) => [...validateJob(job, minorVersion(settings)), ...checkJobChange(job['spec'], old['spec'] ?? {})],
      prepareForCreate(job) {
        generateSelector(job, settings)
        // Jobs are read with the same defaults with which they are written: labels that came since count too.
        labelAsTemplate(job)
      },
    },
    selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
  })
}
