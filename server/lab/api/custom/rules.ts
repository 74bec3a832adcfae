/**
 * Validation rules of a structural schema (x-kubernetes-validations): where each holds, and what a broken one says. A rule that uses more of CEL than
 * rule-language.ts knows counts as kept.
 */
import type { FieldError } from '../../resources/definition.ts'
import { OMITTED } from '../../resources/kit/field-errors.ts'
import { isObject } from '../../store/objects.ts'
import { UnknownRule, parseRule } from './rule-language.ts'
import { propertyOf, type JsonSchema } from './schema.ts'

function isBroken(rule: string, self: unknown, oldSelf: unknown): boolean {
  // rules about a change are asked only where there was a value before
  if (oldSelf === undefined && /\boldSelf\b/.test(rule)) return false
  try {
    return parseRule(rule)({ self, oldSelf }) === false
  } catch (error) {
    if (error instanceof UnknownRule) return false
    throw error
  }
}

const REASONS: Record<string, FieldError['type']> = {
  FieldValueForbidden: 'Forbidden',
  FieldValueRequired: 'Required',
  FieldValueDuplicate: 'Duplicate',
}

/** All broken rules of a value and what is in it. `old` is undefined for what is new. */
function brokenRules(value: unknown, old: unknown, schema: JsonSchema, path = ''): FieldError[] {
  const errors: FieldError[] = []
  for (const { rule, message, fieldPath = '', reason } of schema['x-kubernetes-validations'] ?? []) {
    if (!isBroken(rule, value, old)) continue
    const shown = Array.isArray(value) || isObject(value) ? OMITTED : value
    const field = `${path}${fieldPath}`.replace(/^\./, '') || '<nil>'
    errors.push({ type: REASONS[reason ?? ''] ?? 'Invalid', field, value: shown, detail: message ?? `failed rule: ${rule}` })
  }
  if (isObject(value)) {
    const before = isObject(old) ? old : {}
    for (const [key, member] of Object.entries(value)) {
      const inner = propertyOf(schema, key) ?? (isObject(schema.additionalProperties) ? (schema.additionalProperties as JsonSchema) : null)
      if (inner && member !== undefined) errors.push(...brokenRules(member, before[key], inner, path === '' ? key : `${path}.${key}`))
    }
  } else if (Array.isArray(value) && schema.items) {
    for (const [i, item] of value.entries()) errors.push(...brokenRules(item, undefined, schema.items, `${path}[${i}]`))
  }
  return errors
}

const having = new WeakMap<JsonSchema, boolean>()

/** Whether a schema has any rule, itself or inside. */
function hasRules(schema: JsonSchema): boolean {
  let has = having.get(schema)
  if (has === undefined) {
    const inside = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]
    has = (schema['x-kubernetes-validations'] ?? []).length > 0 || inside.some((each) => isObject(each) && hasRules(each as JsonSchema))
    having.set(schema, has)
  }
  return has
}

/** Errors after which no rule is looked at (hasBlockingErr of apiextensions). */
const BLOCKING = new Set(['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid'])
const NOT_CHECKED: FieldError = {
  type: 'Invalid',
  field: '<nil>',
  value: null,
  detail: 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
}

/** What is to be added to the problems that a schema found by itself. */
export function ruleProblems(object: unknown, old: unknown, schema: JsonSchema, found: readonly FieldError[]): FieldError[] {
  if (!hasRules(schema)) return []
  return found.some(({ type }) => BLOCKING.has(type)) ? [NOT_CHECKED] : brokenRules(object, old, schema)
}
