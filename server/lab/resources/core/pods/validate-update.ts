/** What may change in a pod that exists (ValidatePodUpdate): images, the deadline, more tolerations, and little else. */
import { isDeepStrictEqual } from 'node:util'
import type { FieldError, KubeObject } from '../../definition.ts'
import { checkRange } from '../../kit/checks.ts'
import { forbidden, invalid, required } from '../../kit/field-errors.ts'
import { internalDiff } from '../../schema/internal-form.ts'
import type { PodRules } from './pod-rules.ts'
import { checkImageSpace, validatePod } from './validate.ts'

/* oxlint-disable typescript/no-explicit-any */

const CHANGEABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(pod: KubeObject, old: KubeObject, rules: PodRules): FieldError[] {
  const spec = pod['spec'] ?? {}
  const before = old['spec'] ?? {}
  const errors = validatePod(pod, rules)
  for (const key of ['containers', 'initContainers']) {
    if ((spec[key]?.length ?? 0) !== (before[key]?.length ?? 0)) {
      return [...errors, forbidden(`spec.${key}`, 'pod updates may not add or remove containers')]
    }
    for (const [index, { image }] of (spec[key] ?? []).entries()) {
      if (!image) errors.push(required(`spec.${key}[${index}].image`))
      errors.push(...checkImageSpace(image, `spec.${key}[${index}].image`))
    }
  }
  const deadline = checkDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds)
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return [...errors, ...deadline]
  errors.push(...deadline, ...checkOnlyAdded(spec.tolerations ?? [], before.tolerations ?? []))
  const compared = masked(spec, before)
  if (!isDeepStrictEqual(compared, before)) {
    const message = `pod updates may not change fields other than ${CHANGEABLE}`
    // From 1.33 on the difference is shown as a unified one.
    errors.push(forbidden('spec', `${message}\n${internalDiff('PodSpec', before, compared)}`))
  }
  return errors
}

/** Ephemeral containers are added, and then stay as they are (ValidatePodEphemeralContainersUpdate). */
export function validateEphemeralContainersUpdate(pod: KubeObject, old: KubeObject, rules: PodRules): FieldError[] {
  if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')]
  }
  const path = 'spec.ephemeralContainers'
  const now: any[] = pod['spec']?.ephemeralContainers ?? []
  const errors = validatePod(pod, rules)
  for (const before of old['spec']?.ephemeralContainers ?? []) {
    const { name } = before
    const after = now.find((each) => each.name === name)
    if (after === undefined) {
      errors.push(forbidden(path, `existing ephemeral containers ${JSON.stringify(name)} may not be removed\n`))
    } else if (!isDeepStrictEqual(before, after)) {
      const words = `existing ephemeral containers ${JSON.stringify(name)} may not be changed`
      errors.push(forbidden(path, `${words}\n${internalDiff('EphemeralContainer', before, after)}`))
    }
  }
  return errors
}

function checkDeadline(value: number | undefined, before: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds'
  if (value === undefined) {
    return before === undefined ? [] : [invalid(path, null, 'must not update from a positive integer to nil value')]
  }
  const range = checkRange(value, 0, 2 ** 31 - 1, path)
  if (range.length > 0 || before === undefined || before >= value) return range
  return [invalid(path, value, 'must be less than or equal to previous value')]
}

function checkOnlyAdded(tolerations: any[], before: any[]): FieldError[] {
  const kept = before.every((old) => tolerations.some((each) => isDeepStrictEqual(each, { ...old, ...seconds(each) }) || same(each, old)))
  return kept ? [] : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

const seconds = ({ tolerationSeconds }: any): object => (tolerationSeconds === undefined ? {} : { tolerationSeconds })

function same({ tolerationSeconds: _a, ...each }: any, { tolerationSeconds: _b, ...old }: any): boolean {
  return isDeepStrictEqual(each, old)
}

/** The new spec with all that may change put back to what it was. */
function masked(spec: any, before: any): any {
  const result = { ...spec }
  for (const key of ['containers', 'initContainers']) {
    if (!spec[key]) continue
    result[key] = spec[key].map((container: any, index: number) => ({ ...container, image: before[key]?.[index]?.image }))
  }
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) {
    if (before[key] === undefined) delete result[key]
    else result[key] = before[key]
  }
  if (before.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1) {
    result.terminationGracePeriodSeconds = before.terminationGracePeriodSeconds
  }
  return result
}
