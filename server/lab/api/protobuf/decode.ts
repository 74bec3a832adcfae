/**
 * Protobuf bodies to plain objects. messages.json holds the field numbers, drawn from the generated.proto and types.go files of k8s.io/api 0.35. An entry is
 * [JSON name, type], where the type is preceded by `[]` for a list, `{}` for a map with string keys, `>` for a struct that JSON inlines, and `*` for a
 * field whose zero value is meant (a pointer, or one without omitempty): Go writes zero values of all others on the wire, and JSON has none of them.
 */
import { createRequire } from 'node:module'
import protobuf from 'protobufjs/minimal.js'
import { ApiError, badRequest } from '../../store/api-error.ts'
import { goQuote } from '../go-words.ts'

type Fields = Record<string, [string, string]>
type Reader = protobuf.Reader

const { kinds, messages } = createRequire(import.meta.url)('./messages.json') as {
  kinds: Record<string, string>
  messages: Record<string, Fields>
}

const MAGIC = Buffer.from('k8s\0')

/** Types that JSON writes in a way of their own. */
const SPECIAL: Record<string, (reader: Reader, end: number) => unknown> = {
  'meta.v1.Time': (reader, end) => time(readMessage('meta.v1.Time', reader, end), 0),
  'meta.v1.MicroTime': (reader, end) => time(readMessage('meta.v1.MicroTime', reader, end), 6),
  'api.resource.Quantity': (reader, end) => readMessage('api.resource.Quantity', reader, end).string ?? '0',
  'authorization.v1.ExtraValue': (reader, end) => readMessage('authorization.v1.ExtraValue', reader, end).items ?? [],
  'authentication.v1.ExtraValue': (reader, end) => readMessage('authentication.v1.ExtraValue', reader, end).items ?? [],
  'util.intstr.IntOrString': (reader, end) => {
    const { type, intVal, strVal } = readMessage('util.intstr.IntOrString', reader, end)
    return type === 1 ? (strVal ?? '') : (intVal ?? 0)
  },
  'meta.v1.FieldsV1': (reader, end) => embedded(readMessage('meta.v1.FieldsV1', reader, end)['-']),
  'runtime.RawExtension': (reader, end) => embedded(readMessage('runtime.RawExtension', reader, end).raw),
}

function embedded(raw: unknown): unknown {
  return typeof raw === 'string' ? JSON.parse(Buffer.from(raw, 'base64').toString()) : {}
}

function time(fields: Record<string, unknown>, digits: number): string | undefined {
  const seconds = Number(fields.seconds ?? 0)
  if (seconds === 0) return undefined
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  const fraction = digits === 0 ? '' : `.${String(Math.floor(Number(fields.nanos ?? 0) / 1000)).padStart(6, '0')}`
  return `${text}${fraction}Z`
}

function scalar(type: string, reader: Reader): unknown {
  switch (type) {
    case 'string':
      return reader.string()
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64')
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'int64':
      return Number(reader.int64())
    case 'double':
      return reader.double()
    default:
      throw badRequest(`a field of type ${type} cannot be read`)
  }
}

const SCALARS = new Set(['string', 'bytes', 'bool', 'int32', 'int64', 'double'])

function value(type: string, reader: Reader): unknown {
  if (SCALARS.has(type)) return scalar(type, reader)
  const end = reader.uint32() + reader.pos
  const special = SPECIAL[type]
  const result = special ? special(reader, end) : readMessage(type, reader, end)
  if (reader.pos !== end) throw badRequest(`a message of type ${type} does not end where it says`)
  return result
}

/** Deepest nesting that is read: more than any kind has, JSONSchemaProps aside. */
const MAX_DEPTH = 64
let depth = 0

function readMessage(type: string, reader: Reader, end: number): Record<string, unknown> {
  const fields = messages[type]
  if (!fields) throw badRequest(`messages of type ${type} cannot be read`)
  if (++depth > MAX_DEPTH) throw badRequest('the body is nested too deeply')
  const result: Record<string, unknown> = {}
  try {
    while (reader.pos < end) readField(fields, reader, result)
  } finally {
    depth--
  }
  return result
}

