/**
 * A v2 document as protobuf, by the message types of gnostic's OpenAPIv2.proto (openapi.v2.Document): the only form in which kubectl asks for it. Values of
 * any type travel as YAML in a string; JSON is YAML.
 */
import protobuf from 'protobufjs/minimal.js'
import type { Schema, Swagger } from './swagger.ts'

type Writer = protobuf.Writer
type Fields = Record<string, unknown>

const LENGTH_DELIMITED = 2
const VARINT = 0
const DOUBLE = 1

function message(writer: Writer, field: number, write: (writer: Writer) => void): void {
  write(writer.uint32((field << 3) | LENGTH_DELIMITED).fork())
  writer.ldelim()
}

function text(writer: Writer, field: number, value: unknown): void {
  if (typeof value === 'string' && value !== '') writer.uint32((field << 3) | LENGTH_DELIMITED).string(value)
}

function texts(writer: Writer, field: number, values: unknown): void {
  for (const value of (values ?? []) as string[]) writer.uint32((field << 3) | LENGTH_DELIMITED).string(value)
}

function flag(writer: Writer, field: number, value: unknown): void {
  if (value === true) writer.uint32((field << 3) | VARINT).bool(true)
}

/** `Any`: its yaml is field 2. */
function any(writer: Writer, field: number, value: unknown): void {
  if (value !== undefined) message(writer, field, (inner) => text(inner, 2, JSON.stringify(value)))
}

/** NamedX: name 1, value 2. */
function named(writer: Writer, field: number, name: string, write: (writer: Writer) => void): void {
  message(writer, field, (inner) => {
    text(inner, 1, name)
    message(inner, 2, write)
  })
}

/** NamedAny of everything that begins with `x-`. */
function extensions(writer: Writer, field: number, object: Fields): void {
  for (const [name, value] of Object.entries(object)) {
    if (name.startsWith('x-')) named(writer, field, name, (inner) => text(inner, 2, JSON.stringify(value)))
  }
}

const SCHEMA_NUMBERS: Record<string, [field: number, wire: 'double' | 'int64']> = {
  multipleOf: [6, 'double'],
  maximum: [7, 'double'],
  minimum: [9, 'double'],
  maxLength: [11, 'int64'],
  minLength: [12, 'int64'],
  maxItems: [14, 'int64'],
  minItems: [15, 'int64'],
  maxProperties: [17, 'int64'],
  minProperties: [18, 'int64'],
}

function writeSchema(writer: Writer, schema: Schema): void {
  text(writer, 1, schema['$ref'])
  text(writer, 2, schema['format'])
  text(writer, 3, schema['title'])
  text(writer, 4, schema['description'])
  any(writer, 5, schema['default'])
  for (const [name, [field, wire]] of Object.entries(SCHEMA_NUMBERS)) {
    const value = schema[name]
    if (typeof value !== 'number') continue
    if (wire === 'double') writer.uint32((field << 3) | DOUBLE).double(value)
    else writer.uint32((field << 3) | VARINT).int64(value)
  }
  flag(writer, 8, schema['exclusiveMaximum'])
  flag(writer, 10, schema['exclusiveMinimum'])
  text(writer, 13, schema['pattern'])
  flag(writer, 16, schema['uniqueItems'])
  texts(writer, 19, schema['required'])
  for (const value of (schema['enum'] ?? []) as unknown[]) any(writer, 20, value)
  const more = schema['additionalProperties']
  if (more !== undefined) {
    message(writer, 21, (inner) => {
      if (typeof more === 'object') message(inner, 1, (value) => writeSchema(value, more as Schema))
      else inner.uint32((2 << 3) | VARINT).bool(Boolean(more))
    })
  }
  const type = schema['type']
  if (type !== undefined) message(writer, 22, (inner) => texts(inner, 1, [type]))
  const items = schema['items']
  if (items !== undefined) message(writer, 23, (inner) => message(inner, 1, (value) => writeSchema(value, items as Schema)))
  const properties = schema['properties']
  if (properties !== undefined) {
    message(writer, 25, (inner) => {
      for (const [name, each] of Object.entries(properties as Fields)) named(inner, 1, name, (value) => writeSchema(value, each as Schema))
    })
  }
  extensions(writer, 31, schema)
}

