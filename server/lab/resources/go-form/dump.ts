/**
 * A pod template as Go's spew prints it, types and all (`%#v`, apimachinery's util/dump.ForHash): the text that controllers hash. An informer hands the
 * template on as protobuf has carried it, so that an empty list or map is as good as none.
 */
import { readFileSync } from 'node:fs'
import { parseQuantity, type Quantity } from '../kit/quantity.ts'

interface Field {
  name: string
  /** null: embedded, its fields are the struct's own. */
  json: string | null
  type: string
}

interface Types {
  structs: Map<string, string>
  kinds: Record<string, string>
}

let types: Types | undefined

function load(): Types {
  if (types) return types
  const read = JSON.parse(readFileSync(new URL('./template-types.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>
  return (types = { structs: new Map(Object.entries(read['structs'] ?? {})), kinds: read['kinds'] ?? {} })
}

/** The types are known of 1.20 and of 1.35; what came in between counts as new. */
const FIRST_NEW_MINOR = 21
const layouts = new Map<string, Field[]>()

function fieldsOf(struct: string, minor: number): Field[] | undefined {
  const text = load().structs.get(struct)
  if (text === undefined) return undefined
  const isNew = minor >= FIRST_NEW_MINOR
  const key = `${isNew} ${struct}`
  let fields = layouts.get(key)
  if (!fields) {
    fields = text.split(', ').flatMap((line) => {
      const words = line.split(' ')
      const last = words.at(-1)
      if (last === (isNew ? '-' : '+')) return []
      if (last === '+' || last === '-') words.pop()
      const name = words[0] as string
      const json = words.length > 2 ? (words[1] as string) : `${name[0]?.toLowerCase()}${name.slice(1)}`
      return { name, json: json === '-' ? null : json, type: words.at(-1) as string }
    })
    layouts.set(key, fields)
  }
  return fields
}

/** The text of a PodTemplateSpec in the server's JSON form. */
export function dumpTemplate(template: unknown, minor: number): string {
  return typed('v1.PodTemplateSpec', template, minor)
}

function typed(type: string, value: unknown, minor: number): string {
  if (!type.startsWith('*')) return `(${type})${plain(type, value, minor)}`
  return value === undefined || value === null ? `(${type})<nil>` : `(${type})${plain(type.slice(1), value, minor)}`
}

function plain(type: string, value: unknown, minor: number): string {
  if (type === 'v1.Time') return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'
  if (type === 'resource.Quantity') return quantity(value)
  if (type === 'intstr.IntOrString') return intOrString(value)
  const underlying = load().kinds[type] ?? type
  if (underlying.startsWith('[]')) return list(underlying.slice(2), value, minor)
  if (underlying.startsWith('map[')) return map(underlying.slice(underlying.indexOf(']') + 1), value, minor)
  const fields = fieldsOf(underlying, minor)
  if (fields) {
    const object = (value ?? {}) as Record<string, unknown>
    return `{${fields.map((field) => `${field.name}:${typed(field.type, field.json === null ? object : object[field.json], minor)}`).join(' ')}}`
  }
  if (underlying === 'bool') return String(value === true)
  return value === undefined || value === null ? (/^u?int|^float/.test(underlying) ? '0' : '') : String(value)
}

function list(of: string, value: unknown, minor: number): string {
  if (!Array.isArray(value) || value.length === 0) return '<nil>'
  return `[${value.map((item) => plain(of, item, minor)).join(' ')}]`
}

function map(of: string, value: unknown, minor: number): string {
  const entries = Object.entries((value ?? {}) as object)
  if (entries.length === 0) return '<nil>'
  const sorted = entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return `map[${sorted.map(([key, item]) => `${key}:${plain(of, item, minor)}`).join(' ')}]`
}

function intOrString(value: unknown): string {
  const isText = typeof value === 'string'
  return `{Type:(intstr.Type)${isText ? 1 : 0} IntVal:(int32)${isText ? 0 : Number(value ?? 0)} StrVal:(string)${isText ? value : ''}}`
}

/** Digits that fit into Go's int64 whatever they are (maxInt64Factors). */
const SAFE_DIGITS = 18
const POWERS: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A quantity's inner form as ParseQuantity makes it of a canonical text. */
function quantity(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value ?? '0')
  const parsed = parseQuantity(text)
  const format = text === '0' || !parsed ? 'DecimalSI' : parsed.format
  if (text === '0') return inner(0n, 0, null, '0', format)
  const match = /^([+-]?)(\d+)(.*)$/.exec(text)
  const [, sign = '', digits = '0', suffix = ''] = match ?? []
  const number = BigInt(digits) * (sign === '-' ? -1n : 1n)
  if (format === 'BinarySI') {
    const exponent = 10 * (BINARY.indexOf(suffix) + 1)
    if (15 - digits.length - Math.trunc((exponent * 3) / 10) - 1 < 0) return inner(0n, 0, parsed, '', format)
    return inner(number << BigInt(exponent), 0, null, BigInt(digits) % 8n === 0n ? '' : text, format)
  }
  if (digits.length > SAFE_DIGITS) return inner(0n, 0, parsed, '', format)
  const scale = format === 'DecimalExponent' ? Number(suffix.slice(1)) : (POWERS[suffix] ?? 0)
  const isCanonical = scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
  return inner(number, scale, null, isCanonical ? text : '', format)
}

/** `exact`: kept as a decimal number of any length instead, in billionths. */
function inner(value: bigint, scale: number, exact: Quantity | null, text: string, format: string): string {
  const amount = `{value:(int64)${value} scale:(resource.Scale)${scale}}`
  const decimal = exact
    ? `{unscaled:(big.Int){neg:(bool)${exact.nano < 0n} abs:(big.nat)[${wordsOf(exact.nano).join(' ')}]} scale:(inf.Scale)9}`
    : '<nil>'
  return `{i:(resource.int64Amount)${amount} d:(resource.infDecAmount){Dec:(*inf.Dec)${decimal}} s:(string)${text} Format:(resource.Format)${format}}`
}

/** Words of 64 bits, the lowest first. */
function wordsOf(number: bigint): bigint[] {
  const words: bigint[] = []
  for (let left = number < 0n ? -number : number; left > 0n; left >>= 64n) words.push(left & 0xffffffffffffffffn)
  return words
}
