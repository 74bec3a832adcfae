/** What makes a schema structural (apiextensions' apiserver/schema/validation.go): every value has a type, every list its items. */
import type { FieldError } from '../definition.ts'
import { notSupported, required } from '../kit/field-errors.ts'

/* oxlint-disable typescript/no-explicit-any */

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const FREE = ['x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields']

/** All problems below the root of a schema. `path` is the root's. */
export function checkSchema(schema: any, path: string): FieldError[] {
  return [...checkInside(schema, path), ...checkTypes(schema, path)]
}

const isFree = (schema: any): boolean => FREE.some((key) => schema[key] === true)

function parts(schema: any, path: string): [schema: any, path: string, what: string][] {
  const found: [any, string, string][] = Object.entries(schema.properties ?? {}).map(([name, each]) => [
    each,
    `${path}.properties[${name}]`,
    'object fields',
  ])
  if (schema.items) found.push([schema.items, `${path}.items`, 'array items'])
  if (schema.additionalProperties && typeof schema.additionalProperties === 'object') {
    found.push([schema.additionalProperties, `${path}.additionalProperties`, 'object fields'])
  }
  return found
}

function checkInside(schema: any, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (schema.type === 'array' && !schema.items) errors.push(required(`${path}.items`, 'must be specified'))
  for (const [each, at, what] of parts(schema, path)) {
    if (!each?.type && !isFree(each ?? {})) errors.push(required(`${at}.type`, `must not be empty for specified ${what}`))
    errors.push(...checkInside(each ?? {}, at))
  }
  return errors
}

function checkTypes(schema: any, path: string): FieldError[] {
  const own = schema.type && !TYPES.includes(schema.type) ? [notSupported(`${path}.type`, schema.type, TYPES)] : []
  return [...own, ...parts(schema, path).flatMap(([each, at]) => checkTypes(each ?? {}, at))]
}
