/** Objects as Go's encoding/json writes them in MetalLB's log lines: the fields in the order of their structs. */
import type { KubeObject } from '../../resources/definition.ts'
import { schemaOf, structOf } from '../../resources/schema/index.ts'
import type { StructShape, TypeShape } from '../../resources/schema/index.ts'

function ordered(value: unknown, type: TypeShape): unknown {
  if (Array.isArray(value) && type.is === 'list') return value.map((each) => ordered(each, type.of))
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  if (type.is === 'map')
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]) => [key, ordered(each, type.of)]),
    )
  return type.is === 'struct' ? inStructOrder(value as Record<string, unknown>, structOf(type.name)) : value
}

function inStructOrder(value: Record<string, unknown>, { fields }: StructShape): Record<string, unknown> {
  const known = [...fields].flatMap(([key, field]) => (value[key] === undefined ? [] : [[key, ordered(value[key], field.type)] as const]))
  const others = Object.entries(value).filter(([key]) => !fields.has(key))
  return Object.fromEntries([...known, ...others])
}

/** A built-in object as JSON text. */
export function goJson(object: KubeObject): string {
  const [group, version] = object.apiVersion.includes('/') ? (object.apiVersion.split('/') as [string, string]) : ['', object.apiVersion]
  const shape = schemaOf(group, version, object.kind)
  return JSON.stringify(shape ? inStructOrder(object as never, shape) : object)
}
