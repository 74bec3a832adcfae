/** Helpers over plain JSON values: the store's objects are nothing else. */

/** Freezes a value in depth. Frozen parts are taken as frozen in depth already: only the store freezes. */
export function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (Array.isArray(value)) for (const item of value) deepFreeze(item)
  else for (const key in value) deepFreeze(value[key])
  return value
}

/** A copy that may be changed. Faster than structuredClone, and only for JSON values; undefined members are left out. */
export function copy<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(copy) as T
  const result: Record<string, unknown> = {}
  for (const key in value) {
    const member = value[key]
    if (member !== undefined) result[key] = copy(member)
  }
  return result as T
}

/** Equal as JSON: the order of members does not count, a member that is undefined is a member that is not there. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!equal(left[key], right[key])) return false
  for (const key in right) {
    // a function is a member of every object, and none of JSON: a key may be called `constructor`
    if (right[key] !== undefined && (left[key] === undefined || typeof left[key] === 'function')) return false
  }
  return true
}

/** Lets a version of an object share with the one before what they have in common: memory, and comparisons that end at once. Its metadata stays its own. */
export function shareParts(before: { metadata: object }, now: { metadata: object }): void {
  const [old, fresh] = [before as Record<string, unknown>, now as Record<string, unknown>]
  for (const key in fresh) if (key !== 'metadata') fresh[key] = reuse(old[key], fresh[key])
  const [oldMetadata, metadata] = [before.metadata as Record<string, unknown>, now.metadata as Record<string, unknown>]
  for (const key in metadata) metadata[key] = reuse(oldMetadata[key], metadata[key])
}

/**
 * The value with every part that is as it was before being that very part. Gives `before` itself where nothing differs, the order of members included. Parts of `now` are replaced in place.
 */
function reuse<T>(before: unknown, now: T): T {
  if (before === now || before === null || now === null || typeof before !== 'object' || typeof now !== 'object' || Object.isFrozen(now))
    return now
  if (Array.isArray(now)) {
    if (!Array.isArray(before)) return now
    let same = before.length === now.length
    for (let i = 0; i < now.length; i++) {
      now[i] = reuse(before[i], now[i])
      if (now[i] !== before[i]) same = false
    }
    return same ? (before as T) : now
  }
  if (Array.isArray(before)) return now
  const [old, fresh] = [before as Record<string, unknown>, now as Record<string, unknown>]
  const names = Object.keys(old)
  let same = true
  let index = 0
  for (const key in fresh) {
    fresh[key] = reuse(old[key], fresh[key])
    if (fresh[key] !== old[key] || names[index++] !== key) same = false
  }
  return same && index === names.length ? (before as T) : now
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Drops what an object reader would not see: members that are undefined, in place. */
export function dropUndefined(value: unknown): void {
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value)) {
    for (const item of value) dropUndefined(item)
    return
  }
  const record = value as Record<string, unknown>
  for (const key of Object.keys(record)) {
    if (record[key] === undefined) delete record[key]
    else dropUndefined(record[key])
  }
}
