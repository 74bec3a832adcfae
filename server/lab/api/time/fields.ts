/** Where the times of an object are: the date-time fields of its kind's schema. */
import { schemaOf, structOf, type TypeShape } from '../../resources/schema/index.ts'
import type { ResourceDefinition } from '../../resources/definition.ts'
import { isObject } from '../../store/objects.ts'
import { isCustom } from '../custom/definition.ts'
import type { JsonSchema } from '../custom/schema.ts'

/** What of a value is a time: the value itself, or something within it. */
export type TimeFields =
  | { is: 'time' }
  | { is: 'items' | 'members'; of: TimeFields }
  | { is: 'struct'; fields: ReadonlyMap<string, TimeFields> }

const TIME: TimeFields = { is: 'time' }

const structs = new Map<string, TimeFields | null>()

/** The times of a type of Go's, null where it has none. A type within itself has none there: no kind has times in a recursion. */
function ofStruct(name: string): TimeFields | null {
  const known = structs.get(name)
  if (known !== undefined) return known
  structs.set(name, null)
  const fields = new Map<string, TimeFields>()
  for (const [key, { type }] of structOf(name).fields) {
    const times = ofType(type)
    if (times) fields.set(key, times)
  }
  const result: TimeFields | null = fields.size === 0 ? null : { is: 'struct', fields }
  structs.set(name, result)
  return result
}

function ofType(type: TypeShape): TimeFields | null {
  switch (type.is) {
    case 'time':
    case 'microTime':
      return TIME
    case 'struct':
      return ofStruct(type.name)
    case 'list':
    case 'map': {
      const of = ofType(type.of)
      return of && { is: type.is === 'list' ? 'items' : 'members', of }
    }
    default:
      return null
  }
}

const customs = new WeakMap<JsonSchema, TimeFields | null>()

function ofSchema(schema: JsonSchema): TimeFields | null {
  if (schema.type === 'string') return schema.format === 'date-time' ? TIME : null
  if (schema.items) {
    const of = ofSchema(schema.items)
    return of && { is: 'items', of }
  }
  if (isObject(schema.additionalProperties)) {
    const of = ofSchema(schema.additionalProperties as JsonSchema)
    return of && { is: 'members', of }
  }
  const fields = new Map<string, TimeFields>()
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const times = ofSchema(property)
    if (times) fields.set(key, times)
  }
  return fields.size === 0 ? null : { is: 'struct', fields }
}

/** The times of any object's metadata. */
export function metadataTimes(): TimeFields {
  return ofStruct('meta.v1.ObjectMeta') as TimeFields
}

const withMetadata = (): TimeFields => ({ is: 'struct', fields: new Map([['metadata', metadataTimes()]]) })

function ofCustom(schema: JsonSchema): TimeFields {
  let times = customs.get(schema)
  if (times === undefined) {
    const own = ofSchema(schema)
    const fields = own?.is === 'struct' ? own.fields : new Map<string, TimeFields>()
    customs.set(schema, (times = { is: 'struct', fields: new Map([...fields, ['metadata', metadataTimes()]]) }))
  }
  return times as TimeFields
}

/** The times of a kind's objects, as this definition serves them. */
export function timesOf(definition: ResourceDefinition): TimeFields {
  if (isCustom(definition)) return definition.customSchema ? ofCustom(definition.customSchema) : withMetadata()
  const shape = schemaOf(definition.group, definition.version, definition.kind)
  return (shape && ofStruct(shape.name)) ?? withMetadata()
}

/** The value with its times changed: a copy of the way to them, the rest is shared. */
export function mapTimes(value: unknown, times: TimeFields, change: (time: string) => string): unknown {
  switch (times.is) {
    case 'time':
      return typeof value === 'string' ? change(value) : value
    case 'items':
      return Array.isArray(value) ? value.map((item) => mapTimes(item, times.of, change)) : value
    case 'members':
      if (!isObject(value)) return value
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTimes(member, times.of, change)]))
    case 'struct': {
      if (!isObject(value)) return value
      let result = value
      for (const [key, of] of times.fields) {
        const member = Object.hasOwn(value, key) ? value[key] : undefined
        if (member === undefined || member === null) continue
        const changed = mapTimes(member, of, change)
        if (changed === member) continue
        if (result === value) result = { ...value }
        result[key] = changed
      }
      return result
    }
  }
}