/** BodyParameter. */
function writeBody(writer: Writer, parameter: Fields): void {
  text(writer, 1, parameter['description'])
  text(writer, 2, parameter['name'])
  text(writer, 3, parameter['in'])
  flag(writer, 4, parameter['required'])
  message(writer, 5, (inner) => writeSchema(inner, parameter['schema'] as Schema))
}

/** QueryParameterSubSchema, or PathParameterSubSchema, which has no allowEmptyValue and so other numbers after it. */
function writeSimple(writer: Writer, parameter: Fields, last: { type: number; unique: number }): void {
  flag(writer, 1, parameter['required'])
  text(writer, 2, parameter['in'])
  text(writer, 3, parameter['description'])
  text(writer, 4, parameter['name'])
  text(writer, last.type, parameter['type'])
  flag(writer, last.unique, parameter['uniqueItems'])
}

/** ParametersItem: a parameter (1), which has a body (1) or is something else (2): a query's (3) or a path's (4). */
function writeParameter(writer: Writer, field: number, parameter: Fields): void {
  message(writer, field, (item) =>
    message(item, 1, (inner) => {
      if (parameter['in'] === 'body') return message(inner, 1, (body) => writeBody(body, parameter))
      message(inner, 2, (other) => {
        if (parameter['in'] === 'query') message(other, 3, (query) => writeSimple(query, parameter, { type: 6, unique: 20 }))
        else message(other, 4, (path) => writeSimple(path, parameter, { type: 5, unique: 19 }))
      })
    }),
  )
}

interface Response {
  description: string
  schema?: Schema
}

/** Responses: by code (1) a value that has a response (1). */
function writeResponses(writer: Writer, responses: Record<string, Response>): void {
  for (const [code, { description, schema }] of Object.entries(responses)) {
    named(writer, 1, code, (value) =>
      message(value, 1, (response) => {
        text(response, 1, description)
        if (schema) message(response, 2, (item) => message(item, 1, (inner) => writeSchema(inner, schema)))
      }),
    )
  }
}

function writeOperation(writer: Writer, operation: Fields): void {
  texts(writer, 6, operation['produces'])
  texts(writer, 7, operation['consumes'])
  for (const parameter of (operation['parameters'] ?? []) as Fields[]) writeParameter(writer, 8, parameter)
  message(writer, 9, (inner) => writeResponses(inner, operation['responses'] as Record<string, Response>))
  extensions(writer, 13, operation)
}

const METHODS: [name: string, field: number][] = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['patch', 8],
]

function writePath(writer: Writer, item: Fields): void {
  for (const [name, field] of METHODS) {
    const operation = item[name]
    if (operation !== undefined) message(writer, field, (inner) => writeOperation(inner, operation as Fields))
  }
  for (const parameter of (item['parameters'] ?? []) as Fields[]) writeParameter(writer, 9, parameter)
}

/** The bytes of an openapi.v2.Document. */
export function encodeSwagger(document: Swagger): Uint8Array {
  const writer = protobuf.Writer.create()
  text(writer, 1, document.swagger)
  message(writer, 2, (info) => {
    text(info, 1, document.info.title)
    text(info, 2, document.info.version)
  })
  message(writer, 8, (paths) => {
    for (const [path, item] of Object.entries(document.paths)) named(paths, 2, path, (inner) => writePath(inner, item))
  })
  message(writer, 9, (definitions) => {
    for (const [name, schema] of Object.entries(document.definitions)) named(definitions, 1, name, (inner) => writeSchema(inner, schema))
  })
  return writer.finish()
}
