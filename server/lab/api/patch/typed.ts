/** What an applied object has that its schema does not know or does not allow, in the words of structured-merge-diff's typed/validate.go. */
import type { ResourceDefinition } from '../../resources/definition.ts'
import { schemaOf, structOf, type FieldShape, type StructShape, type TypeShape } from '../../resources/schema/index.ts'
import { isObject } from '../../store/objects.ts'
import { isCustom } from '../custom/definition.ts'
import { propertyOf, type JsonSchema } from '../custom/schema.ts'

/** A schema as far as it tells scalars, lists and maps apart. `any` takes everything. */
type Node =
  | { is: 'string' | 'numeric' | 'boolean' | 'untyped' | 'any' }
  | { is: 'list'; item: Node; keys: KeyFields | null }
  | { is: 'map'; member: (name: string) => Node | undefined }

/** The keys that tell a list's items apart, and their defaults; none of a set, whose items are their own keys. */
type KeyFields = { names: string[]; defaults: Record<string, unknown> }

const ANY: Node = { is: 'any' }

function structNode(shape: StructShape): Node {
  return {
    is: 'map',
    member: (name) => {
      const field = shape.fields.get(name)
      return field && fieldNode(field)
    },
  }
}

function fieldNode({ type, listType, listKeys }: FieldShape): Node {
  const node = typeNode(type)
  if (node.is !== 'list' || type.is !== 'list') return node
  if (listType === 'set') return { ...node, keys: { names: [], defaults: {} } }
  if (listType !== 'map' || type.of.is !== 'struct') return node
  const { fields } = structOf(type.of.name)
  const defaults: Record<string, unknown> = {}
  for (const key of listKeys ?? []) {
    const text = fields.get(key)?.documentDefault
    if (text !== undefined) defaults[key] = JSON.parse(text)
  }
  return { ...node, keys: { names: listKeys ?? [], defaults } }
}

function typeNode(type: TypeShape): Node {
  switch (type.is) {
    case 'string':
    case 'bytes':
      return { is: 'string' }
    case 'number':
      return { is: 'numeric' }
    case 'boolean':
      return { is: 'boolean' }
    case 'list':
      return { is: 'list', item: typeNode(type.of), keys: null }
    case 'map': {
      const item = typeNode(type.of)
      return { is: 'map', member: () => item }
    }
    case 'struct':
      return structNode(structOf(type.name))
    case 'any':
      return ANY
    default:
      return { is: 'untyped' }
  }
}

function customNode(schema: JsonSchema): Node {
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema['x-kubernetes-int-or-string']) return { is: 'untyped' }
  switch (schema.type) {
    case 'string':
      return { is: schema.format && schema.format !== 'byte' ? 'untyped' : 'string' }
    case 'integer':
    case 'number':
      return { is: 'numeric' }
    case 'boolean':
      return { is: 'boolean' }
    case 'array': {
      const names = schema['x-kubernetes-list-map-keys'] ?? []
      const defaults = Object.fromEntries(names.map((name) => [name, schema.items?.properties?.[name]?.default]))
      const keyed = schema['x-kubernetes-list-type'] === 'set' || schema['x-kubernetes-list-type'] === 'map'
      return { is: 'list', item: schema.items ? customNode(schema.items) : ANY, keys: keyed ? { names, defaults } : null }
    }
    case 'object': {
      const rest = isObject(schema.additionalProperties) ? customNode(schema.additionalProperties as JsonSchema) : undefined
      return {
        is: 'map',
        member(name) {
          const property = propertyOf(schema, name)
          return property ? customNode(property) : (rest ?? (open ? ANY : undefined))
        },
      }
    }
    default:
      return ANY
  }
}

/** A custom object's own fields; what every object has comes with it. */
function customRoot(schema: JsonSchema): Node {
  const own = customNode(schema)
  const common = structNode(schemaOf('', 'v1', 'ConfigMap') as StructShape)
  const member = (name: string): Node | undefined => {
    const isCommon = ['apiVersion', 'kind', 'metadata'].includes(name)
    return isCommon ? (common.is === 'map' ? common.member(name) : undefined) : own.is === 'map' ? own.member(name) : ANY
  }
  return { is: 'map', member }
}

/** A problem for each value that does not fit, with its path in front. */
export function typedProblems(object: object, definition: ResourceDefinition): string[] {
  const problems: string[] = []
  if (isCustom(definition)) {
    if (definition.customSchema) check(object, customRoot(definition.customSchema), '', problems)
    return problems
  }
  const shape = schemaOf(definition.group, definition.version, definition.kind)
  if (shape) check(object, structNode(shape), '', problems)
  return problems
}

function check(value: unknown, node: Node, path: string, problems: string[]): void {
  if (value === null || value === undefined || node.is === 'any') return
  const say = (words: string): void => void problems.push(`${path}: ${words}`)
  const isScalar = typeof value !== 'object'
  switch (node.is) {
    case 'string':
      if (typeof value !== 'string') say(`expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`)
      return
    case 'numeric':
      if (typeof value !== 'number') say(`expected numeric (int or float), got ${goType(value)}`)
      return
    case 'boolean':
      if (typeof value !== 'boolean') say(`expected boolean, got &{${goText(value)}}`)
      return
    case 'untyped':
      if (!isScalar) say(`expected any scalar, got &{${goText(value)}}`)
      return
    case 'list':
      if (!Array.isArray(value)) say(`expected list, got &{${goText(value)}}`)
      else checkItems(value, node, path, problems)
      return
    case 'map':
      if (!isObject(value)) say(`expected map, got &{${goText(value)}}`)
      else checkMembers(value, node, path, problems)
  }
}

function checkItems(list: unknown[], { item, keys }: Node & { is: 'list' }, path: string, problems: string[]): void {
  const seen = new Set<string>()
  for (const [index, value] of list.entries()) {
    const key = keys ? keyOf(value, keys) : `[${index}]`
    if (keys && seen.has(key)) problems.push(`${path}: duplicate entries for key ${key}`)
    seen.add(key)
    check(value, item, `${path}${key}`, problems)
  }
}

/** `[name="web"]`, or `[="a"]` of a set's item. */
function keyOf(item: unknown, { names, defaults }: KeyFields): string {
  if (names.length === 0 || !isObject(item)) return `[=${JSON.stringify(item)}]`
  const parts = names.map((name) => [name, item[name] ?? defaults[name]] as const).filter(([, value]) => value !== undefined)
  return `[${parts
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`
}

/** A real server goes through a map in no order and stops at the first name that it does not know; here that comes last. */
function checkMembers(map: Record<string, unknown>, { member }: Node & { is: 'map' }, path: string, problems: string[]): void {
  let unknown: string | null = null
  for (const [name, value] of Object.entries(map)) {
    const node = member(name)
    if (node) check(value, node, `${path}.${name}`, problems)
    else unknown ??= name
  }
  if (unknown !== null) problems.push(`${path}.${unknown}: field not declared in schema`)
}

function goType(value: unknown): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
}

const sorted = (value: object): [string, unknown][] => Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** As Go prints it with %#v. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isObject(value))
    return `map[string]interface {}{${sorted(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}

/** As Go prints it with %v. */
function goText(value: unknown): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (isObject(value))
    return `map[${sorted(value)
      .map(([key, item]) => `${key}:${goText(item)}`)
      .join(' ')}]`
  return String(value)
}
