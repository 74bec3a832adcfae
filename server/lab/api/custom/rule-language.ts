/**
 * The part of CEL that validation rules are mostly written in: literals, self and oldSelf, members, indices, operators, `has`, `size`, `duration`, text
 * functions, and the macros all, exists, filter and map. Whatever else there is throws {@link UnknownRule}.
 */
import { equal, isObject } from '../../store/objects.ts'

export class UnknownRule extends Error {}

/** A member that is asked for and not there; thrown in a scope with {@link STRICT} alone. */
export class MissingMember extends Error {}

/** The name in a scope that makes what is missing an error; elsewhere it is undefined. No rule can write this name. */
export const STRICT = '(strict)'

export type Scope = Record<string, unknown>
export type Expression = (scope: Scope) => unknown

/** A duration, in ms. */
class Duration {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

const TOKEN = /\s*(?:(\d+\.\d+|\d+)u?|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]]))/gy
const UNITS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

interface Token {
  kind: 'number' | 'text' | 'name' | 'sign'
  text: string
}

function tokens(rule: string): Token[] {
  const found: Token[] = []
  let at = 0
  const text = rule.trimEnd()
  TOKEN.lastIndex = 0
  while (at < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw new UnknownRule(`at ${at} of ${rule}`)
    at = TOKEN.lastIndex
    const [, number, quoted, name, sign] = match
    if (number !== undefined) found.push({ kind: 'number', text: number })
    else if (quoted !== undefined) found.push({ kind: 'text', text: quoted.slice(1, -1).replace(/\\(.)/g, '$1') })
    else if (name !== undefined) found.push({ kind: 'name', text: name })
    else found.push({ kind: 'sign', text: sign as string })
  }
  return found
}

const parsed = new Map<string, Expression | UnknownRule>()

/** Throws {@link UnknownRule}, here or when the expression is asked. Each rule is parsed once. */
export function parseRule(rule: string): Expression {
  let known = parsed.get(rule)
  if (!known) {
    try {
      known = parse(rule)
    } catch (error) {
      if (!(error instanceof UnknownRule)) throw error
      known = error
    }
    parsed.set(rule, known)
  }
  if (known instanceof UnknownRule) throw known
  return known
}

function parse(rule: string): Expression {
  const list = tokens(rule)
  let at = 0
  const next = (sign: string): boolean => list[at]?.kind === 'sign' && list[at]?.text === sign && at++ >= 0
  const expect = (sign: string): void => {
    if (!next(sign)) throw new UnknownRule(`${sign} missing in ${rule}`)
  }

  const ternary = (): Expression => {
    const condition = either()
    if (!next('?')) return condition
    const yes = ternary()
    expect(':')
    const no = ternary()
    return (scope) => (condition(scope) ? yes(scope) : no(scope))
  }
  const either = (): Expression => {
    const terms = [both()]
    while (next('||')) terms.push(both())
    return terms.length === 1 ? (terms[0] as Expression) : (scope) => decide(terms, scope, true)
  }
  const both = (): Expression => {
    const terms = [relation()]
    while (next('&&')) terms.push(relation())
    return terms.length === 1 ? (terms[0] as Expression) : (scope) => decide(terms, scope, false)
  }
  const relation = (): Expression => {
    const left = sum()
    const sign = list[at]
    if (sign?.kind === 'name' && sign.text === 'in') {
      at++
      const right = sum()
      return (scope) => isIn(left(scope), right(scope))
    }
    if (sign?.kind !== 'sign' || !/^(==|!=|<|<=|>|>=)$/.test(sign.text)) return left
    at++
    const right = sum()
    return (scope) => compare(sign.text, left(scope), right(scope))
  }
  const sum = (): Expression => chain(product, ['+', '-'])
  const product = (): Expression => chain(unary, ['*', '/', '%'])
  const chain = (part: () => Expression, signs: string[]): Expression => {
    let left = part()
    for (;;) {
      const sign = signs.find(next)
      if (sign === undefined) return left
      const [before, right] = [left, part()]
      left = (scope) => calculate(sign, before(scope), right(scope))
    }
  }
  const unary = (): Expression => {
    if (next('!')) {
      const inner = unary()
      return (scope) => inner(scope) !== true
    }
    if (next('-')) {
      const inner = unary()
      return (scope) => calculate('-', 0, inner(scope))
    }
    return member()
  }
  const listUntil = (end: string): Expression[] => {
    const items: Expression[] = []
    if (next(end)) return items
    do items.push(ternary())
    while (next(','))
    expect(end)
    return items
  }
  const member = (): Expression => {
    let value = primary()
    for (;;) {
      const of = value
      if (next('[')) {
        const index = ternary()
        expect(']')
        value = (scope) => memberOf(of(scope), index(scope), scope)
      } else if (next('.')) {
        const name = list[at++]?.text ?? ''
        if (!next('(')) value = (scope) => memberOf(of(scope), name, scope)
        else if (/^(all|exists|exists_one|filter|map)$/.test(name)) value = macro(name, of)
        else {
          const given = listUntil(')')
          value = (scope) =>
            method(
              name,
              of(scope),
              given.map((each) => each(scope)),
            )
        }
      } else return value
    }
  }
  const macro = (name: string, of: Expression): Expression => {
    const variable = list[at++]?.text ?? ''
    expect(',')
    const test = ternary()
    expect(')')
    return (scope) => {
      const items = itemsOf(of(scope))
      if (name === 'map') return items.map((item) => test({ ...scope, [variable]: item }))
      const held = items.filter((item) => test({ ...scope, [variable]: item }) === true)
      if (name === 'filter') return held
      return name === 'all' ? held.length === items.length : name === 'exists' ? held.length > 0 : held.length === 1
    }
  }
  const primary = (): Expression => {
    if (next('(')) {
      const inner = ternary()
      expect(')')
      return inner
    }
    if (next('[')) {
      const items = listUntil(']')
      return (scope) => items.map((item) => item(scope))
    }
    const token = list[at++]
    if (token?.kind === 'number') return () => Number(token.text)
    if (token?.kind === 'text') return () => token.text
    if (token?.kind !== 'name') throw new UnknownRule(`unexpected ${token?.text ?? 'end'} in ${rule}`)
    if (next('(')) {
      const given = listUntil(')')
      if (token.text === 'has') return (scope) => isThere(given[0], scope)
      return (scope) =>
        call(
          token.text,
          given.map((each) => each(scope)),
        )
    }
    const constant = { true: true, false: false, null: null }[token.text]
    return constant === undefined ? (scope) => scope[token.text] : () => constant
  }

  const whole = ternary()
  if (at < list.length) throw new UnknownRule(`left over: ${list[at]?.text} in ${rule}`)
  return whole
}

