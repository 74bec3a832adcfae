import type { FieldError, ResourceDefinition } from '../definition.ts'
import { checkRule } from '../kit/checks.ts'
import { defineResource } from '../define.ts'
import { duplicate, forbidden, invalid, required } from '../kit/field-errors.ts'
import { qualifiedName } from '../kit/names.ts'
import { compareQuantities, quantityOf } from '../kit/resource-list.ts'
import { allowsOvercommit, checkContainerResourceName, checkResourceName } from '../kit/resource-names.ts'

/* oxlint-disable typescript/no-explicit-any */

export function limitRanges(): ResourceDefinition {
  return defineResource({
    kind: 'LimitRange',
    shortNames: ['limits'],
    strategy: {
      setDefaults(range) {
        for (const item of range['spec']?.limits ?? []) if (item.type === 'Container') containerLimits(item)
      },
      validate: ({ spec }) => validateLimits(spec?.limits ?? []),
    },
  })
}

/** What a container gets by default follows from what it may have at most and must have at least. */
function containerLimits(item: Record<string, Record<string, string>>): void {
  item['default'] = { ...item['max'], ...item['default'] }
  item['defaultRequest'] = { ...item['min'], ...item['default'], ...item['defaultRequest'] }
}

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']

function validateLimits(limits: any[]): FieldError[] {
  const seen = new Set<string>()
  return limits.flatMap((limit, index) => {
    const path = `spec.limits[${index}]`
    const errors = checkType(limit.type ?? '', `${path}.type`)
    if (seen.has(limit.type)) errors.push(duplicate(`${path}.type`, limit.type))
    seen.add(limit.type)
    return [...errors, ...checkNames(limit, path), ...checkAmounts(limit, path)]
  })
}

function checkType(type: string, path: string): FieldError[] {
  const errors = checkRule(qualifiedName, type, path)
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors
  return [invalid(path, type, 'must be a standard limit type or fully qualified')]
}

function checkNames(limit: any, path: string): FieldError[] {
  const check = limit.type === 'Pod' || limit.type === 'Container' ? checkContainerResourceName : checkResourceName
  const names = (field: string): FieldError[] => Object.keys(limit[field] ?? {}).flatMap((name) => check(name, `${path}.${field}[${name}]`))
  const errors = [...names('max'), ...names('min')]
  for (const field of ['default', 'defaultRequest']) {
    if (limit.type !== 'Pod') errors.push(...names(field))
    else if (Object.keys(limit[field] ?? {}).length > 0) {
      errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"))
    }
  }
  if (limit.type === 'PersistentVolumeClaim' && limit.min?.storage === undefined && limit.max?.storage === undefined) {
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
  }
  return [...errors, ...names('maxLimitRequestRatio')]
}

function checkAmounts(limit: any, path: string): FieldError[] {
  const isPod = limit.type === 'Pod'
  const { max = {}, min = {}, maxLimitRequestRatio = {} } = limit
  const defaults = isPod ? {} : (limit.default ?? {})
  const requests = isPod ? {} : (limit.defaultRequest ?? {})
  const errors: FieldError[] = []
  for (const name of Object.keys({ ...max, ...min, ...defaults, ...requests, ...maxLimitRequestRatio })) {
    const [least, most, usual, request, ratio] = [min[name], max[name], defaults[name], requests[name], maxLimitRequestRatio[name]]
    const above = (a: unknown, b: unknown): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0
    const refuse = (field: string, value: unknown, detail: string): void =>
      void errors.push(invalid(`${path}.${field}[${name}]`, value, detail))
    if (above(least, most)) refuse('min', least, `min value ${least} is greater than max value ${most}`)
    if (above(least, request)) refuse('defaultRequest', request, `min value ${least} is greater than default request value ${request}`)
    if (above(request, most)) refuse('defaultRequest', request, `default request value ${request} is greater than max value ${most}`)
    if (above(request, usual)) {
      refuse('defaultRequest', request, `default request value ${request} is greater than default limit value ${usual}`)
    }
    if (above(least, usual)) refuse('default', least, `min value ${least} is greater than default value ${usual}`)
    if (above(usual, most)) refuse('default', most, `default value ${usual} is greater than max value ${most}`)
    if (ratio !== undefined && compareQuantities(ratio, '1') < 0) refuse('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`)
    if (ratio !== undefined && least !== undefined && most !== undefined) {
      const widest = Number(quantityOf(most).nano) / Number(quantityOf(least).nano)
      if (Number(quantityOf(ratio).nano) / 1e9 > widest) {
        refuse('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`)
      }
    }
    if (!allowsOvercommit(name) && usual !== undefined && request !== undefined && compareQuantities(usual, request) !== 0) {
      refuse('defaultRequest', request, `default value ${usual} must equal to defaultRequest value ${request} in ${name}`)
    }
  }
  return errors
}
