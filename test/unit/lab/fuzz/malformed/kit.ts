/** What the malformed requests are made with. */
import fc from 'fast-check'
import type { RawRequest } from '../client.ts'
import { SAMPLES, THERE, type Body, type Sample } from '../objects.ts'

export interface Malformed extends RawRequest {
  /** What is wrong. */
  wrong: string
  /** The codes of a right answer; null: any but a server's error. */
  codes: number[] | null
}

export const JSON_TYPE = { 'content-type': 'application/json' }
export const sample = fc.constantFrom(...Object.keys(SAMPLES)).map((kind) => SAMPLES[kind] as Sample)

export const builtin = fc
  .constantFrom(...Object.keys(SAMPLES).filter((kind) => !SAMPLES[kind]?.custom))
  .map((kind) => SAMPLES[kind] as Sample)

/** Kinds that an update makes none of: it does that of a Service. */
export const updated = builtin.filter(({ path }) => !path.endsWith('/services'))

export const PATCHES = ['application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/json-patch+json'] as const

/** Words that are members of every object of JavaScript, and other traps. */
export const word = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '..',
    '.',
    ' ',
    '-',
    'null',
    '0',
    'é',
    '한글',
    '\u0000',
    '%',
    'a'.repeat(300),
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

export const encoded = word.map((text) => encodeURIComponent(text.toWellFormed()))

/** Any JSON. */
export const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), word)

export type Way = (string | number)[]

/** All ways to the members of a body below apiVersion, kind and metadata.name, which have cases of their own. */
export function ways(value: unknown, way: Way = []): Way[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => {
    const here = [...way, Array.isArray(value) ? Number(key) : key]
    if (way.length === 0 && (key === 'apiVersion' || key === 'kind')) return []
    if (way[0] === 'metadata' && way.length === 1 && key === 'name') return []
    return [here, ...ways(member, here)]
  })
}

export function at(body: unknown, way: Way): unknown {
  return way.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], body)
}

export function spoiled(body: Body, way: Way, value: unknown): Body {
  const result = structuredClone(body)
  const parent = at(result, way.slice(0, -1)) as Record<string | number, unknown>
  Object.defineProperty(parent, way.at(-1) as string, { value, enumerable: true, configurable: true, writable: true })
  return result
}

export const text = (body: unknown): string => JSON.stringify(body)

export const pick = fc.nat({ max: 1_000_000 })

/** Where a sample's object is made (POST), or is there already. */
export function addressFor(method: string, path: string): string {
  return method === 'POST' ? path : `${path}/${THERE}`
}
