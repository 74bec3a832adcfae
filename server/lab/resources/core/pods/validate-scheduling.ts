import type { FieldError } from '../../definition.ts'
import { checkMaybeOneOf, checkOneOf, checkRule, checkSelector } from '../../kit/checks.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../kit/field-errors.ts'
import { dnsLabel, labelValue, qualifiedName } from '../../kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

export function checkTaintEffect(effect: string | undefined, path: string): FieldError[] {
  return checkOneOf(effect, EFFECTS, path)
}

export function checkTolerations(tolerations: any[], path: string): FieldError[] {
  return tolerations.flatMap((each, index) => checkToleration(each, `${path}[${index}]`))
}

function checkToleration({ key = '', operator = '', value = '', effect = '', tolerationSeconds }: any, at: string): FieldError[] {
  const errors = key ? checkRule(qualifiedName, key, `${at}.key`) : []
  if (!key && operator !== 'Exists') {
    const message = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    errors.push(invalid(`${at}.operator`, operator, message))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === 'Equal' || operator === '') {
    const messages = labelValue(value)
    if (messages.length > 0) errors.push(invalid(`${at}.operator`, value, messages.join(';')))
  } else if (operator === 'Exists') {
    if (value) errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
  } else {
    const comparisons = operator === 'Lt' || operator === 'Gt' ? ['Lt', 'Gt'] : []
    errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists', ...comparisons]))
  }
  if (effect) errors.push(...checkTaintEffect(effect, `${at}.effect`))
  return errors
}

export function checkAffinity(affinity: any, path: string): FieldError[] {
  if (!affinity) return []
  const errors: FieldError[] = []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity?.[REQUIRED]) errors.push(...checkNodeSelector(nodeAffinity[REQUIRED], `${path}.nodeAffinity.${REQUIRED}`))
  for (const [index, term] of (nodeAffinity?.[PREFERRED] ?? []).entries()) {
    const at = `${path}.nodeAffinity.${PREFERRED}[${index}]`
    errors.push(...checkWeight(term.weight, at), ...checkNodeTerm(term.preference ?? {}, `${at}.preference`, false))
  }
  for (const [key, pods] of Object.entries<any>({ podAffinity, podAntiAffinity })) {
    for (const [index, term] of (pods?.[REQUIRED] ?? []).entries()) {
      errors.push(...checkPodTerm(term, `${path}.${key}.${REQUIRED}[${index}]`))
    }
    for (const [index, term] of (pods?.[PREFERRED] ?? []).entries()) {
      const at = `${path}.${key}.${PREFERRED}[${index}]`
      errors.push(...checkWeight(term.weight, at), ...checkPodTerm(term.podAffinityTerm ?? {}, `${at}.podAffinityTerm`))
    }
  }
  return errors
}

function checkWeight(weight: number | undefined, path: string): FieldError[] {
  return weight !== undefined && weight > 0 && weight <= 100 ? [] : [invalid(`${path}.weight`, weight ?? 0, 'must be in the range 1-100')]
}

function checkNodeSelector({ nodeSelectorTerms }: any, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`
  if (!nodeSelectorTerms?.length) return [required(at, 'must have at least one node selector term')]
  return nodeSelectorTerms.flatMap((term: any, index: number) => checkNodeTerm(term, `${at}[${index}]`, true))
}

function checkNodeTerm({ matchExpressions = [], matchFields = [] }: any, path: string, strict: boolean): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, { key = '', operator, values = [] }] of matchExpressions.entries()) {
    const at = `${path}.matchExpressions[${index}]`
    errors.push(...checkOperator(operator, values, at), ...checkRule(qualifiedName, key, `${at}.key`))
    if (strict) for (const [i, value] of values.entries()) errors.push(...checkRule(labelValue, value, `${at}.values[${i}]`))
  }
  for (const [index, { key = '', operator, values = [] }] of matchFields.entries()) {
    const at = `${path}.matchFields[${index}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length !== 1) {
        errors.push(required(`${at}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
      }
    } else errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    if (key !== 'metadata.name') errors.push(invalid(`${at}.key`, key, 'not a valid field selector key'))
  }
  return errors
}

function checkOperator(operator: string, values: string[], at: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0 ? [] : [forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      return values.length === 1 ? [] : [required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

function checkPodTerm({ labelSelector, namespaceSelector, namespaces = [], topologyKey = '' }: any, path: string): FieldError[] {
  const errors = [
    ...checkSelector(labelSelector, `${path}.labelSelector`),
    ...checkSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((name: string) => checkRule(dnsLabel, name, `${path}.namespace`)),
  ]
  if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  return [...errors, ...checkRule(qualifiedName, topologyKey, `${path}.topologyKey`)]
}

export function checkSpread(constraints: any[], path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, each] of constraints.entries()) {
    const at = `${path}[${index}]`
    if ((each.maxSkew ?? 0) <= 0) errors.push(invalid(`${at}.maxSkew`, each.maxSkew ?? 0, 'must be greater than zero'))
    if (!each.topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    else errors.push(...checkRule(qualifiedName, each.topologyKey, `${at}.topologyKey`))
    const supported = ['DoNotSchedule', 'ScheduleAnyway']
    if (!supported.includes(each.whenUnsatisfiable))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, each.whenUnsatisfiable ?? '', supported))
    const repeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === each.topologyKey && other.whenUnsatisfiable === each.whenUnsatisfiable)
    if (repeated) {
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${each.topologyKey}, ${each.whenUnsatisfiable}}`))
    }
    if (typeof each.minDomains === 'number') {
      if (each.minDomains <= 0) errors.push(invalid(`${at}.minDomains`, each.minDomains, 'must be greater than zero'))
      if (each.whenUnsatisfiable !== 'DoNotSchedule') {
        const message = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${each.whenUnsatisfiable}`
        errors.push(invalid(`${at}.minDomains`, each.minDomains, message))
      }
    }
    for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      errors.push(...checkMaybeOneOf(each[key], ['Honor', 'Ignore'], `${at}.${key}`))
    }
    errors.push(...checkSelector(each.labelSelector, `${at}.labelSelector`))
  }
  return errors
}
