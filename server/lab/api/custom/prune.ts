/** Fields that a structural schema does not know: found, and pruned (apiextensions' schema/pruning). */
import { isObject } from '../../store/objects.ts'
import { propertyOf, type JsonSchema } from './schema.ts'

const ROOT_FIELDS = new Set(['apiVersion', 'kind', 'metadata'])

type Visit = (path: string, parent: Record<string, unknown>, key: string) => void

function walk(value: unknown, schema: JsonSchema | undefined, path: string, isRoot: boolean, visit: Visit): void {
  if (schema === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) {
    if (schema?.properties && isObject(value)) {
      for (const [key, member] of Object.entries(value)) walk(member, propertyOf(schema, key), join(path, key), false, visit)
    }
    return
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) walk(item, schema.items, `${path}[${i}]`, false, visit)
    return
  }
  if (!isObject(value)) return
  const keepsMeta = isRoot || schema['x-kubernetes-embedded-resource'] === true
  for (const [key, member] of Object.entries(value)) {
    if (keepsMeta && ROOT_FIELDS.has(key)) continue
    const known = propertyOf(schema, key)
    if (known) walk(member, known, join(path, key), false, visit)
    else if (isObject(schema.additionalProperties)) walk(member, schema.additionalProperties as JsonSchema, join(path, key), false, visit)
    else if (schema.additionalProperties === true) continue
    else visit(join(path, key), value, key)
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** Paths of unknown fields, as strict decoding names them: `spec.adresses`. */
export function unknownFields(object: object, schema: JsonSchema): string[] {
  const found: string[] = []
  walk(object, schema, '', true, (path) => void found.push(path))
  return found
}

/** Drops unknown fields, in place. */
export function prune(object: object, schema: JsonSchema): void {
  const unknown: [Record<string, unknown>, string][] = []
  walk(object, schema, '', true, (_path, parent, key) => void unknown.push([parent, key]))
  for (const [parent, key] of unknown) delete parent[key]
}

/** Fills defaults, in place; a null that may not be is taken as not set where there is a default (apiextensions' schema/defaulting). */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return
  if (Array.isArray(value)) {
    for (const item of value) applyDefaults(item, schema.items)
    return
  }
  if (!isObject(value)) return
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && !property.nullable && property.default !== undefined) delete value[key]
    if (value[key] === undefined && property.default !== undefined) value[key] = structuredClone(property.default)
    applyDefaults(value[key], property)
  }
  if (isObject(schema.additionalProperties)) {
    for (const [key, member] of Object.entries(value))
      if (!propertyOf(schema, key)) applyDefaults(member, schema.additionalProperties as JsonSchema)
  }
}
