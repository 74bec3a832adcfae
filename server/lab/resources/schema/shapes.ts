/** The shapes of Kubernetes' own kinds, read from structure.json (see generate.ts) at the first use, each type taken apart when it is first asked for. */
import { readFileSync } from 'node:fs'

export type TypeShape =
  | { is: 'string' | 'boolean' | 'bytes' }
  /** Types with a form of their own in JSON; `any` has a name where OpenAPI gives it one. */
  | { is: 'time' | 'microTime' | 'duration' | 'quantity' | 'intOrString' | 'struct'; name: string }
  | { is: 'any'; name?: string }
  | { is: 'number'; go: string }
  | { is: 'list'; of: TypeShape }
  | { is: 'map'; of: TypeShape }

export interface FieldShape {
  type: TypeShape
  /**
   * What becomes of a field that is not set. `zero`: left out, and so is an empty value. `pointer`: left out; an empty value stays. `always`: written
   * as an empty value. `null`: written as null.
   */
  presence: 'zero' | 'pointer' | 'always' | 'null'
  required: boolean
  /** x-kubernetes-list-type (or map-type): how server-side apply owns a list or a map. Lists are atomic and maps granular where none is named. */
  listType?: 'atomic' | 'set' | 'map' | 'granular'
  /** x-kubernetes-list-map-keys. */
  listKeys?: string[]
  /** x-kubernetes-patch-strategy: what a strategic merge patch does with a list (merge, replace) or a struct (retainKeys). */
  patchStrategies: string[]
  /** x-kubernetes-patch-merge-key: by which field a strategic merge patch tells a list's items apart. */
  mergeKey?: string
  enumeration?: string[]
  /** The default of the OpenAPI document, as JSON. */
  documentDefault?: string
  /** The Go type as errors name it. */
  goType: string
  /** The embedded Go struct that the field comes from, which paths in errors name. */
  inside?: string
}

export interface StructShape {
  /** `core.v1.PodSpec` */
  name: string
  fields: Map<string, FieldShape>
  /** True where server-side apply owns the whole, as of label selectors. */
  atomic: boolean
}

interface Structure {
  kinds: Record<string, string>
  types: Record<string, Record<string, string>>
}

let structure: Structure | undefined

function load(): Structure {
  structure ??= JSON.parse(readFileSync(new URL('./structure.json', import.meta.url), 'utf8')) as Structure
  return structure
}

/** Types that are written as plain values. */
const VALUES: Record<string, 'time' | 'microTime' | 'duration' | 'quantity' | 'intOrString' | 'any'> = {
  'meta.v1.Time': 'time',
  'meta.v1.MicroTime': 'microTime',
  'meta.v1.Duration': 'duration',
  'meta.v1.FieldsV1': 'any',
  'machinery.api.resource.Quantity': 'quantity',
  'machinery.util.intstr.IntOrString': 'intOrString',
  'machinery.runtime.RawExtension': 'any',
  'apiextensions.v1.JSON': 'any',
  'apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
}

function parseType(word: string): TypeShape {
  if (word.startsWith('[]')) return { is: 'list', of: parseType(word.slice(2)) }
  if (word.startsWith('{}')) return { is: 'map', of: parseType(word.slice(2)) }
  if (word === 'string' || word === 'boolean' || word === 'any' || word === 'bytes') return { is: word }
  if (/^(int32|int64|integer|number|double|float)$/.test(word)) return { is: 'number', go: word === 'double' ? 'float64' : word }
  return { is: VALUES[word] ?? 'struct', name: word }
}

/** The Go type that goes without saying: `int32`, `[]v1.Container`, `map[string]string`. */
function goTypeOf(type: TypeShape): string {
  switch (type.is) {
    case 'list':
      return `[]${goTypeOf(type.of)}`
    case 'map':
      return `map[string]${goTypeOf(type.of)}`
    case 'struct':
      return type.name.split('.').slice(-2).join('.')
    case 'number':
      return type.go
    case 'boolean':
      return 'bool'
    case 'bytes':
      return '[]uint8'
    case 'time':
      return 'v1.Time'
    case 'microTime':
      return 'v1.MicroTime'
    case 'duration':
      return 'v1.Duration'
    case 'quantity':
      return 'resource.Quantity'
    case 'intOrString':
      return 'intstr.IntOrString'
    default:
      return 'string'
  }
}

