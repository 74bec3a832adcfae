/** expr: one operation on two words. */
import type { Program } from '../process.ts'

export const expr: Program = function* (process, argv) {
  const words = argv.slice(1)
  const [left = '', operator, right = ''] = words
  if (operator === undefined) {
    yield* process.out(`${left}\n`)
    return left === '' || left === '0' ? 1 : 0
  }
  const [a, b] = [Number(left), Number(right)]
  if ('+-*/%'.includes(operator) && (Number.isNaN(a) || Number.isNaN(b))) {
    yield* process.complain('non-integer argument')
    return 2
  }
  const result: Record<string, () => number | string> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => Math.trunc(a / b),
    '%': () => a % b,
    '=': () => Number(left === right),
    '!=': () => Number(left !== right),
    '<': () => Number(a < b),
    '>': () => Number(a > b),
  }
  const compute = result[operator]
  if (!compute) {
    yield* process.complain('syntax error')
    return 2
  }
  const value = compute()
  yield* process.out(`${value}\n`)
  return value === 0 || value === '' ? 1 : 0
}
