import type { FieldError } from '../definition.ts'

/** The message of a field that may not change after creation. */
export const IMMUTABLE = 'field is immutable'

/** In place of a value that a message leaves out (field.OmitValueType). */
export const OMITTED = Symbol('omitted')

export function required(field: string, detail = ''): FieldError {
  return { type: 'Required', field, detail }
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'Invalid', field, value, detail }
}

/** `supported` in the order that the server prints: sets are sorted there. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((each) => JSON.stringify(each)).join(', ')
  return { type: 'NotSupported', field, value, detail: list === '' ? '' : `supported values: ${list}` }
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: 'Forbidden', field, detail }
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'Duplicate', field, value, detail: '' }
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: 'NotFound', field, value, detail: '' }
}

/** A string of more than `limit` bytes. */
export function tooLong(field: string, limit: number): FieldError {
  return { type: 'TooLong', field, detail: `may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}` }
}

export function internal(field: string, detail: string): FieldError {
  return { type: 'Internal', field, detail }
}

const TYPE_TEXT: Record<FieldError['type'], string> = {
  Required: 'Required value',
  Invalid: 'Invalid value',
  NotSupported: 'Unsupported value',
  Forbidden: 'Forbidden',
  Duplicate: 'Duplicate value',
  NotFound: 'Not found',
  TooLong: 'Too long',
  TooMany: 'Too many',
  TypeInvalid: 'Invalid value',
  Internal: 'Internal error',
}

const WITHOUT_VALUE: ReadonlySet<FieldError['type']> = new Set(['Required', 'Forbidden', 'TooLong', 'Internal'])

/** The reason that a Status carries for one error of a field, as field.Error's types are written there: `FieldValueInvalid`. */
export const CAUSE_REASON: Record<FieldError['type'], string> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  Duplicate: 'FieldValueDuplicate',
  NotFound: 'FieldValueNotFound',
  TooLong: 'FieldValueTooLong',
  TooMany: 'FieldValueTooMany',
  TypeInvalid: 'FieldValueTypeInvalid',
  Internal: 'InternalError',
}

/** The message without the field's path, as a Status' causes have it: `Invalid value: 80: must be ...` (field.Error ErrorBody). */
export function errorBody(error: FieldError): string {
  const head = TYPE_TEXT[error.type]
  const value = WITHOUT_VALUE.has(error.type) || error.value === OMITTED ? '' : `: ${goJson(error.value)}`
  return `${head}${value}${error.detail === '' ? '' : `: ${error.detail}`}`
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
function errorText(error: FieldError): string {
  return `${error.field}: ${errorBody(error)}`
}

/** All errors of an object as one text: one bare, several in brackets (utilerrors.Aggregate, which drops repetitions). */
export function errorsText(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(errorText))]
  return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
}

/** JSON as Go's encoder writes it into messages: `<`, `>` and `&` escaped inside values that are not plain strings. */
function goJson(value: unknown): string {
  if (value === undefined) return 'null'
  const text = JSON.stringify(value)
  if (typeof value === 'string') return text
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