function parseField(text: string): FieldShape {
  const [word = '', presence, ...rest] = text.split(' ')
  const type = parseType(word)
  const values = new Map(rest.map((each) => (each.includes('=') ? (each.split(/=(.*)/s, 2) as [string, string]) : [each, ''])))
  const list = values.get('list')
  const keys = values.get('keys')
  const merge = values.get('merge')
  const enumeration = values.get('enum')
  const documentDefault = values.get('default')
  const inside = values.get('in')
  return {
    type,
    presence: presence as FieldShape['presence'],
    required: values.has('required'),
    patchStrategies: values.get('patch')?.split(',') ?? [],
    goType: values.get('go') ?? goTypeOf(type),
    ...(list === undefined ? {} : { listType: list as 'atomic' }),
    ...(keys === undefined ? {} : { listKeys: keys.split(',') }),
    ...(merge === undefined ? {} : { mergeKey: merge }),
    ...(enumeration === undefined ? {} : { enumeration: enumeration.split(',') }),
    ...(documentDefault === undefined ? {} : { documentDefault }),
    ...(inside === undefined ? {} : { inside }),
  }
}

const structs = new Map<string, StructShape>()

/** The shape of a type by its name, `core.v1.PodSpec`. Throws where there is none: names come from shapes alone. */
export function structOf(name: string): StructShape {
  let struct = structs.get(name)
  if (struct !== undefined) return struct
  const raw = load().types[name]
  if (raw === undefined) throw new Error(`structure.json has no type ${name}; was it generated in full (generate.ts)?`)
  struct = { name, fields: new Map(), atomic: raw['']?.includes('list=atomic') ?? false }
  for (const [key, text] of Object.entries(raw)) if (key !== '') struct.fields.set(key, parseField(text))
  structs.set(name, struct)
  return struct
}

/** What stands for a type that is no struct: its own words, `string int-or-string`. */
export function ownWords(name: string): string {
  return load().types[name]?.[''] ?? ''
}

/** Groups whose newest version is not v1. */
const NEWEST: Record<string, string> = { autoscaling: 'v2' }

/** Kinds of groups that are gone, by the group that has them now. */
const MOVED: Record<string, string> = { 'extensions/Ingress': 'networking.k8s.io' }

const keyOf = (group: string, version: string, kind: string): string => [group, version, kind].filter(Boolean).join('/')

/**
 * The shape of a built-in kind; undefined for custom resources. A version that is served no longer (batch/v1beta1, for the older cluster) has the shape
 * of the newest one.
 */
export function schemaOf(group: string, version: string, kind: string): StructShape | undefined {
  const { kinds } = load()
  const home = MOVED[`${group}/${kind}`] ?? group
  const name = kinds[keyOf(group, version, kind)] ?? kinds[keyOf(home, NEWEST[home] ?? 'v1', kind)]
  return name === undefined ? undefined : structOf(name)
}

/** The kinds that a type is the shape of, with the group and version under which it was asked for where that is an older one. */
export function kindsOf(name: string, asked: { group: string; version: string }): { group: string; version: string; kind: string }[] {
  const kind = name.slice(name.lastIndexOf('.') + 1)
  const found = Object.entries(load().kinds).filter(([, type]) => type === name)
  if (found.length === 0) return []
  const own = schemaOf(asked.group, asked.version, kind)
  if (own?.name === name) return [{ group: asked.group, version: asked.version, kind }]
  return found.map(([key]) => {
    const [group, version] = key.split('/').length === 3 ? (key.split('/') as [string, string]) : ['', key.split('/')[0] as string]
    return { group, version, kind }
  })
}
