/** OpenAPI v3 documents as an API server gives them, one per group version, made from the schemas and from the kinds that are served. */
import { readFileSync } from 'node:fs'
import type { ResourceDefinition } from '../definition.ts'
import { fullName } from './names.ts'
import { openApiPaths } from './open-api-paths.ts'
import { kindsOf, ownWords, schemaOf, structOf, type FieldShape, type TypeShape } from './shapes.ts'

type Schema = Record<string, unknown>

/** A kind of a group version: built in, or custom with the schema of its CustomResourceDefinition. */
export interface DocumentedResource {
  definition: ResourceDefinition
  /** openAPIV3Schema of the version; only for custom resources. */
  customSchema?: Schema
}

interface Descriptions {
  shared: string[]
  types: Record<string, Record<string, string | number>>
}

let descriptions: Descriptions | undefined

function descriptionOf(type: string, field: string): string | undefined {
  descriptions ??= JSON.parse(readFileSync(new URL('./descriptions.json', import.meta.url), 'utf8')) as Descriptions
  const found = descriptions.types[type]?.[field]
  return typeof found === 'number' ? descriptions.shared[found] : found
}

/** The document of a group version (`apps`, `v1`; group '' for the core). `minor` is the cluster's minor version. */
export function openApiDocument(group: string, version: string, resources: readonly DocumentedResource[], minor: number): object {
  const schemas: Record<string, Schema> = {}
  const wanted: string[] = ['meta.v1.DeleteOptions', 'meta.v1.Patch', 'meta.v1.Status', 'meta.v1.WatchEvent', 'meta.v1.APIResourceList']
  for (const { definition, customSchema } of resources) {
    if (customSchema === undefined) {
      const shape = schemaOf(group, version, definition.kind)
      if (shape !== undefined) wanted.push(shape.name)
      if (shape !== undefined && definition.verbs.includes('list')) wanted.push(`${shape.name}List`)
    } else {
      schemas[customName(group, version, definition.kind)] = customDocument(group, version, definition.kind, customSchema)
      wanted.push('meta.v1.ObjectMeta')
    }
  }
  collect(wanted, schemas, { group, version })
  const sorted = Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `1.${minor}` },
    paths: openApiPaths(group, version, resources, (kind) => componentOf(group, version, kind)),
    components: { schemas: sorted },
  }
}

/** `io.metallb.v1beta1.IPAddressPool`: the group's labels turned round, as apiextensions names its models. */
function customName(group: string, version: string, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.')
}

function componentOf(group: string, version: string, kind: string): string {
  const shape = schemaOf(group, version, kind)
  return shape === undefined ? customName(group, version, kind) : fullName(shape.name)
}

/** Adds the types and everything that they are made of. */
function collect(names: string[], schemas: Record<string, Schema>, asked: { group: string; version: string }): void {
  const queue = [...names]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const full = fullName(name)
    if (full in schemas) continue
    const schema = typeSchema(name, asked, queue)
    if (schema !== undefined) schemas[full] = schema
  }
}

/** Types that are no structs; OpenAPI tells of them in words of its own. */
const SPECIAL: Record<string, Schema> = {
  'machinery.util.intstr.IntOrString': { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  'machinery.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'meta.v1.Time': { type: 'string', format: 'date-time' },
  'meta.v1.MicroTime': { type: 'string', format: 'date-time' },
  'meta.v1.Duration': { type: 'string' },
  'apiextensions.v1.JSON': {},
  'apiextensions.v1.JSONSchemaPropsOrArray': {},
  'apiextensions.v1.JSONSchemaPropsOrBool': {},
  'apiextensions.v1.JSONSchemaPropsOrStringArray': {},
}

function typeSchema(name: string, asked: { group: string; version: string }, queue: string[]): Schema | undefined {
  const description = descriptionOf(name, '')
  const text = description === undefined ? {} : { description }
  const special = SPECIAL[name]
  if (special !== undefined) return { ...text, ...special }
  const shape = structOf(name)
  if (shape === undefined) return undefined
  const properties: Record<string, Schema> = {}
  const fields = [...shape.fields].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const [key, field] of fields) properties[key] = fieldSchema(name, key, field, queue)
  const required = [...shape.fields].filter(([, field]) => field.required).map(([key]) => key)
  const kinds = kindsOf(name, asked)
  return {
    ...text,
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    ...(fields.length > 0 ? { properties } : {}),
    ...(kinds.length > 0 ? { 'x-kubernetes-group-version-kind': kinds } : {}),
    ...(ownWords(name).includes('list=') ? { 'x-kubernetes-map-type': ownWords(name).replace(/^.*list=/, '') } : {}),
  }
}

