/** test, `[` and `[[`. */
import { type Entry, sizeOf } from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { matches } from '../patterns.ts'

/** What a file has to be. */
const KINDS: Record<string, Entry['kind']> = { '-f': 'file', '-d': 'directory', '-L': 'link', '-h': 'link', '-c': 'device' }

class TestError extends Error {}

export function* test(process: Process, argv: string[]): Routine<number> {
  const [name = ''] = argv
  const words = argv.slice(1)
  if (name === '[' || name === '[[') {
    if (words.pop() !== (name === '[' ? ']' : ']]')) {
      yield* process.complain('missing ]')
      return 2
    }
  }
  try {
    return new Evaluation(process, words, name === '[[').result() ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    yield* process.complain(error.message)
    return 2
  }
}

export const testProgram: Program = (process, argv) => test(process, argv)

class Evaluation {
  private at = 0
  private readonly process: Process
  private readonly words: string[]
  private readonly double: boolean

  constructor(process: Process, words: string[], double: boolean) {
    this.process = process
    this.words = words
    this.double = double
  }

  result(): boolean {
    if (this.words.length === 0) return false
    const value = this.or()
    if (this.at < this.words.length) throw new TestError(`${this.words[this.at]}: unknown operand`)
    return value
  }

  private or(): boolean {
    return this.joined(['-o', '||'], () => this.and()).some(Boolean)
  }

  private and(): boolean {
    return this.joined(['-a', '&&'], () => this.not()).every(Boolean)
  }

  /** What stands before, between and behind the operators. */
  private joined(operators: readonly string[], next: () => boolean): boolean[] {
    const values = [next()]
    while (operators.includes(this.words[this.at] ?? '')) {
      this.at++
      values.push(next())
    }
    return values
  }

  private not(): boolean {
    if (this.words[this.at] === '!' && this.words.length > this.at + 1) {
      this.at++
      return !this.not()
    }
    return this.primary()
  }

  private primary(): boolean {
    const { words } = this
    const word = words[this.at]
    if (word === undefined) throw new TestError('argument expected')
    const operator = words[this.at + 1]
    const right = words[this.at + 2]
    if (operator !== undefined && right !== undefined && BINARY.has(operator)) {
      this.at += 3
      return this.compare(word, operator, right)
    }
    if (word === '(') {
      this.at++
      const value = this.or()
      if (words[this.at++] !== ')') throw new TestError('closing paren expected')
      return value
    }
    if (/^-[a-zA-Z]$/.test(word) && operator !== undefined) {
      this.at += 2
      return this.unary(word, operator)
    }
    this.at++
    return word !== ''
  }

  private unary(operator: string, word: string): boolean {
    if (operator === '-n') return word !== ''
    if (operator === '-z') return word === ''
    if (operator === '-t') return this.process.isTerminal(Number(word))
    const { process } = this
    const kind = KINDS[operator]
    const entry = process.machine.files.find(word, process.cwd, kind !== 'link', process.pid)
    if (kind) return entry?.kind === kind
    switch (operator) {
      case '-e':
      case '-r':
      case '-w':
        return entry !== undefined
      case '-s':
        return entry !== undefined && sizeOf(entry) > 0
      case '-x':
        return entry !== undefined && (entry.mode & 0o111) !== 0
      default:
        if ('bpSgukGO'.includes(operator.slice(1))) return false
        throw new TestError(`${operator}: unknown operand`)
    }
  }

  private compare(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return this.double ? matches(right, left) : left === right
      case '!=':
        return this.double ? !matches(right, left) : left !== right
      case '<':
        return left < right
      case '>':
        return left > right
      case '=~':
        return new RegExp(right).test(left)
      case '-nt':
      case '-ot': {
        const age = (path: string): number => this.process.machine.files.find(path, this.process.cwd)?.changedAt ?? -1
        return operator === '-nt' ? age(left) > age(right) : age(left) < age(right)
      }
      default: {
        const [a, b] = [this.number(left), this.number(right)]
        return { '-eq': a === b, '-ne': a !== b, '-lt': a < b, '-le': a <= b, '-gt': a > b, '-ge': a >= b }[operator] ?? false
      }
    }
  }

  private number(text: string): number {
    if (!/^\s*[-+]?\d+\s*$/.test(text))
      throw new TestError(this.process.machine.image.userland.busybox ? `${text}: bad number` : `[: ${text}: integer expression expected`)
    return Number(text)
  }
}

const BINARY = new Set(['=', '==', '!=', '<', '>', '=~', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot'])
