/** Hashes of templates, as controllers name what they make of them. */
import { safeEncode } from './objects.ts'

/** 32 bit FNV-1a, unsigned, as Go's hash/fnv New32a. */
export function fnv32a(text: string, seed = 0x811c9dc5): number {
  let hash = seed
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** JSON with sorted keys, so that equal objects have one text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`).join(',')}}`
}

/** A template's hash in the letters of generated names: `f54cc64dd`. */
export function templateHash(template: unknown, collisionCount: number | undefined, _settings?: { version: string }): string {
  let hash = fnv32a(canonicalJson(template))
  if (collisionCount) hash = fnv32a(String(collisionCount), hash)
  return safeEncode(String(hash))
}
