/**
 * Sets of fields in the form that metadata.managedFields has (FieldsV1): `{"f:spec": {"f:replicas": {}}}`. A member `.` is the thing itself beside its
 * parts; an empty object is a field as a whole.
 */
import { equal, isObject } from './objects.ts'
import type { FieldNode } from './field-tree.ts'

export interface FieldSet {
  [path: string]: FieldSet
}

const ITSELF = '.'

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** The names by which a set knows the parts of a value, each with its value and node; null where the value has no parts. */
function partsOf(value: unknown, node: FieldNode): Map<string, { value: unknown; node: FieldNode }> | null {
  const parts = new Map<string, { value: unknown; node: FieldNode }>()
  switch (node.kind) {
    case 'leaf':
      return null
    case 'struct':
    case 'map':
      if (!isObject(value)) return null
      for (const [name, member] of Object.entries(value)) {
        if (member === undefined) continue
        const child = node.kind === 'map' ? node.item : node.child(name)
        if (child) parts.set(`f:${name}`, { value: member, node: child })
      }
      return parts
    case 'set':
      if (!Array.isArray(value)) return null
      for (const item of value) parts.set(`v:${JSON.stringify(item)}`, { value: item, node: { kind: 'leaf' } })
      return parts
    case 'keyed':
      if (!Array.isArray(value)) return null
      for (const item of value) parts.set(`k:${itemKey(item, node)}`, { value: item, node: node.item })
      return parts
  }
}

/** The key of a list's item, its members in alphabetical order. */
export function itemKey(item: unknown, { keys, defaults }: { keys: string[]; defaults: Record<string, unknown> }): string {
  const members = isObject(item) ? item : {}
  const key: Record<string, unknown> = {}
  for (const name of keys.toSorted()) {
    const value = members[name] ?? defaults[name]
    if (value !== undefined) key[name] = value
  }
  return JSON.stringify(key)
}

/** All fields that a value has, as an apply owns them (ToFieldSet). */
export function fieldsOf(value: unknown, node: FieldNode): FieldSet {
  const parts = partsOf(value, node)
  const set: FieldSet = {}
  if (parts === null) return set
  for (const [name, part] of parts) {
    const inner = fieldsOf(part.value, part.node)
    if (!isEmptySet(inner) && (name.startsWith('k:') || node.kind === 'map')) inner[ITSELF] = {}
    set[name] = sorted(inner)
  }
  return sorted(set)
}

/** The fields in which a value differs from the one before, as an update comes to own them (Compare). */
export function changedFields(before: unknown, after: unknown, node: FieldNode): FieldSet {
  const set: FieldSet = {}
  if (before === after) return set
  const parts = partsOf(after, node)
  if (parts === null) return set
  const old = partsOf(before, node)
  for (const [name, part] of parts) {
    const was = old?.get(name)
    // versions of an object share what they have in common
    if (was && was.value === part.value) continue
    const inner = was ? changedFields(was.value, part.value, part.node) : addedFields(part.value, part.node)
    const isWhole = partsOf(part.value, part.node) === null
    if (isWhole ? !was || !equal(was.value, part.value) : !was || !isEmptySet(inner)) {
      set[name] = sorted(was || isWhole ? inner : withItself(inner))
    }
  }
  return sorted(set)
}

function withItself(inner: FieldSet): FieldSet {
  return isEmptySet(inner) ? inner : { ...inner, [ITSELF]: {} }
}

/** All parts of what was not there before, itself included. */
function addedFields(value: unknown, node: FieldNode): FieldSet {
  return changedFields(undefined, value, node)
}

/** The union of two sets. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a }
  for (const [name, inner] of Object.entries(b)) {
    const other = result[name]
    if (other === undefined) result[name] = inner
    else if (isEmptySet(other) !== isEmptySet(inner)) result[name] = sorted({ ...(isEmptySet(other) ? inner : other), [ITSELF]: {} })
    else result[name] = union(other, inner)
  }
  return sorted(result)
}

/** What of a set is not in another one. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {}
  for (const [name, inner] of Object.entries(a)) {
    const other = b[name]
    if (other === undefined) {
      result[name] = inner
      continue
    }
    const isWhole = isEmptySet(inner)
    const otherIsWhole = isEmptySet(other) || ITSELF in other
    if (isWhole) {
      if (!otherIsWhole) result[name] = inner
      continue
    }
    const rest = difference(inner, isEmptySet(other) ? { [ITSELF]: {} } : other)
    if (!isEmptySet(rest)) result[name] = rest
  }
  return result
}

/** What of a set a value still has. `before`: the value that had all of it, where it is known. */
export function existing(set: FieldSet, value: unknown, node: FieldNode, before?: unknown): FieldSet {
  if (value === before && value !== undefined) return set
  const parts = partsOf(value, node)
  const old = before === undefined ? null : partsOf(before, node)
  const result: FieldSet = {}
  for (const [name, inner] of Object.entries(set)) {
    if (name === ITSELF) {
      result[name] = inner
      continue
    }
    const part = parts?.get(name)
    if (!part) continue
    if (isEmptySet(inner)) result[name] = inner
    else {
      // Without its parts it would stand for the whole thing.
      const rest = existing(inner, part.value, part.node, old?.get(name)?.value)
      if (!isEmptySet(rest)) result[name] = rest
    }
  }
  return result
}

/** The paths of a set as errors name them: `.spec.template.spec.containers[name="nginx"].image`. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const paths: string[] = []
  for (const [name, inner] of Object.entries(set)) {
    if (name === ITSELF) {
      paths.push(prefix)
      continue
    }
    const path = prefix + pathStep(name)
    if (isEmptySet(inner)) paths.push(path)
    else paths.push(...pathsOf(inner, path))
  }
  return paths
}

function pathStep(name: string): string {
  if (name.startsWith('f:')) return `.${name.slice(2)}`
  if (name.startsWith('v:')) return `[=${name.slice(2)}]`
  const key = JSON.parse(name.slice(2)) as Record<string, unknown>
  return `[${Object.entries(key)
    .map(([member, value]) => `${member}=${JSON.stringify(value)}`)
    .join(',')}]`
}

/** FieldsV1 is written with `.` first and the rest in order. */
function sorted(set: FieldSet): FieldSet {
  const names = Object.keys(set)
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] as string) > (names[i] as string))
      return Object.fromEntries(names.toSorted().map((name) => [name, set[name] as FieldSet]))
  }
  return set
}
