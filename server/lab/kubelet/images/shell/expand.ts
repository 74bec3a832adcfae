/** From words to fields: variables, command substitution, arithmetic, field splitting. There are no file name patterns. */
import { evaluate } from './arithmetic.ts'
import type { Job, ShellState, Streams } from './state.ts'
import type { List, Word, WordPart } from './grammar.ts'

/** Runs the list of a `$(...)` and gives what it printed. Given by the interpreter, which needs words expanded in turn. */
export type Substitute = (body: List, state: ShellState, streams: Streams, job: Job, then: (output: string) => void) => void

export interface Expansion {
  state: ShellState
  streams: Streams
  job: Job
  substitute: Substitute
  /** Where a word cannot be expanded: the message as it follows `sh: `. */
  fail(message: string): void
}

/** A piece of a word: text that is split at blanks where it was not quoted, or `"$@"`, each of which is a field. */
type Piece = { text: string; split: boolean } | { fields: string[] }

/** Gives the fields of all words. */
export function expandWords(words: readonly Word[], expansion: Expansion, then: (fields: string[]) => void): void {
  const fields: string[] = []
  const next = (index: number): void => {
    const word = words[index]
    if (!word) return then(fields)
    pieces(word, expansion, (found) => {
      fields.push(...toFields(found))
      next(index + 1)
    })
  }
  next(0)
}

/** Gives a word as one text, without splitting: for assignments, redirections and patterns. */
export function expandText(word: Word, expansion: Expansion, then: (text: string) => void): void {
  pieces(word, expansion, (found) => then(found.map((each) => ('fields' in each ? each.fields.join(' ') : each.text)).join('')))
}

function toFields(found: readonly Piece[]): string[] {
  const fields: string[] = []
  let current: string | null = null
  const end = (): void => {
    if (current !== null) fields.push(current)
    current = null
  }
  for (const each of found) {
    if ('fields' in each) {
      for (const [index, field] of each.fields.entries()) {
        if (index > 0) end()
        current = (current ?? '') + field
      }
    } else if (!each.split) current = (current ?? '') + each.text
    else {
      for (const [index, part] of each.text.split(/[ \t\n]+/).entries()) {
        if (index > 0) end()
        if (part !== '') current = (current ?? '') + part
      }
    }
  }
  end()
  return fields
}

function pieces(word: Word, expansion: Expansion, then: (found: Piece[]) => void): void {
  const found: Piece[] = []
  const next = (index: number): void => {
    const part = word.parts[index]
    if (!part) return then(found)
    piece(part, expansion, index === 0, (value) => {
      found.push(value)
      next(index + 1)
    })
  }
  next(0)
}

function piece(part: WordPart, expansion: Expansion, first: boolean, then: (value: Piece) => void): void {
  const { state, streams, job, substitute, fail } = expansion
  switch (part.is) {
    case 'text':
      return then({
        text: !part.quoted && first ? part.text.replace(/^~(?=\/|$)/, state.variables.get('HOME') ?? '/') : part.text,
        split: false,
      })
    case 'command':
      return substitute(part.body, state, streams, job, (output) => then({ text: output.replace(/\n+$/, ''), split: !part.quoted }))
    case 'arithmetic':
      return expandText(part.expression, expansion, (text) => {
        let value: number
        try {
          value = evaluate(text, state)
        } catch (error) {
          return fail((error as Error).message)
        }
        then({ text: String(value), split: false })
      })
    case 'variable':
      if (part.name === '@' && part.quoted && part.operator === '') return then({ fields: [...state.positional] })
      return variable(part, expansion, (text) => then({ text, split: !part.quoted }))
  }
}

/** The value of a name; undefined where it is not set. */
export function valueOf(name: string, state: ShellState): string | undefined {
  if (/^\d+$/.test(name)) return name === '0' ? 'sh' : state.positional[Number(name) - 1]
  switch (name) {
    case '?':
      return String(state.lastCode)
    case '#':
      return String(state.positional.length)
    case '@':
    case '*':
      return state.positional.join(' ')
    case '$':
      return '1'
    case '!':
      return state.background.at(-1)?.pid.toString() ?? ''
    case '-':
      return `${state.options.errexit ? 'e' : ''}${state.options.nounset ? 'u' : ''}`
    default:
      return state.variables.get(name)
  }
}

function variable(part: Extract<WordPart, { is: 'variable' }>, expansion: Expansion, then: (text: string) => void): void {
  const { state, fail } = expansion
  const { name, operator, operand } = part
  const value = valueOf(name, state)
  if (operator === 'length') return then(String((value ?? '').length))
  if (operator === '' || operand === null) {
    if (value === undefined && state.options.nounset) return fail(`${name}: parameter not set`)
    return then(value ?? '')
  }
  const missing = value === undefined || (operator.startsWith(':') && value === '')
  switch (operator.at(-1)) {
    case '-':
      return missing ? expandText(operand, expansion, then) : then(value)
    case '=':
      if (!missing) return then(value)
      return expandText(operand, expansion, (text) => {
        state.variables.set(name, text)
        then(text)
      })
    case '+':
      return missing ? then('') : expandText(operand, expansion, then)
    case '?':
      return missing ? expandText(operand, expansion, (text) => fail(`${name}: ${text || 'parameter not set'}`)) : then(value)
    default:
      return expandText(operand, expansion, (pattern) => then(trim(value ?? '', pattern, operator)))
  }
}

/** `${x#pattern}` and its kin. */
function trim(value: string, pattern: string, operator: string): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length)
  const longest = operator.length === 2
  for (const length of longest ? lengths.toReversed() : lengths) {
    if (operator.startsWith('#')) {
      if (matches(value.slice(0, length), pattern)) return value.slice(length)
    } else if (matches(value.slice(value.length - length), pattern)) return value.slice(0, value.length - length)
  }
  return value
}

/** Whether a text is of a shell pattern: `*`, `?`, `[a-z]`. */
export function matches(text: string, pattern: string): boolean {
  const source = pattern.replace(/\[!?[^\]]*\]|[\s\S]/g, (token) => {
    if (token === '*') return '[\\s\\S]*'
    if (token === '?') return '[\\s\\S]'
    if (token.length > 1) return token.replace(/^\[!/, '[^')
    return token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${source}$`).test(text)
}
