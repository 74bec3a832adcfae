/** Strategic merge patch: as apimachinery's strategicpatch/patch.go. */
import { badRequest } from '../../store/api-error.ts'
import { equal, isObject } from '../../store/objects.ts'
import { goMap } from './go-map.ts'

/** What the schema says of a field: which type its value (or its items) has, and how a list of it is merged. */
export interface PatchField {
  type: string | null
  /** `merge` lists are joined by mergeKey, or as a set where that is null. Absent: replaced whole. */
  merge?: { key: string | null }
  /** Keys of the object that the patch does not name are dropped. */
  retainKeys?: boolean
}

/** The field of a type, or undefined where the schema does not know it. `null` is the type of a map's members. */
export type PatchSchema = (type: string | null, field: string) => PatchField | undefined

const DIRECTIVE = '$patch'
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/'
const ORDER = '$setElementOrder/'
const RETAIN = '$retainKeys'

type Fields = Record<string, unknown>

/** The object after the patch. Neither argument is changed. Throws BadRequest where the patch is malformed. */
export function strategicMerge(original: unknown, patch: unknown, type: string | null, schema: PatchSchema): unknown {
  if (!isObject(patch)) return patch
  return mergeObjects(isObject(original) ? original : {}, patch, type, schema)
}

function mergeObjects(original: Fields, patch: Fields, type: string | null, schema: PatchSchema): Fields {
  const directive = patch[DIRECTIVE]
  if (directive !== undefined) {
    if (directive === 'replace') return withoutDirectives(patch)
    if (directive === 'delete') return {}
    if (directive !== 'merge') throw badRequest(`unknown patch directive: ${JSON.stringify(directive)}`)
  }
  let result: Fields = { ...original }
  const retain = patch[RETAIN]
  if (Array.isArray(retain)) result = Object.fromEntries(Object.entries(result).filter(([key]) => retain.includes(key)))
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue
    if (value === null) {
      delete result[key]
      continue
    }
    const field = schema(type, key)
    set(result, key, mergeField(result[key], value, field, schema, patch[`${ORDER}${key}`]))
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(DELETE_PRIMITIVES) && Array.isArray(value)) {
      const list = key.slice(DELETE_PRIMITIVES.length)
      const current = result[list]
      if (Array.isArray(current)) result[list] = current.filter((item) => !value.some((gone) => equal(gone, item)))
    }
    if (key.startsWith(ORDER) && Array.isArray(value)) {
      const list = key.slice(ORDER.length)
      const current = result[list]
      if (patch[list] === undefined && Array.isArray(current))
        result[list] = ordered(current, current, value, schema(type, list)?.merge?.key ?? null)
    }
  }
  return result
}

function set(object: Fields, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

function mergeField(original: unknown, patch: unknown, field: PatchField | undefined, schema: PatchSchema, order: unknown): unknown {
  if (isObject(patch)) return mergeObjects(isObject(original) ? original : {}, patch, field?.type ?? null, schema)
  if (!Array.isArray(patch)) return patch
  if (!field?.merge) return patch.map(withoutNested)
  return mergeLists(Array.isArray(original) ? original : [], patch, field, field.merge.key, schema, Array.isArray(order) ? order : null)
}

function mergeLists(
  original: unknown[],
  patch: unknown[],
  field: PatchField,
  key: string | null,
  schema: PatchSchema,
  order: unknown[] | null,
): unknown[] {
  if (key === null) {
    const merged = [...original]
    for (const item of patch) if (!merged.some((other) => equal(other, item))) merged.push(item)
    return ordered(merged, original, order ?? patch, null)
  }
  let merged = [...original]
  const items: Fields[] = []
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`cannot merge a list of ${typeof item} by the key ${key}`)
    const directive = item[DIRECTIVE]
    if (directive === 'replace' && item[key] === undefined) {
      return patch.filter((other) => other !== item).map(withoutNested)
    }
    if (item[key] === undefined) throw badRequest(`map: ${goMap(item)} does not contain declared merge key: ${key}`)
    if (directive === 'delete') merged = merged.filter((other) => !isObject(other) || !equal(other[key], item[key]))
    else if (directive === 'replace') {
      merged = merged.filter((other) => !isObject(other) || !equal(other[key], item[key]))
      merged.push(withoutDirectives(item))
    } else items.push(item)
  }
  for (const item of items) {
    const at = merged.findIndex((other) => isObject(other) && equal(other[key], item[key]))
    if (at < 0) merged.push(withoutNested(item))
    else merged[at] = mergeObjects(merged[at] as Fields, item, field.type, schema)
  }
  return ordered(merged, original, order ?? items, key)
}

/**
 * The order after a merge (normalizeElementOrder): items of the patch in the patch's order, items of the server alone where they stood among the others.
 */
function ordered(merged: unknown[], original: unknown[], order: unknown[], key: string | null): unknown[] {
  const identity = (item: unknown): string => JSON.stringify(key === null ? item : isObject(item) ? (item[key] ?? null) : null)
  const position = new Map(order.map((item, i) => [identity(item), i]))
  const serverPosition = new Map(original.map((item, i) => [identity(item), i]))
  const patched = merged
    .filter((item) => position.has(identity(item)))
    .toSorted((a, b) => (position.get(identity(a)) as number) - (position.get(identity(b)) as number))
  const server = merged.filter((item) => !position.has(identity(item)))
  const result: unknown[] = []
  let p = 0
  let s = 0
  while (p < patched.length && s < server.length) {
    const patchedAt = serverPosition.get(identity(patched[p]))
    const serverAt = serverPosition.get(identity(server[s]))
    if (patchedAt === undefined || serverAt === undefined || patchedAt < serverAt) result.push(patched[p++])
    else result.push(server[s++])
  }
  return [...result, ...patched.slice(p), ...server.slice(s)]
}

function withoutDirectives(object: Fields): Fields {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([key, value]) => !key.startsWith('$') && value !== null)
      .map(([key, value]) => [key, withoutNested(value)]),
  )
}

/** New parts of an object: nulls and directives have nothing to work on. */
function withoutNested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNested)
  return isObject(value) ? withoutDirectives(value) : value
}
