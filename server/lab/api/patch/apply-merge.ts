/** Merging an applied configuration into an object, and dropping what its manager no longer applies (structured-merge-diff's merge and remove). */
import { isEmptySet, itemKey, type FieldSet } from '../../store/field-set.ts'
import type { FieldNode } from '../../store/field-tree.ts'
import { isObject } from '../../store/objects.ts'

/** The live value with the applied one over it. Neither is changed. */
export function applyMerge(live: unknown, applied: unknown, node: FieldNode | undefined): unknown {
  if (applied === undefined) return live
  if (live === undefined || live === null || !node) return applied
  switch (node.kind) {
    case 'leaf':
      return applied
    case 'struct':
    case 'map': {
      if (!isObject(live) || !isObject(applied)) return applied
      const result: Record<string, unknown> = { ...live }
      for (const [name, value] of Object.entries(applied)) {
        const child = node.kind === 'map' ? node.item : node.child(name)
        const merged = applyMerge(live[name], value, child)
        Object.defineProperty(result, name, { value: merged, enumerable: true, writable: true, configurable: true })
      }
      return result
    }
    case 'set': {
      if (!Array.isArray(live) || !Array.isArray(applied)) return applied
      return mergeLists(
        live,
        applied,
        (item) => JSON.stringify(item),
        (_live, item) => item,
      )
    }
    case 'keyed': {
      if (!Array.isArray(live) || !Array.isArray(applied)) return applied
      return mergeLists(
        live,
        applied,
        (item) => itemKey(item, node),
        (before, item) => applyMerge(before, item, node.item),
      )
    }
  }
}

/** Items of the live list stay where they are, but those of the applied list take its order among themselves; new ones follow their neighbour. */
function mergeLists(
  live: unknown[],
  applied: unknown[],
  keyOf: (item: unknown) => string,
  merge: (live: unknown, applied: unknown) => unknown,
): unknown[] {
  const byKey = new Map(live.map((item) => [keyOf(item), item]))
  const appliedKeys = new Set(applied.map(keyOf))
  const result: unknown[] = []
  const livePosition = new Map(live.map((item, i) => [keyOf(item), i]))
  let next = 0
  for (const item of applied) {
    const at = livePosition.get(keyOf(item))
    if (at !== undefined) {
      for (; next < at; next++) if (!appliedKeys.has(keyOf(live[next]))) result.push(live[next])
      next = Math.max(next, at + 1)
    }
    result.push(byKey.has(keyOf(item)) ? merge(byKey.get(keyOf(item)), item) : item)
  }
  for (; next < live.length; next++) if (!appliedKeys.has(keyOf(live[next]))) result.push(live[next])
  return result
}

/**
 * The value without the fields of `given`, those that a manager owned until now, as far as nobody owns them or parts of them any more: `kept` is what
 * all managers own now.
 */
export function removeFields(value: unknown, given: FieldSet, kept: FieldSet, node: FieldNode): unknown {
  switch (node.kind) {
    case 'leaf':
      return value
    case 'struct':
    case 'map': {
      if (!isObject(value)) return value
      const result: Record<string, unknown> = { ...value }
      for (const [name, inner] of Object.entries(given)) {
        const field = name.slice(2)
        if (!name.startsWith('f:') || result[field] === undefined) continue
        const child = node.kind === 'map' ? node.item : node.child(field)
        if (goes(inner, kept[name]) || !child) delete result[field]
        else result[field] = removeFields(result[field], inner, kept[name] ?? {}, child)
      }
      return result
    }
    case 'set':
      if (!Array.isArray(value)) return value
      return value.filter((item) => {
        const name = `v:${JSON.stringify(item)}`
        return !(name in given) || name in kept
      })
    case 'keyed':
      if (!Array.isArray(value)) return value
      return value.flatMap((item) => {
        const name = `k:${itemKey(item, node)}`
        const inner = given[name]
        if (inner === undefined) return [item]
        return goes(inner, kept[name]) ? [] : [removeFields(item, inner, kept[name] ?? {}, node.item)]
      })
  }
}

/** Whether a thing goes with its parts: it was owned itself, and nobody owns any of it now. */
function goes(given: FieldSet, kept: FieldSet | undefined): boolean {
  return kept === undefined && (isEmptySet(given) || '.' in given)
}
