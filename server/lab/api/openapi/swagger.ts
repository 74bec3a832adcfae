/** The one OpenAPI v2 document of a server, from the v3 documents of its group versions: what kubectl up to 1.26 explains, validates and dry-runs by. */

export type Schema = Record<string, unknown>

/** A document of one group version, as far as it is read here (resources/schema/open-api.ts makes it). */
export interface OpenApiV3 {
  paths: Record<string, Record<string, unknown>>
  components: { schemas: Record<string, Schema> }
}

export interface Swagger {
  swagger: '2.0'
  info: { title: string; version: string }
  paths: Record<string, Record<string, unknown>>
  definitions: Record<string, Schema>
}

const KINDS = 'x-kubernetes-group-version-kind'
const PRESERVE = 'x-kubernetes-preserve-unknown-fields'

/** `version` is the server's, `v1.20.1`. */
export function swaggerOf(documents: readonly OpenApiV3[], version: string): Swagger {
  const definitions: Record<string, Schema> = {}
  const paths: Swagger['paths'] = {}
  for (const document of documents) {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const known = definitions[name]
      if (known === undefined) definitions[name] = schemaV2(schema)
      else if (schema[KINDS] !== undefined) known[KINDS] = mergeKinds(known[KINDS] as object[] | undefined, schema[KINDS] as object[])
    }
    for (const [path, item] of Object.entries(document.paths)) paths[path] = pathV2(item)
  }
  return { swagger: '2.0', info: { title: 'Kubernetes', version }, paths: sorted(paths), definitions: sorted(definitions) }
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** One type may be the shape of a kind in several group versions. */
function mergeKinds(known: object[] | undefined, more: object[]): object[] {
  const all = [...(known ?? []), ...more].map((kind) => JSON.stringify(kind))
  return [...new Set(all)].map((kind) => JSON.parse(kind) as object)
}

/** A schema in version 2, which knows no alternatives (kube-openapi's schemaconv, and ToStructuralOpenAPIV2 of apiextensions for custom resources). */
function schemaV2(schema: Schema): Schema {
  const { allOf, oneOf, anyOf: _any, not: _not, nullable, items, properties, additionalProperties, ...rest } = schema
  const wrapped = Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as Schema)['$ref'] : undefined
  const reference = (schema['$ref'] ?? wrapped) as string | undefined
  if (reference !== undefined) {
    const { description } = schema
    return { $ref: reference.replace('#/components/schemas/', '#/definitions/'), ...(description === undefined ? {} : { description }) }
  }
  const out: Schema = { ...rest }
  // kubectl cannot read a type that may be something else too
  const open = nullable === true || out[PRESERVE] === true
  if (open) delete out['type']
  if (Array.isArray(oneOf) && out['type'] === undefined && !open) out['type'] = 'string'
  if (items !== undefined && !open) out['items'] = schemaV2(items as Schema)
  if (out['type'] === 'array' && out['items'] === undefined) delete out['type']
  if (properties !== undefined && !open) out['properties'] = mapValues(properties as Record<string, Schema>, schemaV2)
  if (additionalProperties !== undefined && !open) {
    out['additionalProperties'] = typeof additionalProperties === 'object' ? schemaV2(additionalProperties as Schema) : additionalProperties
  }
  return out
}

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  schema: Schema
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }>; required: boolean }
  responses: Record<string, { description: string; content: Record<string, { schema: Schema }> }>
}

const parameterV2 = ({ schema, ...rest }: Parameter): object => ({ ...rest, ...schema })

function operationV2({ parameters = [], requestBody, responses, ...extensions }: Operation): object {
  const consumes = Object.keys(requestBody?.content ?? { '*/*': {} })
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  return {
    consumes,
    produces: ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'],
    parameters: [...(body ? [{ name: 'body', in: 'body', required: true, schema: schemaV2(body) }] : []), ...parameters.map(parameterV2)],
    responses: mapValues(responses, ({ description, content }) => {
      const schema = Object.values(content)[0]?.schema
      return { description, ...(schema ? { schema: schemaV2(schema) } : {}) }
    }),
    ...extensions,
  }
}

function pathV2(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) =>
      key === 'parameters' ? [key, (value as Parameter[]).map(parameterV2)] : [key, operationV2(value as Operation)],
    ),
  )
}