function readField(fields: Fields, reader: Reader, result: Record<string, unknown>): void {
  const tag = reader.uint32()
  const field = fields[tag >>> 3]
  if (!field) {
    reader.skipType(tag & 7)
    return
  }
  const [name, encoded] = field
  if (encoded.startsWith('[]')) {
    const list = (result[name] ??= []) as unknown[]
    list.push(value(encoded.slice(2), reader))
  } else if (encoded.startsWith('{}')) {
    const map = (result[name] ??= {}) as Record<string, unknown>
    readEntry(encoded.slice(2), reader, map)
  } else if (encoded.startsWith('>')) {
    Object.assign(result, value(encoded.slice(1), reader))
  } else if (encoded.startsWith('*')) {
    const read = value(encoded.slice(1), reader)
    if (read !== undefined) result[name] = read
  } else {
    const read = value(encoded, reader)
    if (!isZero(read)) result[name] = read
  }
}

function readEntry(type: string, reader: Reader, map: Record<string, unknown>): void {
  const end = reader.uint32() + reader.pos
  let key = ''
  let entry: unknown = SCALARS.has(type) ? (type === 'string' || type === 'bytes' ? '' : 0) : {}
  while (reader.pos < end) {
    const tag = reader.uint32()
    if (tag >>> 3 === 1) key = reader.string()
    else if (tag >>> 3 === 2) entry = value(type, reader)
    else reader.skipType(tag & 7)
  }
  Object.defineProperty(map, key, { value: entry, enumerable: true, writable: true, configurable: true })
}

function isZero(read: unknown): boolean {
  if (read === undefined || read === '' || read === 0 || read === false) return true
  return typeof read === 'object' && read !== null && Object.keys(read).length === 0
}

function unknownKind(apiVersion: string, kind: string, wanted: string): ApiError {
  const version = apiVersion.split('/').at(-1)
  const why = `no kind ${goQuote(kind)} is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${wanted}: ${why}`)
}

/**
 * A body of type application/vnd.kubernetes.protobuf: the magic number, then runtime.Unknown{typeMeta, raw}, raw being the object. What it does not
 * say of its kind is `defaults`. `refuse` throws for what is broken; a kind that the lab does not read as protobuf is a BadRequest.
 */
export function decodeProtobuf(
  body: Buffer,
  defaults: { apiVersion: string; kind: string } | null,
  refuse: (why: string) => never,
): Record<string, unknown> {
  if (!body.subarray(0, 4).equals(MAGIC)) {
    refuse('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  }
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = Buffer.alloc(0)
  try {
    const reader = protobuf.Reader.create(body.subarray(4))
    while (reader.pos < reader.len) {
      const tag = reader.uint32()
      if (tag >>> 3 === 1) {
        const end = reader.uint32() + reader.pos
        while (reader.pos < end) {
          const inner = reader.uint32()
          if (inner >>> 3 === 1) apiVersion = reader.string()
          else if (inner >>> 3 === 2) kind = reader.string()
          else reader.skipType(inner & 7)
        }
      } else if (tag >>> 3 === 2) raw = reader.bytes()
      else reader.skipType(tag & 7)
    }
    kind ||= defaults?.kind ?? ''
    apiVersion ||= defaults?.apiVersion ?? ''
    const type = kinds[`${kind === 'DeleteOptions' ? 'meta.k8s.io/v1' : apiVersion}/${kind}`]
    if (type === undefined) throw unknownKind(apiVersion, kind, defaults?.kind ?? kind)
    const reader2 = protobuf.Reader.create(raw)
    return { apiVersion, kind, ...readMessage(type, reader2, reader2.len) }
  } catch (error) {
    // whatever the library says of it, the body is broken
    if (error instanceof Error && !(error instanceof ApiError)) {
      const wireType = /invalid wire type (\d)/.exec(error.message)
      refuse(wireType ? `proto: illegal wireType ${wireType[1]}` : 'unexpected EOF')
    }
    throw error
  }
}
