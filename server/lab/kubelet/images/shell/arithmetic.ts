/** `$((...))`: C's operators over 64 bit integers, as far as scripts use them. Throws {@link ArithmeticError} in busybox's words. */
import type { ShellState } from './state.ts'

export class ArithmeticError extends Error {}

const TOKEN = /\s*(\d+|[A-Za-z_]\w*|\+\+|--|<<|>>|[-+*/%<>=!&|]=|&&|\|\||[-+*/%<>=!~()?:&|^])/y

const PRECEDENCE: string[][] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

const ASSIGNING = new Set(['=', '+=', '-=', '*=', '/=', '%='])

export function evaluate(text: string, state: ShellState): number {
  const tokens = tokenize(text)
  let at = 0
  const read = (name: string): number => Number.parseInt(state.variables.get(name) ?? '0', 10) || 0
  const take = (token: string): boolean => tokens[at] === token && ++at > 0
  const expect = (token: string): void => {
    if (!take(token)) throw new ArithmeticError('arithmetic syntax error')
  }

  const assignment = (): number => {
    const name = tokens[at] ?? ''
    const operator = tokens[at + 1] ?? ''
    if (!/^[A-Za-z_]/.test(name) || !ASSIGNING.has(operator)) return ternary()
    at += 2
    const right = assignment()
    const value = operator === '=' ? right : apply(operator.slice(0, -1), read(name), right)
    state.variables.set(name, String(value))
    return value
  }
  const ternary = (): number => {
    const condition = binary(0)
    if (!take('?')) return condition
    const yes = assignment()
    expect(':')
    const no = assignment()
    return condition ? yes : no
  }
  const binary = (level: number): number => {
    const operators = PRECEDENCE[level]
    if (!operators) return unary()
    let left = binary(level + 1)
    for (let operator = tokens[at]; operator !== undefined && operators.includes(operator); operator = tokens[at]) {
      at++
      left = apply(operator, left, binary(level + 1))
    }
    return left
  }
  const unary = (): number => {
    if (take('-')) return -unary()
    if (take('+')) return unary()
    if (take('!')) return unary() ? 0 : 1
    if (take('~')) return ~unary()
    if (take('(')) {
      const value = assignment()
      expect(')')
      return value
    }
    const token = tokens[at++]
    if (token === undefined) throw new ArithmeticError('arithmetic syntax error')
    if (/^0[0-9]*[89]/.test(token)) throw new ArithmeticError('arithmetic syntax error')
    if (/^\d/.test(token)) return /^0\d/.test(token) ? Number.parseInt(token, 8) : Number(token)
    if (!/^[A-Za-z_]/.test(token)) throw new ArithmeticError('arithmetic syntax error')
    const value = read(token)
    if (take('++')) state.variables.set(token, String(value + 1))
    else if (take('--')) state.variables.set(token, String(value - 1))
    return value
  }
  if (tokens.length === 0) return 0
  const value = assignment()
  if (at < tokens.length) throw new ArithmeticError('arithmetic syntax error')
  return value
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text)
    if (!match) throw new ArithmeticError('arithmetic syntax error')
    tokens.push(match[1] as string)
  }
  return tokens
}

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
    case '%':
      if (b === 0) throw new ArithmeticError('divide by zero')
      return operator === '/' ? Math.trunc(a / b) : a % b
    case '<<':
      return a << b
    case '>>':
      return a >> b
    case '&':
      return a & b
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&&':
      return a && b ? 1 : 0
    case '||':
      return a || b ? 1 : 0
    default:
      return compare(operator, a, b) ? 1 : 0
  }
}

function compare(operator: string, a: number, b: number): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '==':
      return a === b
    default:
      return a !== b
  }
}