function fieldSchema(type: string, key: string, field: FieldShape, queue: string[]): Schema {
  const description = descriptionOf(type, key)
  const isMap = field.type.is !== 'list'
  return {
    ...(description === undefined ? {} : { description }),
    ...valueSchema(field.type, queue, field.documentDefault === undefined ? {} : { default: JSON.parse(field.documentDefault) }),
    ...(field.enumeration === undefined ? {} : { enum: field.enumeration }),
    ...(field.listKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listKeys }),
    ...(field.listType === undefined ? {} : { [isMap ? 'x-kubernetes-map-type' : 'x-kubernetes-list-type']: field.listType }),
    ...(field.mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.mergeKey }),
    ...(field.patchStrategies.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategies.join(',') }),
  }
}

/** Elements of lists and maps are no pointers: OpenAPI gives them Go's zero values as defaults. */
function elementDefault(type: TypeShape): { default?: unknown } {
  if (type.is === 'string') return { default: '' }
  if (type.is === 'boolean') return { default: false }
  if (type.is === 'number') return { default: 0 }
  return type.is === 'struct' ? { default: {} } : {}
}

function valueSchema(type: TypeShape, queue: string[], own: { default?: unknown }, bare = false): Schema {
  switch (type.is) {
    case 'string':
      return { type: 'string', ...own }
    case 'boolean':
      return { type: 'boolean', ...own }
    case 'bytes':
      return { type: 'string', format: 'byte', ...own }
    case 'any':
      return type.name === undefined ? { type: 'object', ...own } : referTo(type.name, queue, own, bare)
    case 'number':
      return { type: type.go.startsWith('int') ? 'integer' : 'number', format: type.go === 'float64' ? 'double' : type.go, ...own }
    case 'list':
      return { type: 'array', items: valueSchema(type.of, queue, elementDefault(type.of), !('default' in elementDefault(type.of))), ...own }
    case 'map':
      return {
        type: 'object',
        additionalProperties: valueSchema(type.of, queue, elementDefault(type.of), !('default' in elementDefault(type.of))),
        ...own,
      }
    default:
      return referTo(type.name, queue, own, bare)
  }
}

/** A reference alone stands bare; beside a default it has to be wrapped. */
function referTo(name: string, queue: string[], own: { default?: unknown }, bare = false): Schema {
  queue.push(name)
  const $ref = `#/components/schemas/${fullName(name)}`
  if (bare) return { $ref }
  return { ...own, allOf: [{ $ref }] }
}

const TYPE_TEXTS: Record<string, string> = {
  apiVersion:
    'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
}

/** The schema of a custom resource, with what every object has (apiextensions' controller/openapi builder). */
function customDocument(group: string, version: string, kind: string, schema: Schema): Schema {
  const given = (schema['properties'] ?? {}) as Record<string, Schema>
  return {
    ...schema,
    type: 'object',
    properties: {
      ...given,
      apiVersion: { description: TYPE_TEXTS['apiVersion'], type: 'string' },
      kind: { description: TYPE_TEXTS['kind'], type: 'string' },
      metadata: {
        description:
          "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
        allOf: [{ $ref: `#/components/schemas/${fullName('meta.v1.ObjectMeta')}` }],
      },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  }
}
