/** The order in which Go's encoder writes an object: fields as their struct has them, the members of maps by their letters. */
import { structOf, type StructShape, type TypeShape } from './shapes.ts'

type Members = Record<string, unknown>

/** Brings the members of an object into the server's order, in place. Parts that are frozen have been in the store, and are in order. */
export function arrange(object: object, shape: StructShape): void {
  arrangeStruct(object as Members, shape)
}

function arrangeValue(value: unknown, type: TypeShape): void {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return
  if (type.is === 'list') {
    if (Array.isArray(value)) for (const item of value) arrangeValue(item, type.of)
  } else if (Array.isArray(value)) return
  else if (type.is === 'struct') arrangeStruct(value as Members, structOf(type.name))
  else if (type.is === 'map') arrangeMap(value as Members, (member) => arrangeValue(member, type.of))
}

const places = new WeakMap<StructShape, Map<string, number>>()

function placesOf(shape: StructShape): Map<string, number> {
  let known = places.get(shape)
  if (!known) places.set(shape, (known = new Map([...shape.fields.keys()].map((key, index) => [key, index]))))
  return known
}

function arrangeStruct(value: Members, shape: StructShape): void {
  const positions = placesOf(shape)
  let last = -1
  let isSorted = true
  for (const key in value) {
    const field = shape.fields.get(key)
    if (field) arrangeValue(value[key], field.type)
    const at = positions.get(key) ?? positions.size
    if (at < last) isSorted = false
    last = at
  }
  if (!isSorted) reorder(value, (a, b) => (positions.get(a) ?? positions.size) - (positions.get(b) ?? positions.size))
}

/** The members of a map, after what `visit` does to each. */
function arrangeMap(value: Members, visit: (member: unknown) => void): void {
  let last = ''
  let isSorted = true
  for (const key in value) {
    visit(value[key])
    if (key < last) isSorted = false
    last = key
  }
  if (!isSorted) reorder(value, (a, b) => (a < b ? -1 : 1))
}

/** The order of an object of no struct: all by their letters. */
export function arrangeByLetters(value: unknown): void {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return
  if (Array.isArray(value)) for (const item of value) arrangeByLetters(item)
  else arrangeMap(value as Members, arrangeByLetters)
}

function reorder(value: Members, compare: (a: string, b: string) => number): void {
  const entries = Object.entries(value).toSorted(([a], [b]) => compare(a, b))
  for (const [key] of entries) delete value[key]
  for (const [key, member] of entries) value[key] = member
}
