/** `$((...))`: 64-bit integers, C's operators, assignment to variables. */

export class ArithmeticError extends Error {}

type Get = (name: string) => string
type Set = (name: string, value: string) => void

const TOKEN = /\s*(0[xX][\da-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|\*\*|&&|\|\||<<|>>|<=|>=|==|!=|\+\+|--|[-+*/%&|^]=|[-+*/%<>!~&|^?:=(),])/y

/** Binary operators by how tightly they bind, loosest first. */
const LEVELS = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '<=', '>', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]

/** Throws {@link ArithmeticError} with the shell's words. */
export function evaluate(text: string, get: Get, set: Set): bigint {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const trimmed = text.trim()
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed)
    if (!match) throw new ArithmeticError('arithmetic syntax error')
    tokens.push(match[1] as string)
  }
  if (tokens.length === 0) return 0n
  let at = 0
  const fail = (): never => {
    throw new ArithmeticError('arithmetic syntax error')
  }
  const valueOf = (name: string): bigint => {
    const value = get(name).trim()
    if (value === '') return 0n
    if (/^-?(0[xX][\da-fA-F]+|\d+)$/.test(value)) return number(value)
    return evaluate(value, get, set)
  }
  const primary = (): bigint => {
    const token = tokens[at++]
    if (token === undefined) return fail()
    if (token === '(') {
      const value = comma()
      if (tokens[at++] !== ')') fail()
      return value
    }
    if (token === '-') return -primary()
    if (token === '+') return primary()
    if (token === '!') return primary() === 0n ? 1n : 0n
    if (token === '~') return ~primary()
    if (token === '++' || token === '--') {
      const name = tokens[at++] ?? fail()
      const value = valueOf(name) + (token === '++' ? 1n : -1n)
      set(name, String(value))
      return value
    }
    if (/^\d/.test(token)) return number(token)
    if (!/^[A-Za-z_]/.test(token)) return fail()
    const next = tokens[at]
    if (next === '++' || next === '--') {
      at++
      const value = valueOf(token)
      set(token, String(value + (next === '++' ? 1n : -1n)))
      return value
    }
    if (next !== undefined && /^(?:<<|>>|[-+*/%&|^])?=$/.test(next)) {
      at++
      const right = ternary()
      const value = next === '=' ? right : apply(next.slice(0, -1), valueOf(token), right)
      set(token, String(value))
      return value
    }
    return valueOf(token)
  }
  const binary = (level: number): bigint => {
    const operators = LEVELS[level]
    if (!operators) return primary()
    let left = binary(level + 1)
    for (let operator = tokens[at]; operator !== undefined && operators.includes(operator); operator = tokens[at]) {
      at++
      left = apply(operator, left, binary(level + 1))
    }
    return left
  }
  const ternary = (): bigint => {
    const condition = binary(0)
    if (tokens[at] !== '?') return condition
    at++
    const yes = ternary()
    if (tokens[at++] !== ':') fail()
    const no = ternary()
    return condition === 0n ? no : yes
  }
  const comma = (): bigint => {
    let value = ternary()
    while (tokens[at] === ',') {
      at++
      value = ternary()
    }
    return value
  }
  const result = comma()
  if (at < tokens.length) fail()
  return BigInt.asIntN(64, result)
}

function number(text: string): bigint {
  const negative = text.startsWith('-')
  const digits = negative ? text.slice(1) : text
  if (/^0\d*[89]/.test(digits)) throw new ArithmeticError('arithmetic syntax error')
  const value = /^0\d/.test(digits) ? BigInt(`0o${digits.replace(/^0+(?=\d)/, '') || '0'}`) : BigInt(digits)
  return negative ? -value : value
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  const truth = (value: boolean): bigint => (value ? 1n : 0n)
  switch (operator) {
    case '||':
      return truth(left !== 0n || right !== 0n)
    case '&&':
      return truth(left !== 0n && right !== 0n)
    case '|':
      return left | right
    case '^':
      return left ^ right
    case '&':
      return left & right
    case '==':
      return truth(left === right)
    case '!=':
      return truth(left !== right)
    case '<':
      return truth(left < right)
    case '<=':
      return truth(left <= right)
    case '>':
      return truth(left > right)
    case '>=':
      return truth(left >= right)
    case '<<':
      return BigInt.asIntN(64, left << (right & 63n))
    case '>>':
      return left >> (right & 63n)
    case '+':
      return BigInt.asIntN(64, left + right)
    case '-':
      return BigInt.asIntN(64, left - right)
    case '*':
      return BigInt.asIntN(64, left * right)
    default:
      if (right === 0n) throw new ArithmeticError('divide by zero')
      return operator === '/' ? left / right : left % right
  }
}
