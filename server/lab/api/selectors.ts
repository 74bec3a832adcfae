/** Label and field selectors as clients write them, with the server's errors (apimachinery's labels/selector.go, fields/selector.go). */
import { badRequest } from '../store/api-error.ts'
import { goQuote } from './go-words.ts'

type Labels = Record<string, string>
export type Matcher = (values: Labels) => boolean

interface Token {
  kind: 'word' | 'end' | '=' | '==' | '!=' | 'in' | 'notin' | '(' | ')' | ',' | '!' | '>' | '<'
  text: string
}

function tokenize(selector: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(?:(==|!=|=|\(|\)|,|!|>|<)|([^\s=!(),<>]+))/gy
  let last = 0
  for (;;) {
    pattern.lastIndex = last
    const match = pattern.exec(selector)
    if (!match) break
    last = pattern.lastIndex
    const [, symbol, word] = match
    if (symbol) tokens.push({ kind: symbol as Token['kind'], text: symbol })
    else if (word === 'in' || word === 'notin') tokens.push({ kind: word, text: word })
    else tokens.push({ kind: 'word', text: word as string })
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

/** `inRequirement` tells the errors within a requirement, which the server introduces, from those between two of them. */
class SelectorError extends Error {
  inRequirement = true
}

function betweenRequirements(message: string): SelectorError {
  const error = new SelectorError(message)
  error.inRequirement = false
  return error
}

const QUALIFIED_NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

function checkKey(key: string): void {
  if ((key.split('/').at(-1) as string).length > 63) {
    throw new SelectorError(`key: Invalid value: ${JSON.stringify(key)}: name part must be no more than 63 bytes`)
  }
  if (!QUALIFIED_NAME.test(key)) throw new SelectorError(`key: Invalid value: ${JSON.stringify(key)}: ${NAME_RULE}`)
}

function checkValue(key: string, value: string): void {
  if (value.length > 63)
    throw new SelectorError(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: must be no more than 63 bytes`)
  if (!LABEL_VALUE.test(value)) throw new SelectorError(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${VALUE_RULE}`)
}

/** Reads a label selector. Throws BadRequest with the server's words. */
export function parseLabelSelector(selector: string): Matcher {
  if (selector.trim() === '') return () => true
  try {
    return parseRequirements(tokenize(selector))
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(`${error.inRequirement ? 'unable to parse requirement: ' : ''}${error.message}`)
    throw error
  }
}

function parseRequirements(tokens: Token[]): Matcher {
  const requirements: Matcher[] = []
  let at = 0
  const peek = (): Token => tokens[at] as Token
  const next = (): Token => tokens[at++] as Token
  const startsRequirement = ({ kind }: Token): boolean => kind === 'word' || kind === 'in' || kind === 'notin' || kind === '!'
  for (;;) {
    const first = peek()
    if (first.kind === 'end') break
    if (!startsRequirement(first)) throw betweenRequirements(`found '${first.text}', expected: !, identifier, or 'end of string'`)
    requirements.push(parseRequirement(peek, next))
    const after = next()
    if (after.kind === 'end') break
    if (after.kind !== ',') throw betweenRequirements(`found '${after.text}', expected: ',' or 'end of string'`)
    if (!startsRequirement(peek())) throw betweenRequirements(`found '${peek().text}', expected: identifier after ','`)
  }
  return (labels) => requirements.every((matches) => matches(labels))
}

/** What no label's value can be. */
const NO_VALUE = '\0'

function parseRequirement(peek: () => Token, next: () => Token): Matcher {
  let negated = false
  if (peek().kind === '!') {
    negated = true
    next()
  }
  const key = next()
  if (key.kind !== 'word' && key.kind !== 'in' && key.kind !== 'notin') throw new SelectorError(`found '${key.text}', expected: identifier`)
  checkKey(key.text)
  const name = key.text
  const valueOf = (labels: Labels): string | undefined => (Object.hasOwn(labels, name) ? labels[name] : undefined)
  if (negated) return (labels) => valueOf(labels) === undefined
  const operator = peek()
  switch (operator.kind) {
    case 'end':
    case ',':
      return (labels) => valueOf(labels) !== undefined
    case '=':
    case '==':
    case '!=': {
      next()
      const value = parseExactValue(peek, next)
      checkValue(name, value)
      return operator.kind === '!=' ? (labels) => valueOf(labels) !== value : (labels) => valueOf(labels) === value
    }
    case 'in':
    case 'notin': {
      next()
      const values = parseValues(peek, next)
      for (const value of values) checkValue(name, value)
      return operator.kind === 'in'
        ? (labels) => values.has(valueOf(labels) ?? NO_VALUE)
        : (labels) => !values.has(valueOf(labels) ?? NO_VALUE)
    }
    case '>':
    case '<': {
      next()
      const text = parseExactValue(peek, next)
      const bound = Number(text || 'none')
      if (!Number.isInteger(bound))
        throw new SelectorError(`values[0]: Invalid value: ${goQuote(text)}: for 'Gt', 'Lt' operators, the value must be an integer`)
      return (labels) => {
        const label = valueOf(labels)
        const value = Number(label)
        return label !== undefined && Number.isInteger(value) && (operator.kind === '>' ? value > bound : value < bound)
      }
    }
    default:
      throw new SelectorError(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`)
  }
}

function parseExactValue(peek: () => Token, next: () => Token): string {
  const token = peek()
  if (token.kind === 'end' || token.kind === ',') return ''
  if (token.kind !== 'word' && token.kind !== 'in' && token.kind !== 'notin') {
    throw new SelectorError(`found '${token.text}', expected: identifier`)
  }
  next()
  return token.text
}

function isWord({ kind }: Token): boolean {
  return kind === 'word' || kind === 'in' || kind === 'notin'
}

function parseValues(peek: () => Token, next: () => Token): Set<string> {
  const open = next()
  if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
  if (peek().kind === ')') {
    next()
    return new Set([''])
  }
  if (!isWord(peek()) && peek().kind !== ',') throw new SelectorError(`found '${peek().text}', expected: ',', ')' or identifier`)
  const values = new Set<string>()
  for (;;) {
    const token = next()
    if (isWord(token)) {
      values.add(token.text)
      if (peek().kind === ',') continue
      if (peek().kind !== ')') throw new SelectorError(`found '${peek().text}', expected: ',' or ')'`)
      next()
      return values
    }
    if (token.kind !== ',') throw new SelectorError(`found '${token.text}', expected: ',', or identifier`)
    if (values.size === 0) values.add('')
    if (peek().kind === ')') {
      next()
      return values.add('')
    }
    if (peek().kind === ',') values.add('')
  }
}

interface FieldTerm {
  field: string
  operator: '=' | '!='
  value: string
}

/** Splits on commas that are not escaped by a backslash. */
function parseFieldTerms(selector: string): FieldTerm[] {
  const terms: FieldTerm[] = []
  for (const term of selector.split(/(?<!\\),/)) {
    if (term === '') continue
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
    if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`)
    const [, field = '', operator, value = ''] = match
    // neither a field nor a value: the server takes it for everything
    if (field === '' && value === '') continue
    terms.push({ field, operator: operator === '!=' ? '!=' : '=', value: value.replace(/\\([\\,=])/g, '$1') })
  }
  return terms
}

/**
 * Reads a field selector for a resource that has these fields beside metadata.name and metadata.namespace. Throws BadRequest with the words of the
 * kind's field label conversion. `name` is the one object that can match, where the selector says so.
 */
export function parseFieldSelector(
  selector: string,
  kind: string,
  selectable: ReadonlySet<string>,
): { matches: Matcher; name: string | null } {
  const terms = parseFieldTerms(selector)
  for (const { field } of terms) {
    if (field === 'metadata.name' || field === 'metadata.namespace' || selectable.has(field)) continue
    if (kind === 'Job') throw badRequest(`field label ${JSON.stringify(field)} not supported for Job`)
    if (selectable.size > 0) throw badRequest(`field label not supported: ${field}`)
    throw badRequest(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
  }
  const named = terms.find(({ field, operator }) => field === 'metadata.name' && operator === '=')
  return {
    matches: (fields) => terms.every(({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '=')),
    name: named?.value ?? null,
  }
}
