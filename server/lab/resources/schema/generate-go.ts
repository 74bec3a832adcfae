/** What the struct tags of Kubernetes' Go types say: the part of a schema that OpenAPI leaves out. Only for generate.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface GoField {
  /** As an error of encoding/json names it: `v1.Protocol`, `[]v1.Container`, `int32`. */
  type: string
  pointer: boolean
  /** Left out where empty (a struct never is), or where zero. */
  omit: 'empty' | 'zero' | null
  /** The embedded struct that the field comes from, as paths in errors name it. */
  inside?: string
}

type Fields = Map<string, GoField>

/** In the order of the file, which is that of the encoder. An embedded type is there by its name: its fields count as the struct's own. */
type Struct = (string | { key: string; field: GoField })[]

/** Fields of every struct by its short name (`core.v1.PodSpec`), embedded ones included. */
export function readGoTypes(modules: string): Map<string, Fields> {
  const structs = new Map<string, Struct>()
  for (const [prefix, folder] of packages(modules)) {
    for (const file of readdirSync(folder)) {
      if (!file.endsWith('.go') || file.endsWith('_test.go') || /generated/.test(file)) continue
      readFile(readFileSync(join(folder, file), 'utf8'), prefix, structs)
    }
  }
  const flat = new Map<string, Fields>()
  for (const name of structs.keys()) flat.set(name, flatten(name, structs))
  return flat
}

function* packages(modules: string): Generator<[string, string]> {
  const newest = (name: string): string => {
    const found = readdirSync(modules)
      .filter((each) => each.startsWith(`${name}@v0.`))
      .toSorted()
    const last = found.at(-1)
    if (last === undefined) throw new Error(`${modules} holds no k8s.io/${name}; run: go mod download k8s.io/${name}@v0.35.4`)
    return join(modules, last)
  }
  const api = newest('api')
  for (const group of readdirSync(api, { withFileTypes: true })) {
    if (!group.isDirectory()) continue
    for (const version of readdirSync(join(api, group.name))) {
      const folder = join(api, group.name, version)
      if (existsSync(join(folder, 'register.go'))) yield [`${group.name}.${version}.`, folder]
    }
  }
  const machinery = newest('apimachinery')
  yield ['meta.v1.', join(machinery, 'pkg/apis/meta/v1')]
  yield ['machinery.runtime.', join(machinery, 'pkg/runtime')]
  yield ['machinery.version.', join(machinery, 'pkg/version')]
  yield ['apiextensions.v1.', join(newest('apiextensions-apiserver'), 'pkg/apis/apiextensions/v1')]
  yield ['apiregistration.v1.', join(newest('kube-aggregator'), 'pkg/apis/apiregistration/v1')]
}

const FIELD = /^\s+(?:(\w+)\s+)?([\w.*[\]]+)\s+`[^`]*json:"([^"]*)"[^`]*`/

function readFile(text: string, prefix: string, structs: Map<string, Struct>): void {
  let current: Struct | undefined
  for (const line of text.split('\n')) {
    const start = /^(?:type |\t)(\w+) struct \{$/.exec(line)
    if (start && !current) structs.set(`${prefix}${start[1]}`, (current = []))
    else if (/^\t?\}/.test(line)) current = undefined
    else if (current) readField(line, prefix, current)
  }
}

function readField(line: string, prefix: string, struct: Struct): void {
  const match = FIELD.exec(line)
  if (match === null) return
  const [, , type = '', tag = ''] = match
  const [name, ...options] = tag.split(',')
  if (name === '-') return
  if (name === '' || options.includes('inline')) {
    if (name === '') struct.push(qualified(type.replace('*', ''), prefix))
    return
  }
  const omit = options.includes('omitzero') ? 'zero' : options.includes('omitempty') ? 'empty' : null
  struct.push({ key: name as string, field: { type: goName(type.replace(/^\*/, ''), prefix), pointer: type.startsWith('*'), omit } })
}

function qualified(type: string, prefix: string): string {
  const [pack, name] = type.includes('.') ? (type.split('.') as [string, string]) : [undefined, type]
  if (pack === undefined) return `${prefix}${name}`
  return `${pack === 'metav1' ? 'meta.v1.' : pack === 'v1' ? 'core.v1.' : `${pack}.`}${name}`
}

const BUILT_IN = /^(string|bool|int|int32|int64|float64|byte|uint8|any)$/

/** The package is named by its own name, not by the alias of the file that uses it. */
function goName(type: string, prefix: string): string {
  const container = /^(\[\]|map\[\w+\])(.*)$/.exec(type)
  if (container) return `${container[1]}${goName(container[2] as string, prefix)}`
  if (type.startsWith('*')) return `*${goName(type.slice(1), prefix)}`
  if (BUILT_IN.test(type)) return type === 'byte' ? 'uint8' : type
  const [pack, name] = type.includes('.') ? (type.split('.') as [string, string]) : [undefined, type]
  if (pack !== undefined) return `${/v\d\w*$/.exec(pack)?.[0] ?? pack}.${name}`
  return `${prefix.split('.').at(-2)}.${name}`
}

function flatten(name: string, structs: Map<string, Struct>): Fields {
  const struct = structs.get(name)
  if (struct === undefined) return new Map()
  const fields: Fields = new Map()
  for (const member of struct) {
    if (typeof member !== 'string') {
      fields.set(member.key, member.field)
      continue
    }
    const inside = member.slice(member.lastIndexOf('.') + 1)
    for (const [key, field] of flatten(member, structs)) {
      fields.set(key, inside === 'TypeMeta' ? field : { ...field, inside: field.inside ? `${inside}.${field.inside}` : inside })
    }
  }
  return fields
}