function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (isObject(value)) return Object.keys(value)
  throw new UnknownRule('neither a list nor a map')
}

function isIn(item: unknown, list: unknown): boolean {
  return itemsOf(list).some((each) => equal(each, item))
}

function memberOf(value: unknown, key: unknown, scope: Scope): unknown {
  const member = Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[String(key)] : undefined
  if (member !== undefined || !scope[STRICT]) return member
  throw new MissingMember(Array.isArray(value) ? `index out of bounds: ${String(key)}` : `no such key: ${String(key)}`)
}

function isThere(member: Expression | undefined, scope: Scope): boolean {
  try {
    return member?.(scope) !== undefined
  } catch (error) {
    if (error instanceof MissingMember) return false
    throw error
  }
}

/** Terms of which one that is `wanted` decides, whatever the others come to; an error counts only where none does. */
function decide(terms: readonly Expression[], scope: Scope, wanted: boolean): boolean {
  let missing: MissingMember | null = null
  for (const term of terms) {
    try {
      if ((term(scope) === true) === wanted) return wanted
    } catch (error) {
      if (!(error instanceof MissingMember)) throw error
      missing ??= error
    }
  }
  if (missing) throw missing
  return !wanted
}

function comparable(value: unknown): number | string {
  if (value instanceof Duration) return value.ms
  if (typeof value === 'number' || typeof value === 'string') return value
  throw new UnknownRule('not comparable')
}

function compare(sign: string, a: unknown, b: unknown): boolean {
  if (sign === '==' || sign === '!=') {
    const same = a instanceof Duration && b instanceof Duration ? a.ms === b.ms : equal(a, b)
    return (sign === '==') === same
  }
  const [x, y] = [comparable(a), comparable(b)]
  return sign === '<' ? x < y : sign === '<=' ? x <= y : sign === '>' ? x > y : x >= y
}

function calculate(sign: string, a: unknown, b: unknown): unknown {
  if (sign === '+' && typeof a === 'string' && typeof b === 'string') return a + b
  if (sign === '+' && Array.isArray(a) && Array.isArray(b)) return [...a, ...b]
  if (typeof a !== 'number' || typeof b !== 'number') throw new UnknownRule(`${sign} of something else than numbers`)
  if (sign === '+') return a + b
  if (sign === '-') return a - b
  if (sign === '*') return a * b
  if (b === 0) throw new UnknownRule('division by zero')
  return sign === '%' ? a % b : Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' ? [...value].length : itemsOf(value).length
}

function call(name: string, [value]: unknown[]): unknown {
  if (name === 'size') return sizeOf(value)
  if (name === 'string') return String(value)
  if (name === 'int' || name === 'double') return name === 'int' ? Math.trunc(Number(value)) : Number(value)
  if (name !== 'duration' || typeof value !== 'string') throw new UnknownRule(`${name}()`)
  let ms = 0
  for (const [, count, unit] of value.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) ms += Number(count) * (UNITS[unit as string] as number)
  return new Duration(value.startsWith('-') ? -ms : ms)
}

function method(name: string, value: unknown, [given]: unknown[]): unknown {
  if (value instanceof Duration) {
    const unit = { getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1_000, getMilliseconds: 1 }[name]
    if (unit !== undefined) return Math.trunc(value.ms / unit)
  }
  if (name === 'size') return sizeOf(value)
  if (Array.isArray(value) && name === 'join') return value.join(typeof given === 'string' ? given : '')
  if (typeof value === 'string') {
    if (name === 'lowerAscii') return value.toLowerCase()
    if (name === 'upperAscii') return value.toUpperCase()
    if (name === 'trim') return value.trim()
  }
  if (typeof value !== 'string' || typeof given !== 'string') throw new UnknownRule(`.${name}()`)
  if (name === 'split') return value.split(given)
  if (name === 'startsWith') return value.startsWith(given)
  if (name === 'endsWith') return value.endsWith(given)
  if (name === 'contains') return value.includes(given)
  if (name === 'matches') return new RegExp(given, 'u').test(value)
  throw new UnknownRule(`.${name}()`)
}
