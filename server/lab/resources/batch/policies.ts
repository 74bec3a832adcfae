/** The rules for what ends a job early: podFailurePolicy and successPolicy (apis/batch/validation). */
import type { FieldError } from '../definition.ts'
import { checkNonNegative, checkRule } from '../kit/checks.ts'
import { duplicate, invalid, notSupported, OMITTED, required } from '../kit/field-errors.ts'
import { qualifiedName } from '../kit/names.ts'
import { internalForm } from '../schema/internal-form.ts'

/* oxlint-disable typescript/no-explicit-any */

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']

/** Required where it is empty, one of `valid` where not. */
function checkWord(value: string | undefined, valid: readonly string[], path: string): FieldError[] {
  if (!value) return [required(path, `valid values: [${valid.map((each) => `"${each}"`).join(' ')}]`)]
  return valid.includes(value) ? [] : [notSupported(path, value, valid)]
}

/** `spec` is the job's. */
export function checkFailurePolicy(spec: any, path: string): FieldError[] {
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  const names = new Set<string>([...containers, ...initContainers].map(({ name }: { name: string }) => name))
  return (spec.podFailurePolicy?.rules ?? []).flatMap(({ action, onExitCodes, onPodConditions = [] }: any, index: number) => {
    const at = `${path}.rules[${index}]`
    const errors =
      action === 'FailIndex' && spec.backoffLimitPerIndex == null
        ? [invalid(`${at}.action`, action, 'requires the backoffLimitPerIndex to be set')]
        : checkWord(action, ACTIONS, `${at}.action`)
    if (onExitCodes) errors.push(...checkExitCodes(onExitCodes, `${at}.onExitCodes`, names))
    for (const [i, { type = '', status }] of onPodConditions.entries()) {
      errors.push(...checkRule(qualifiedName, type, `${at}.onPodConditions[${i}].type`))
      errors.push(...checkWord(status, STATUSES, `${at}.onPodConditions[${i}].status`))
    }
    if (onExitCodes && onPodConditions.length > 0) {
      errors.push(invalid(at, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'))
    }
    if (!onExitCodes && onPodConditions.length === 0) {
      errors.push(invalid(at, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'))
    }
    return errors
  })
}

function checkExitCodes({ operator, containerName, values = [] }: any, path: string, names: ReadonlySet<string>): FieldError[] {
  const errors = checkWord(operator, OPERATORS, `${path}.operator`)
  if (containerName != null && !names.has(containerName)) {
    const words = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalid(`${path}.containerName`, containerName, words))
  }
  if (values.length === 0) errors.push(invalid(`${path}.values`, values, 'at least one value is required'))
  for (const [i, value] of (values as number[]).entries()) {
    if (operator === 'In' && value === 0) errors.push(invalid(`${path}.values[${i}]`, value, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < i) errors.push(duplicate(`${path}.values[${i}]`, value))
  }
  if (values.some((value: number, i: number) => i > 0 && values[i - 1] > value)) {
    errors.push(invalid(`${path}.values`, values, 'must be ordered'))
  }
  return errors
}

/** `spec` is the job's. */
export function checkSuccessPolicy(spec: any, path: string): FieldError[] {
  const { successPolicy, completionMode, completions = 0 } = spec
  if (successPolicy == null) return []
  if (completionMode !== 'Indexed') {
    return [invalid(path, internalForm('SuccessPolicy', successPolicy), 'requires indexed completion mode')]
  }
  const { rules = [] } = successPolicy
  if (rules.length === 0) return [required(`${path}.rules`, 'at least one rules must be specified when the successPolicy is specified')]
  return rules.flatMap((rule: any, index: number) => checkSuccessRule(rule, completions, `${path}.rules[${index}]`))
}

function checkSuccessRule({ succeededIndexes, succeededCount }: any, completions: number, path: string): FieldError[] {
  if (succeededCount == null && succeededIndexes == null) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const counted = succeededIndexes == null ? 0 : countIndexes(succeededIndexes, completions)
  const errors: FieldError[] = []
  if (typeof counted === 'string') {
    errors.push(invalid(`${path}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${counted}`))
  }
  if (succeededCount == null) return errors
  const at = `${path}.succeededCount`
  const total = typeof counted === 'number' ? counted : 0
  const most = (limit: number, of: string): string => `must be less than or equal to ${limit} (the number of ${of})`
  errors.push(...checkNonNegative(succeededCount, at))
  if (succeededCount > completions) errors.push(invalid(at, succeededCount, most(completions, 'specified completions')))
  if (succeededIndexes != null && succeededCount > total) {
    errors.push(invalid(at, succeededCount, most(total, 'indexes in the specified succeededIndexes field')))
  }
  return errors
}

/** How many indexes a text like `0-2,5` names, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  let last = -1
  let total = 0
  for (const part of text === '' ? [] : text.split(',')) {
    const limits = part.split('-')
    if (limits.length > 2) {
      return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`
    }
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: "${limit}"`
      if (Number(limit) >= completions) return `too large index: "${limit}"`
    }
    const [from = 0, to = from] = limits.map(Number)
    const backwards = (before: number, now: number): string => `non-increasing order, previous: ${before}, current: ${now}`
    if (limits.length === 2 && from >= to) return backwards(from, to)
    if (total > 0 && last >= from) return backwards(last, from)
    total += to - from + 1
    last = to
  }
  return total
}
