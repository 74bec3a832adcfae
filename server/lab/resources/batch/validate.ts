/** The rules for jobs and cron jobs (apis/batch/validation). */
import { isDeepStrictEqual } from 'node:util'
import type { FieldError, KubeObject } from '../definition.ts'
import { validatePodTemplate } from '../core/pods/validate.ts'
import { checkImmutable, checkMaybeOneOf, checkNonNegative, checkOneOf, checkSelector } from '../kit/checks.ts'
import { IMMUTABLE, invalid, notSupported, required } from '../kit/field-errors.ts'
import { selects } from '../kit/labels.ts'
import { internalForm } from '../schema/internal-form.ts'
import { checkFailurePolicy, checkSuccessPolicy } from './policies.ts'
import { scheduleError } from './schedule.ts'

/* oxlint-disable typescript/no-explicit-any */

const NUMBERS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]
/** What follows a job's name in the names of its pods takes this much of the 63 that a label may have. */
const LONGEST_CRON_JOB_NAME = 52

/** A job as part of a cron job: without selector, which every job gets for itself. */
function checkJobTemplate(spec: any, path: string, minor: number): FieldError[] {
  const errors = NUMBERS.flatMap((key) => checkNonNegative(spec[key], `${path}.${key}`))
  errors.push(...checkMaybeOneOf(spec.completionMode, ['NonIndexed', 'Indexed'], `${path}.completionMode`))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.completionMode === 'Indexed') {
    if (spec.completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
    else if (spec.maxFailedIndexes > spec.completions) {
      errors.push(invalid(`${path}.maxFailedIndexes`, spec.maxFailedIndexes, 'must be less than or equal to completions'))
    }
  } else {
    for (const key of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
      if (spec[key] !== undefined) errors.push(invalid(`${path}.${key}`, spec[key], 'requires indexed completion mode'))
    }
  }
  errors.push(...checkFailurePolicy(spec, `${path}.podFailurePolicy`))
  errors.push(...checkSuccessPolicy(spec, `${path}.successPolicy`))
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  errors.push(...checkMaybeOneOf(spec.podReplacementPolicy, replacements, `${path}.podReplacementPolicy`))
  errors.push(...validatePodTemplate(spec.template ?? {}, `${path}.template`, minor))
  const policy = spec.template?.spec?.restartPolicy
  const at = `${path}.template.spec.restartPolicy`
  if (!policy || policy === 'Always') errors.push(required(at, 'valid values: "OnFailure", "Never"'))
  else if (!['OnFailure', 'Never'].includes(policy)) errors.push(notSupported(at, policy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && policy !== 'Never') {
    errors.push(invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'))
  }
  return errors
}

export function validateJob({ spec, metadata }: KubeObject, minor: number): FieldError[] {
  const errors = [...checkGenerated(spec, metadata.uid, minor), ...checkJobTemplate(spec, 'spec', minor)]
  if (spec.selector == null) errors.push(required('spec.selector'))
  else errors.push(...checkSelector(spec.selector, 'spec.selector'))
  const labels = spec.template?.metadata?.labels
  if (!selects(spec.selector, labels)) {
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'))
  }
  return errors
}

/** A selector that the client gave without saying that it means it (manualSelector) does not fit the generated one. */
function checkGenerated(spec: any, uid: string, minor: number): FieldError[] {
  if (spec.manualSelector) return []
  const key = minor >= 27 ? 'batch.kubernetes.io/controller-uid' : 'controller-uid'
  const labels = spec.selector?.matchLabels ?? {}
  const other = Object.keys(labels).some((each) => each !== key) || (spec.selector?.matchExpressions ?? []).length > 0
  return other || labels[key] !== uid ? [invalid('spec.selector', spec.selector ?? null, '`selector` not auto-generated')] : []
}

/** What of a job stays as it was made. */
export function checkJobChange(spec: any, before: any): FieldError[] {
  const fixed = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']
  const completions =
    spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
      ? []
      : checkImmutable(spec.completions, before.completions, 'spec.completions')
  const [selector = '', ...rest] = fixed
  return [
    ...completions,
    ...checkImmutable(spec[selector], before[selector], `spec.${selector}`),
    ...checkTemplateChange(spec, before),
    ...rest.flatMap((key) => checkImmutable(spec[key], before[key], `spec.${key}`)),
  ]
}

/** While a job is suspended and has not begun, where its pods go may be changed. */
function checkTemplateChange(spec: any, before: any): FieldError[] {
  const scheduling = before.suspend === true ? ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates'] : []
  const template = structuredClone(spec.template)
  for (const key of scheduling) {
    if (before.template.spec[key] === undefined) delete template.spec[key]
    else template.spec[key] = before.template.spec[key]
  }
  if (isDeepStrictEqual(template, before.template)) return []
  return [invalid('spec.template', internalForm('PodTemplateSpec', template), IMMUTABLE)]
}

export function validateCronJob({ spec, metadata }: KubeObject, minor: number, isNew: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.schedule) errors.push(required('spec.schedule'))
  else {
    const problem = scheduleError(spec.schedule)
    if (problem !== null) errors.push(invalid('spec.schedule', spec.schedule, problem))
    if (spec.schedule.includes('TZ') && minor >= 29) {
      errors.push(invalid('spec.schedule', spec.schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'))
    }
  }
  errors.push(...checkNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'))
  if (spec.timeZone !== undefined) errors.push(...checkTimeZone(spec.timeZone))
  errors.push(...checkOneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy'))
  errors.push(...checkJobTemplate(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec', minor))
  errors.push(...checkNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'))
  errors.push(...checkNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'))
  if (isNew && metadata.name.length > LONGEST_CRON_JOB_NAME) {
    errors.push(invalid('metadata.name', metadata.name, `must be no more than ${LONGEST_CRON_JOB_NAME} characters`))
  }
  return errors
}

function checkTimeZone(zone: string): FieldError[] {
  if (zone === '') return [invalid('spec.timeZone', zone, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local') {
    return [invalid('spec.timeZone', zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).format()
    return []
  } catch {
    return [invalid('spec.timeZone', zone, `unknown time zone ${zone}`)]
  }
}
