/** Validation by a structural schema, with the words of kube-openapi's validator as apiextensions passes them on. */
import type { FieldError } from '../../resources/definition.ts'
import { equal, isObject } from '../../store/objects.ts'
import { hasFormat } from './formats.ts'
import { propertyOf, type JsonSchema } from './schema.ts'

/** All problems of a value. `path` is '' for the object itself. */
export function validateBySchema(value: unknown, schema: JsonSchema, path = ''): FieldError[] {
  if (value === null && schema.nullable) return []
  const mismatch = typeProblem(value, schema, path)
  if (mismatch) return [mismatch]
  const errors: FieldError[] = []
  if (schema.enum && !schema.enum.some((allowed) => equal(allowed, value))) {
    const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ')
    errors.push({ type: 'NotSupported', field: path, value, detail: `supported values: ${supported}` })
  }
  if (typeof value === 'string') errors.push(...stringProblems(value, schema, path))
  else if (typeof value === 'number') errors.push(...numberProblems(value, schema, path))
  else if (Array.isArray(value)) errors.push(...listProblems(value, schema, path))
  else if (isObject(value)) errors.push(...objectProblems(value, schema, path))
  errors.push(...combinationProblems(value, schema, path))
  return errors
}

function invalid(path: string, value: unknown, words: string): FieldError {
  return { type: 'Invalid', field: path, value, detail: `${path} in body ${words}` }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeProblem(value: unknown, schema: JsonSchema, path: string): FieldError | null {
  const actual = typeName(value)
  if (schema['x-kubernetes-int-or-string']) {
    if (actual === 'integer' || actual === 'string') return null
    return typeInvalid(path, actual, 'integer,string')
  }
  const { type } = schema
  if (type === undefined || type === actual || (type === 'number' && actual === 'integer')) return null
  return typeInvalid(path, actual, type)
}

function typeInvalid(path: string, actual: string, wanted: string): FieldError {
  return {
    type: 'TypeInvalid',
    field: path || '<nil>',
    value: actual,
    detail: `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`,
  }
}

function stringProblems(value: string, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const length = [...value].length
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push({ type: 'TooLong', field: path, value, detail: `may not be more than ${schema.maxLength} bytes` })
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(invalid(path, value, `should be at least ${schema.minLength} chars long`))
  }
  if (schema.pattern !== undefined && !matches(schema.pattern, value)) errors.push(invalid(path, value, `should match '${schema.pattern}'`))
  if (schema.format !== undefined && !hasFormat(schema.format, value)) {
    errors.push({ ...invalid(path, value, `must be of type ${schema.format}: ${JSON.stringify(value)}`), type: 'TypeInvalid' })
  }
  return errors
}

const patterns = new Map<string, RegExp | null>()

/** A pattern that JavaScript cannot read is taken as matching: RE2 has a few forms of its own. */
function matches(pattern: string, value: string): boolean {
  let compiled = patterns.get(pattern)
  if (compiled === undefined) {
    try {
      compiled = new RegExp(pattern, 'u')
    } catch {
      compiled = null
    }
    patterns.set(pattern, compiled)
  }
  return compiled?.test(value) ?? true
}

function numberProblems(value: number, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(invalid(path, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    errors.push(invalid(path, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }
  if (multipleOf !== undefined && value % multipleOf !== 0) errors.push(invalid(path, value, `should be a multiple of ${multipleOf}`))
  return errors
}

function listProblems(value: unknown[], schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    errors.push({ type: 'TooMany', field: path, value: value.length, detail: `must have at most ${schema.maxItems} items` })
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    errors.push(invalid(path, value, `should have at least ${schema.minItems} items`))
  }
  if (schema.items) for (const [i, item] of value.entries()) errors.push(...validateBySchema(item, schema.items, `${path}[${i}]`))
  const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : []
  if (keys.length > 0) {
    const own = value.map((item) => Object.fromEntries(keys.map((key) => [key, isObject(item) ? item[key] : undefined])))
    for (const [i, item] of own.entries()) {
      if (!own.slice(0, i).some((other) => equal(other, item))) continue
      errors.push({ type: 'Duplicate', field: `${path}[${i}]`, value: item, detail: '' })
    }
  }
  if (schema['x-kubernetes-list-type'] === 'set' || schema.uniqueItems) {
    for (const [i, item] of value.entries()) {
      if (value.slice(0, i).some((other) => equal(other, item)))
        errors.push({ type: 'Duplicate', field: `${path}[${i}]`, value: item, detail: '' })
    }
  }
  return errors
}

function objectProblems(value: Record<string, unknown>, schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`)
  for (const key of schema.required ?? []) {
    if (value[key] === undefined) errors.push({ type: 'Required', field: at(key), detail: '' })
  }
  for (const [key, member] of Object.entries(value)) {
    if (path === '' && (key === 'metadata' || key === 'apiVersion' || key === 'kind')) continue
    const property =
      propertyOf(schema, key) ?? (isObject(schema.additionalProperties) ? (schema.additionalProperties as JsonSchema) : undefined)
    if (property && member !== undefined) errors.push(...validateBySchema(member, property, at(key)))
  }
  return errors
}

function combinationProblems(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const isValid = (branch: JsonSchema): boolean => validateBySchema(value, branch, path).length === 0
  const errors: FieldError[] = []
  if (schema.anyOf && !schema.anyOf.some(isValid)) errors.push(invalid(path, '', 'must validate at least one schema (anyOf)'))
  if (schema.oneOf) {
    const count = schema.oneOf.filter(isValid).length
    if (count !== 1) {
      errors.push(
        invalid(
          path,
          '',
          `must validate one and only one schema (oneOf). Found ${count === 0 ? 'none' : count} valid${count === 0 ? '' : ' alternatives'}`,
        ),
      )
    }
  }
  for (const branch of schema.allOf ?? []) errors.push(...validateBySchema(value, branch, path))
  if (schema.not && isValid(schema.not)) errors.push(invalid(path, '', 'must not validate the schema (not)'))
  return errors
}
