/**
 * Decoding of objects as Go's typed decoders do it: unknown fields are named, wrong types refused, and what comes out is what the server's encoder
 * would write, empty fields left out or filled in by the rules of their struct tags.
 */
import { canonicalQuantity, parseQuantity, QUANTITY_MESSAGE } from '../kit/quantity.ts'
import { decodeBytes, decodeTime, isWholeNumber } from './decode-values.ts'
import { structOf, type FieldShape, type StructShape, type TypeShape } from './shapes.ts'

export interface Decoded {
  /** The object in the server's form: a copy, unknown fields dropped. */
  object: Record<string, unknown>
  /** `unknown field "spec.replcas"`, in the order of the document: what strict decoding refuses and others warn of. */
  strict: string[]
  /** The first value that does not fit its field, in the words of encoding/json (or of the unstructured converter); null where all fit. */
  error: string | null
}

/** Where a value came from: a JSON body, or an object that a strategic merge patch was applied to, which Go converts field by field. */
export type Source = 'json' | 'patch'

interface Step {
  key: string
  /** The struct that has the field. */
  struct: StructShape
  field: FieldShape
}

interface Walk {
  source: Source
  strict: string[]
  error: string | null
  /** Fields, indices and keys on the way to the value at hand. */
  way: (Step | number | string)[]
}

/** Decodes a built-in object. `source` decides the words of errors alone. */
export function decodeObject(value: object, shape: StructShape, source: Source = 'json'): Decoded {
  const walk: Walk = { source, strict: [], error: null, way: [] }
  return { object: decodeStruct(value as Record<string, unknown>, shape, walk), strict: walk.strict, error: walk.error }
}

/** Brings an object into the server's form, in place. What does not fit its field stays, for validation to name it. */
export function normalize(object: object, shape: StructShape): void {
  const target = object as Record<string, unknown>
  const clean = decodeObject(target, shape).object
  for (const key of Object.keys(target)) if (!(key in clean)) delete target[key]
  Object.assign(target, clean)
}

function decodeStruct(value: Record<string, unknown>, shape: StructShape, walk: Walk): Record<string, unknown> {
  const { way } = walk
  // Errors come in the order of the document, the result in that of the struct.
  const decoded: Record<string, unknown> = {}
  for (const key in value) {
    const given = value[key]
    const field = shape.fields.get(key)
    if (field === undefined) {
      walk.strict.push(`unknown field "${pathText(way, key)}"`)
      continue
    }
    if (given === null || given === undefined) continue
    way.push({ key, struct: shape, field })
    decoded[key] = decodeValue(given, field.type, walk)
    way.pop()
  }
  const result: Record<string, unknown> = {}
  for (const [key, field] of shape.fields) {
    const filled = presentValue(decoded[key], field)
    if (filled !== undefined) result[key] = filled
  }
  return result
}

function decodeValue(value: unknown, type: TypeShape, walk: Walk): unknown {
  switch (type.is) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, 'string', walk)
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value, 'bool', walk)
    case 'number':
      return isNumber(value, type.go) ? value : refuse(value, type.go, walk)
    case 'list':
      return Array.isArray(value) ? decodeList(value, type.of, walk) : refuse(value, 'slice', walk)
    case 'map':
      return isRecord(value) ? decodeMap(value, type.of, walk) : refuse(value, 'map', walk)
    case 'struct':
      return isRecord(value) ? decodeStruct(value, structOf(type.name), walk) : refuse(value, 'struct', walk)
    case 'quantity':
      return parseQuantity(value) === null ? fail(walk, value, quantityError(value)) : canonicalQuantity(value)
    case 'intOrString':
      return typeof value === 'string' || isNumber(value, 'int32') ? value : refuseAs(value, 'int32', walk)
    case 'duration':
      return typeof value === 'string' ? value : refuseAs(value, 'string', walk)
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') return refuseAs(value, 'string', walk)
      const time = decodeTime(value, type.is)
      return time.error === undefined ? time.text : fail(walk, value, time.error)
    }
    case 'bytes': {
      if (typeof value !== 'string') return refuse(value, 'slice', walk)
      const bytes = decodeBytes(value)
      if (bytes.error === undefined) return bytes.text
      return fail(walk, value, walk.source === 'patch' ? `error decoding from json: ${bytes.error}` : bytes.error)
    }
    case 'any':
      return value
  }
}

function decodeList(value: unknown[], of: TypeShape, walk: Walk): unknown[] {
  return value.map((item, index) => {
    if (item === null) return zeroValue(of)
    walk.way.push(index)
    const decoded = decodeValue(item, of, walk)
    walk.way.pop()
    return decoded
  })
}

