/** `test` and `[`. */
import { isFolder, resolvePath } from './files.ts'
import type { ShellState } from './state.ts'

/** The message as it follows `sh: `. */
export class TestError extends Error {}

const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
}

export function isTrue(words: readonly string[], state: ShellState): boolean {
  const either = words.indexOf('-o')
  if (words.length > 3 && either > 0) return isTrue(words.slice(0, either), state) || isTrue(words.slice(either + 1), state)
  const both = words.indexOf('-a')
  if (words.length > 3 && both > 0) return isTrue(words.slice(0, both), state) && isTrue(words.slice(both + 1), state)
  if (words[0] === '!' && words.length > 1) return !isTrue(words.slice(1), state)
  const [a = '', b = '', c = ''] = words
  switch (words.length) {
    case 0:
      return false
    case 1:
      return a !== ''
    case 2:
      return unary(a, b, state)
    case 3:
      return binary(a, b, c)
    default:
      throw new TestError(`${words[3]}: unknown operand`)
  }
}

function unary(operator: string, value: string, { environment, folder }: ShellState): boolean {
  const path = resolvePath(value, folder)
  switch (operator) {
    case '-n':
      return value !== ''
    case '-z':
      return value === ''
    case '-f':
      return environment.files.has(path)
    case '-d':
      return isFolder(environment, path)
    case '-e':
    case '-r':
    case '-w':
      return environment.files.has(path) || isFolder(environment, path)
    case '-s':
      return (environment.files.get(path) ?? '') !== ''
    case '-x':
      return isFolder(environment, path)
    case '-t':
      return environment.terminal !== undefined
    default:
      throw new TestError(`${value}: unknown operand`)
  }
}

function binary(left: string, operator: string, right: string): boolean {
  if (operator === '=' || operator === '==') return left === right
  if (operator === '!=') return left !== right
  const compare = COMPARISONS[operator]
  if (!compare) throw new TestError(`${operator}: unknown operand`)
  const number = (text: string): number => {
    if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`${text}: bad number`)
    return Number(text)
  }
  return compare(number(left), number(right))
}
