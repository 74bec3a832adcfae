/* oxlint-disable typescript/no-explicit-any */

/** Sets a field that is absent or null, as defaults of pointers do. */
export function fill(target: any, key: string, value: unknown): void {
  if (target[key] === undefined || target[key] === null) target[key] = value
}

/** Sets a field that is absent or empty (`''`, 0), as defaults of plain Go fields do. */
export function fillEmpty(target: any, key: string, value: unknown): void {
  if (!target[key]) target[key] = value
}

/**
 * A value without the fields that are null, at any depth: Go writes an empty list that may not be left out as null, which is as good as absent. What has
 * no such field is given as it is, and shared.
 */
export function given<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const items = value.map(given)
    return items.some((item, index) => item !== value[index]) ? (items as T) : value
  }
  let result: Record<string, unknown> | undefined
  for (const [key, each] of Object.entries(value)) {
    const kept = given(each)
    if (kept === each && each !== null) continue
    result ??= { ...value } as Record<string, unknown>
    if (each === null) delete result[key]
    else result[key] = kept
  }
  return (result as T | undefined) ?? value
}