function decodeMap(value: Record<string, unknown>, of: TypeShape, walk: Walk): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const key in value) {
    const item = value[key]
    if (item === null || item === undefined) {
      // no bytes come back from the server's storage as empty ones
      result[key] = of.is === 'bytes' ? '' : zeroValue(of)
      continue
    }
    walk.way.push(key)
    result[key] = decodeValue(item, of, walk)
    walk.way.pop()
  }
  return result
}

function fail(walk: Walk, value: unknown, message: string): unknown {
  walk.error ??= message
  return value
}

/** Refuses a value of the wrong JSON type; `kind` is Go's word for what was wanted. */
function refuse(value: unknown, kind: string, walk: Walk): unknown {
  if (walk.error !== null) return value
  if (walk.source === 'patch') return fail(walk, value, converterError(value, kind, wantedType(walk)))
  return refuseAs(value, wantedType(walk), walk, kind)
}

function refuseAs(value: unknown, goType: string, walk: Walk, kind = goType): unknown {
  const struct = lastStep(walk)?.struct.name.split('.').at(-1) ?? ''
  return fail(
    walk,
    value,
    `json: cannot unmarshal ${jsonKind(value, kind)} into Go struct field ${struct}.${goPath(walk)} of type ${goType}`,
  )
}

function lastStep({ way }: Walk): Step | undefined {
  return way.findLast((each) => typeof each === 'object')
}

/** The Go type at the place: the field's, or that of the items of its list or map. */
function wantedType({ way }: Walk): string {
  const at = way.findLastIndex((each) => typeof each === 'object')
  let type = (way[at] as Step).field.goType
  for (let depth = way.length - 1 - at; depth > 0; depth--) type = type.replace(/^(\[\]|map\[[\w.]+\])/, '')
  return type
}

/** `spec.containers.livenessProbe.ProbeHandler.httpGet.port`: fields and embedded structs alone, as encoding/json names the way. */
function goPath({ way }: Walk): string {
  const fields = way.filter((each) => typeof each === 'object')
  return fields.map(({ key, field }) => (field.inside === undefined ? key : `${field.inside}.${key}`)).join('.')
}

/** `spec.containers[0].imgae` */
function pathText(way: Walk['way'], key: string): string {
  let text = ''
  for (const each of [...way, key]) {
    if (typeof each === 'number') text += `[${each}]`
    else text += `${text === '' ? '' : '.'}${typeof each === 'string' ? each : each.key}`
  }
  return text
}

/** apimachinery's runtime/converter.go fromUnstructured. */
function converterError(value: unknown, kind: string, goType: string): string {
  const source = goKind(value)
  if (kind === 'struct') return `cannot restore struct from: ${source}`
  if (kind === 'slice' || kind === 'map') return `cannot restore ${kind} from ${source}`
  // Go takes a conversion from number to string for possible, and then does not do it.
  if (kind === 'string' && source === 'int64') return `cannot convert int64 to ${goType}`
  return `unrecognized type: ${kind}`
}

function goKind(value: unknown): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return Array.isArray(value) ? 'slice' : 'map'
}

/** What encoding/json calls a value; a number that does not fit an integer is named with its digits. */
function jsonKind(value: unknown, into: string): string {
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return into.startsWith('int') ? `number ${value}` : 'number'
  return Array.isArray(value) ? 'array' : 'object'
}

function quantityError(value: unknown): string {
  return /^[+-]?(\d+\.?\d*|\.\d+)[eEinumkKMGTP]+$/.test(String(value)) ? "unable to parse quantity's suffix" : QUANTITY_MESSAGE
}

/** What a field becomes by the rules of its struct tag; undefined where it is left out. */
function presentValue(value: unknown, field: FieldShape): unknown {
  if (value === undefined) {
    if (field.presence === 'always') return zeroValue(field.type)
    return field.presence === 'null' ? null : undefined
  }
  if (field.presence === 'zero') return isEmpty(value) ? undefined : value
  // An empty list does not survive the server's storage.
  return field.presence === 'always' && field.type.is === 'list' && isEmpty(value) ? null : value
}

function isEmpty(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === null) return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

function zeroValue(type: TypeShape): unknown {
  switch (type.is) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'number':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'struct':
      return decodeStruct({}, structOf(type.name), { source: 'json', strict: [], error: null, way: [] })
    default:
      return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isNumber(value: unknown, go: string): boolean {
  if (typeof value !== 'number') return false
  return go === 'int32' || go === 'int64' || go === 'integer' ? isWholeNumber(value, go) : true
}
