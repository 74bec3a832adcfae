/** Objects as the API server's inner types print them: Go's field names, every field, in Go's order. Some refusals quote a spec in that form. */
import { readFileSync } from 'node:fs'
import { unifiedDiff } from './unified-diff.ts'

type Fields = string[]

let types: Record<string, Fields> | undefined

function fieldsOf(name: string): Fields | undefined {
  types ??= JSON.parse(readFileSync(new URL('./internal.json', import.meta.url), 'utf8')) as Record<string, Fields>
  return types[name]
}

/** Inner fields that stand elsewhere in the outer form: of a pod's security context, in the pod's spec. */
const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']

/**
 * The inner form of a value of an inner type (`PodSpec`, `PodTemplateSpec`), as JSON. What has JSON names inside too (metadata, label selectors, times)
 * keeps them.
 */
export function internalForm(type: string, value: unknown): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : internalForm(type.slice(1), value)
  if (type.startsWith('[]')) return Array.isArray(value) ? value.map((each) => internalForm(type.slice(2), each)) : null
  if (type.startsWith('map')) {
    if (!isRecord(value)) return null
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(entries.map(([key, each]) => [key, internalForm(type.slice(3), each)]))
  }
  const fields = fieldsOf(type)
  if (fields !== undefined) return structForm(type, fields, isRecord(value) ? value : {})
  if (value !== undefined && value !== null) return value
  return ZEROS[type] ?? (/^u?int\d*$/.test(type) ? 0 : null)
}

const ZEROS: Record<string, unknown> = {
  string: '',
  bool: false,
  'intstr.IntOrString': 0,
  'resource.Quantity': '0',
  'metav1.ObjectMeta': {},
}

function structForm(type: string, fields: Fields, value: Record<string, unknown>): Record<string, unknown> {
  const given = type === 'PodSpec' ? withHostFields(value) : value
  const byName = new Map(Object.entries(given).map(([key, each]) => [key.toLowerCase(), each]))
  const result: Record<string, unknown> = {}
  for (const field of fields) {
    const [name = '', fieldType = ''] = field.split(' ')
    // An embedded struct's fields are the struct's own; metadata is embedded with JSON names.
    if (name === '+') Object.assign(result, internalForm(fieldType, fieldType === 'metav1.ObjectMeta' ? given['metadata'] : given))
    else result[name] = internalForm(fieldType, byName.get(name.toLowerCase()))
  }
  return result
}

function withHostFields(spec: Record<string, unknown>): Record<string, unknown> {
  const host = Object.fromEntries(HOST_FIELDS.filter((key) => key in spec).map((key) => [key, spec[key]]))
  return { ...spec, securityContext: { ...(spec['securityContext'] as object | undefined), ...host } }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A unified diff of two values of an inner type, without file names and with three lines of context, as apimachinery's util/diff makes it. */
export function internalDiff(type: string, before: unknown, after: unknown): string {
  const lines = (value: unknown): string[] => goJson(internalForm(type, value)).split('\n')
  return unifiedDiff(lines(before), lines(after), 3)
}

function goJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)
}
