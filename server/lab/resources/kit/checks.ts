/** Checks that many kinds share, each giving the server's own errors. */
import { isIP } from 'node:net'
import type { FieldError } from '../definition.ts'
import { forbidden, IMMUTABLE, invalid, notSupported, required } from './field-errors.ts'
import type { LabelSelector } from './labels.ts'
import { validateLabels } from './metadata.ts'
import { labelValue, percent, portName, qualifiedName, rangeMessage, type NameRule } from './names.ts'
import { isDeepStrictEqual } from 'node:util'

export const NOT_NEGATIVE = 'must be greater than or equal to 0'

export function checkNonNegative(value: number | null | undefined, path: string): FieldError[] {
  return typeof value === 'number' && value < 0 ? [invalid(path, value, NOT_NEGATIVE)] : []
}

export function checkRule(rule: NameRule, value: string, path: string): FieldError[] {
  return rule(value).map((message) => invalid(path, value, message))
}

/** A value out of a list, which has to be given. */
export function checkOneOf(value: string | undefined, supported: readonly string[], path: string): FieldError[] {
  if (!value) return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** A value out of a list, which may be left out. */
export function checkMaybeOneOf(value: string | null | undefined, supported: readonly string[], path: string): FieldError[] {
  return value === undefined || value === null || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

export function checkRange(value: number | undefined, from: number, to: number, path: string): FieldError[] {
  return typeof value === 'number' && (value < from || value > to) ? [invalid(path, value, rangeMessage(from, to))] : []
}

export function checkPort(value: number, path: string): FieldError[] {
  return checkRange(value, 1, 65_535, path)
}

/** A port by number, or by the name that a container gives it. */
export function checkPortOrName(value: number | string | undefined, path: string): FieldError[] {
  return typeof value === 'string' ? checkRule(portName, value, path) : checkPort(value ?? 0, path)
}

/** User and group ids. */
export function checkId(value: number | undefined, path: string): FieldError[] {
  return checkRange(value, 0, 2 ** 31 - 1, path)
}

/** Fields from long ago take leading zeros too ({@link canonicalIp}). */
export function checkIp(value: string, path: string): FieldError[] {
  return isIP(value) === 0 && canonicalIp(value) === null
    ? [invalid(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : []
}

/** An IPv4 address without leading zeros, as netutils.ParseIPSloppy reads it; null where it is none. */
export function canonicalIp(value: string): string | null {
  if (isIP(value) === 6) return value
  const parts = value.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) < 256)) return null
  return parts.map(Number).join('.')
}

export function checkCidr(value: string, path: string): FieldError[] {
  const [address = '', bits, ...rest] = value.split('/')
  const size = isIP(address) === 4 ? 32 : 128
  const good = isIP(address) !== 0 && bits !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= size
  return good ? [] : [invalid(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
}

export function checkImmutable(value: unknown, old: unknown, path: string): FieldError[] {
  return isDeepStrictEqual(value ?? null, old ?? null) ? [] : [invalid(path, value ?? null, IMMUTABLE)]
}

/** A whole number, or a share like 25%. */
export function checkIntOrPercent(value: number | string, path: string): FieldError[] {
  return typeof value === 'number' ? checkNonNegative(value, path) : checkRule(percent, value, path)
}

export function checkAtMost100Percent(value: number | string, path: string): FieldError[] {
  const share = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined
  return share !== undefined && Number(share) > 100 ? [invalid(path, value, 'must not be greater than 100%')] : []
}

/** What a whole number or a share counts for: 0 only where it is zero. */
export function intOrPercentValue(value: number | string): number {
  return typeof value === 'number' ? value : Number.parseInt(value, 10) || 0
}

const SET_MESSAGE = "must be specified when `operator` is 'In' or 'NotIn'"
const EXISTS_MESSAGE = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"

export function checkSelector(selector: LabelSelector | null | undefined, path: string): FieldError[] {
  const errors = validateLabels(selector?.matchLabels, `${path}.matchLabels`)
  for (const [index, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, SET_MESSAGE))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(forbidden(`${at}.values`, EXISTS_MESSAGE))
    } else errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    errors.push(...checkRule(qualifiedName, key, `${at}.key`))
    for (const [valueIndex, value] of values.entries()) errors.push(...checkRule(labelValue, value, `${at}.values[${valueIndex}]`))
  }
  return errors
}
