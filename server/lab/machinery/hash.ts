/** Hashes of templates, as controllers name what they make of them: the same as a real cluster's. */
import { dumpTemplate } from '../resources/go-form/dump.ts'
import { minorVersion } from '../resources/kit/version.ts'
import { safeEncode } from './objects.ts'

const OFFSET = 0x811c9dc5
const PRIME = 0x01000193

/** 32 bit FNV-1a, unsigned, as Go's hash/fnv New32a. */
function fnv32a(bytes: Uint8Array, seed = OFFSET): number {
  let hash = seed
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME) >>> 0
  return hash
}

/** 32 bit FNV-1, unsigned, as Go's hash/fnv New32. */
function fnv32(bytes: Uint8Array): number {
  let hash = OFFSET
  for (const byte of bytes) hash = (Math.imul(hash, PRIME) ^ byte) >>> 0
  return hash
}

const OFFSET_128 = 0x6c62272e07bb014262b821756295c58dn
const PRIME_128 = 0x1000000000000000000013bn

/** 128 bit FNV-1a, as Go's hash/fnv New128a. */
export function fnv128a(bytes: Uint8Array): bigint {
  let hash = OFFSET_128
  for (const byte of bytes) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME_128)
  return hash
}

/** JSON with sorted keys, as Go's encoding/json writes a map: one text for equal objects, safe within HTML. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'string') return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${canonicalJson(key)}:${canonicalJson(part)}`).join(',')}}`
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Of stored templates, which never change, without a collision. */
const known = new WeakMap<object, Map<number, string>>()

/** A template's hash in the letters of generated names, `f54cc64dd`: of replica sets and of daemon sets' revisions (controller.ComputeHash). */
export function templateHash(template: object, collisionCount: number | undefined, settings: { version: string }): string {
  const minor = minorVersion(settings)
  const before = collisionCount === undefined ? known.get(template)?.get(minor) : undefined
  if (before !== undefined) return before
  const hash = fnv32a(new TextEncoder().encode(dumpTemplate(template, minor)))
  if (collisionCount === undefined) {
    const text = safeEncode(String(hash))
    if (Object.isFrozen(template)) known.set(template, (known.get(template) ?? new Map<number, string>()).set(minor, text))
    return text
  }
  const count = new Uint8Array(8)
  new DataView(count.buffer).setUint32(0, collisionCount, true)
  return safeEncode(String(fnv32a(count, hash)))
}

/** The hash of a stateful set's revision: of the patch that it stores, followed by the collision count (history.HashControllerRevision). */
export function revisionHash(data: object, collisionCount: number): string {
  return safeEncode(String(fnv32(new TextEncoder().encode(`${canonicalJson(data)}${collisionCount}`))))
}
