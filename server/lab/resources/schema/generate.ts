/**
 * Writes structure.json and descriptions.json, the shapes of Kubernetes' own kinds. Run by hand for a new version of Kubernetes:
 *
 *     node server/lab/resources/schema/generate.ts OPENAPI_DIRECTORY GO_MODULES
 *
 * OPENAPI_DIRECTORY holds the OpenAPI v3 documents of an API server, one file each (`kubectl get --raw /openapi/v3/apis/apps/v1 > apps_v1.json`).
 * GO_MODULES is `$(go env GOMODCACHE)/k8s.io`, in which the versions of the same release lie: which fields the server leaves out when they are empty
 * is told by Go's struct tags alone. The texts are those of the Kubernetes project (Apache License 2.0).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readGoTypes, type GoField } from './generate-go.ts'
import { shortName } from './names.ts'

/* oxlint-disable typescript/no-explicit-any */

const [openapi, modules] = process.argv.slice(2)
if (openapi === undefined || modules === undefined) {
  process.stderr.write('usage: node generate.ts OPENAPI_DIRECTORY GO_MODULES (see the comment at the top of this file)\n')
  process.exit(2)
}

const schemas: Record<string, any> = {}
for (const file of readdirSync(openapi).filter((each) => each.endsWith('.json'))) {
  Object.assign(schemas, JSON.parse(readFileSync(join(openapi, file), 'utf8')).components.schemas)
}
const go = readGoTypes(modules)

/** `string`, `[]core.v1.Container`, `{}string`: the type of a field in one word. */
function typeOf(schema: any): string {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (reference) return shortName(reference.slice(reference.lastIndexOf('/') + 1))
  if (schema.type === 'array') return `[]${typeOf(schema.items)}`
  if (schema.type === 'object' && schema.additionalProperties) return `{}${typeOf(schema.additionalProperties)}`
  if (schema.type === 'object' || schema.type === undefined) return 'any'
  if (schema.format === 'byte') return 'bytes'
  if (schema.type === 'integer' || schema.type === 'number') return schema.format ?? schema.type
  return schema.type
}

/** pointer: kept where it is set at all. zero: left out where it is empty. always: written even where it is empty. */
function presenceOf(field: GoField | undefined, schema: any): string {
  if (field === undefined) return schema.default === undefined ? 'zero' : 'always'
  if (field.pointer) return field.omit ? 'pointer' : 'null'
  return field.omit && !(field.omit === 'empty' && isStruct(schema)) ? 'zero' : 'always'
}

const VALUE_LIKE = /\.(RawExtension|JSON|FieldsV1|JSONSchemaPropsOrArray|JSONSchemaPropsOrBool|JSONSchemaPropsOrStringArray)$/

function isStruct(schema: any): boolean {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  return reference !== undefined && !VALUE_LIKE.test(reference)
}

function fieldToken(schema: any, name: string, field: GoField | undefined, required: boolean): string {
  const words = [typeOf(schema), presenceOf(field, schema)]
  const list = schema['x-kubernetes-list-type'] ?? schema['x-kubernetes-map-type']
  if (required) words.push('required')
  if (list) words.push(`list=${list}`)
  if (schema['x-kubernetes-list-map-keys']) words.push(`keys=${schema['x-kubernetes-list-map-keys'].join()}`)
  if (schema['x-kubernetes-patch-strategy']) words.push(`patch=${schema['x-kubernetes-patch-strategy']}`)
  if (schema['x-kubernetes-patch-merge-key']) words.push(`merge=${schema['x-kubernetes-patch-merge-key']}`)
  if (schema.enum) words.push(`enum=${schema.enum.join()}`)
  if (schema.default !== undefined) words.push(`default=${JSON.stringify(schema.default)}`)
  if (field && field.type !== plainGoType(schema)) words.push(`go=${field.type}`)
  if (field?.inside) words.push(`in=${field.inside}`)
  if (words.some((word) => word.includes(' '))) throw new Error(`${name}: a word with a space in ${JSON.stringify(words)}`)
  return words.join(' ')
}

/** The Go type that goes without saying. */
function plainGoType(schema: any): string {
  const type = typeOf(schema)
  if (type === 'boolean') return 'bool'
  if (type === 'bytes') return '[]uint8'
  if (type === 'double') return 'float64'
  return type
    .replaceAll('{}', 'map[string]')
    .replace(/\bbytes$/, '[]uint8')
    .replace(/[\w-]+\.(v\w+)\.(\w+)$/, '$1.$2')
}

const types: Record<string, Record<string, string>> = {}
const kinds: Record<string, string> = {}
const texts: Record<string, Record<string, string>> = {}
for (const full of Object.keys(schemas).toSorted()) {
  const schema = schemas[full]
  const name = shortName(full)
  for (const each of schema['x-kubernetes-group-version-kind'] ?? []) {
    if (schema.properties?.metadata || each.kind === 'Status')
      kinds[[each.group, each.version, each.kind].join('/').replace(/^\//, '')] = name
  }
  const fields: Record<string, string> = {}
  const words = [
    schema.properties ? '' : typeOf(schema),
    schema.format ?? '',
    schema['x-kubernetes-map-type'] ? `list=${schema['x-kubernetes-map-type']}` : '',
  ]
  const self = words.filter(Boolean).join(' ')
  if (self) fields[''] = self
  const text: Record<string, string> = {}
  if (schema.description) text[''] = schema.description
  // In the order of the Go struct, which is the order in which the server writes them.
  const order = [...(go.get(name)?.keys() ?? [])]
  const properties = Object.entries<any>(schema.properties ?? {}).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
  for (const [key, property] of properties) {
    fields[key] = fieldToken(property, `${full}.${key}`, go.get(name)?.get(key), schema.required?.includes(key) ?? false)
    if (property.description) text[key] = property.description
  }
  if (schema.properties && !go.has(name)) process.stderr.write(`no Go type for ${name}: its empty fields are taken to be left out\n`)
  types[name] = fields
  texts[name] = text
}

const lines = (record: Record<string, unknown>): string =>
  Object.entries(record)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')
const here = import.meta.dirname
writeFileSync(join(here, 'structure.json'), `{\n"kinds": {\n${lines(kinds)}\n},\n"types": {\n${lines(types)}\n}\n}\n`)

// Texts that many types share (of metadata, kind, conditions) stand once; the types name them by number.
const uses = new Map<string, number>()
for (const text of Object.values(texts)) for (const each of Object.values(text)) uses.set(each, (uses.get(each) ?? 0) + 1)
const shared = [...uses].filter(([text, count]) => count > 2 && text.length > 20).map(([text]) => text)
const numbers = new Map(shared.map((text, index) => [text, index]))
for (const text of Object.values<Record<string, string | number>>(texts)) {
  for (const [key, each] of Object.entries(text)) text[key] = numbers.get(each as string) ?? each
}
const sharedLines = shared.map((each) => JSON.stringify(each)).join(',\n')
writeFileSync(join(here, 'descriptions.json'), `{\n"shared": [\n${sharedLines}\n],\n"types": {\n${lines(texts)}\n}\n}\n`)
