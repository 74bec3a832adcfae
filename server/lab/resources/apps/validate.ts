/** The rules for workloads (apis/apps/validation), in the server's order. */
import type { FieldError } from '../definition.ts'
import { validateLastingTemplate } from '../core/pods/validate.ts'
import { checkAtMost100Percent, checkIntOrPercent, checkNonNegative, checkSelector, intOrPercentValue } from '../kit/checks.ts'
import { forbidden, invalid, notSupported, required } from '../kit/field-errors.ts'
import { selects } from '../kit/labels.ts'

/* oxlint-disable typescript/no-explicit-any */

const MISMATCH = '`selector` does not match template `labels`'

/** A selector that has to be given, and the template that it has to select. */
export function checkSelectorAndTemplate(spec: any, kind: string, owner: string, minor: number): FieldError[] {
  const { selector, template = {} } = spec
  const own = selector == null ? [required('spec.selector')] : checkSelector(selector, 'spec.selector')
  const unusable = selector != null && own.length > 0
  if (selector != null && isEmpty(selector)) own.push(invalid('spec.selector', selector, `empty selector is invalid for ${kind}`))
  if (unusable) return [...own, invalid('spec.selector', selector, kind === 'statefulset' ? '' : 'invalid label selector')]
  const mismatch = !isEmpty(selector ?? {}) || selector == null ? !selects(selector, template.metadata?.labels) : false
  return [
    ...own,
    ...(mismatch ? [invalid('spec.template.metadata.labels', template.metadata?.labels ?? null, MISMATCH)] : []),
    ...validateLastingTemplate(template, owner, minor),
  ]
}

const isEmpty = (selector: any): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0

export function validateDeployment(spec: any, minor: number): FieldError[] {
  const errors = [
    ...checkNonNegative(spec.replicas, 'spec.replicas'),
    ...checkSelectorAndTemplate(spec, 'deployment', 'ReplicaSet', minor),
    ...checkDeploymentStrategy(spec.strategy ?? {}),
    ...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...checkNonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
  ]
  const deadline = spec.progressDeadlineSeconds
  if (typeof deadline === 'number' && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

/** A strategy as the server's internal type prints it. */
function internalStrategy({ type, rollingUpdate }: any): object {
  const parts = { MaxUnavailable: rollingUpdate?.maxUnavailable, MaxSurge: rollingUpdate?.maxSurge }
  return { Type: type, RollingUpdate: rollingUpdate ? parts : null }
}

function checkDeploymentStrategy(strategy: any): FieldError[] {
  const path = 'spec.strategy'
  const rolling = strategy.rollingUpdate
  if (strategy.type === 'Recreate') {
    return rolling ? [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : []
  }
  if (strategy.type !== 'RollingUpdate') return [notSupported(path, internalStrategy(strategy), ['Recreate', 'RollingUpdate'])]
  const at = `${path}.rollingUpdate`
  const errors = [
    ...checkIntOrPercent(rolling.maxUnavailable, `${at}.maxUnavailable`),
    ...checkIntOrPercent(rolling.maxSurge, `${at}.maxSurge`),
  ]
  if (intOrPercentValue(rolling.maxUnavailable) === 0 && intOrPercentValue(rolling.maxSurge) === 0) {
    errors.push(invalid(`${at}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...checkAtMost100Percent(rolling.maxUnavailable, `${at}.maxUnavailable`)]
}

export function validateReplicaSet(spec: any, minor: number): FieldError[] {
  return [
    ...checkNonNegative(spec.replicas, 'spec.replicas'),
    ...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...checkSelectorAndTemplate(spec, 'deployment', 'ReplicaSet', minor),
  ]
}

export function validateDaemonSet(spec: any, minor: number): FieldError[] {
  const { selector, template = {} } = spec
  const errors = checkSelector(selector, 'spec.selector')
  if (errors.length === 0 && !selects(selector, template.metadata?.labels)) {
    errors.push(invalid('spec.template.metadata.labels', template.metadata?.labels ?? null, MISMATCH))
  }
  if (selector != null && isEmpty(selector)) errors.push(invalid('spec.selector', selector, 'empty selector is invalid for daemonset'))
  return [
    ...errors,
    ...validateLastingTemplate(template, 'DaemonSet', minor),
    ...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...checkDaemonStrategy(spec.updateStrategy ?? {}),
    ...checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
}

function checkDaemonStrategy(strategy: any): FieldError[] {
  const path = 'spec.updateStrategy'
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate') return [notSupported(path, internalStrategy(strategy), ['RollingUpdate', 'OnDelete'])]
  const { maxUnavailable = 1, maxSurge = 0 } = strategy.rollingUpdate ?? {}
  const at = `${path}.rollingUpdate`
  const errors = [
    ...checkIntOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...checkIntOrPercent(maxSurge, `${at}.maxSurge`),
    ...checkAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`),
    ...checkAtMost100Percent(maxSurge, `${at}.maxSurge`),
  ]
  const surges = intOrPercentValue(maxSurge) !== 0
  if (intOrPercentValue(maxUnavailable) !== 0) {
    return surges ? [...errors, invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')] : errors
  }
  return surges ? errors : [...errors, required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')]
}
