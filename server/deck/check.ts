/** The grammar of checks, the lines that start with `? ` below a step. See Check in server/protocol/lab.ts for what each one means. */
import type { Check, CheckOperator, CheckSubject } from '../protocol/lab.ts'

const EXPECTED =
  'expected `RESOURCE[/NAME] [-n NAMESPACE] [-l SELECTOR]` and then `exists`, `absent`, `.PATH OPERATOR VALUE`, `.PATH exists`, `count OPERATOR VALUE` or `every .PATH OPERATOR VALUE`; or `exit OPERATOR VALUE`'
const COMPARISON = /^(!=|>=|<=|=|matches)\s+(\S.*)$/
const RESOURCE = /^([a-z][a-z0-9.-]*)(?:\/([a-z0-9][a-z0-9.-]*))?$/
/** kubectl's JSONPath without its braces: fields, indices, quoted keys, and a filter on one field. */
const PATH = /^(?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']+'\]|\[\?\(@\.[\w-]+=="[^"]*"\)\])+$/
const WHOLE_NUMBER = /^-?\d+$/
const NUMBER = /^-?\d+(?:\.\d+)?$/

type Failure = { error: string }

function comparison(text: string, number: RegExp | null): { operator: CheckOperator; value: string } | Failure {
  const found = COMPARISON.exec(text)
  if (!found) return { error: `"${text}" is no comparison: expected =, !=, >=, <= or matches, and a value` }
  const operator = found[1] as CheckOperator
  const value = (found[2] as string).trim()
  if (operator === 'matches') {
    try {
      void new RegExp(value, 'u')
    } catch (error) {
      return { error: `"${value}" is no regular expression: ${(error as Error).message}` }
    }
    return { operator, value }
  }
  const needed = number ?? (operator === '>=' || operator === '<=' ? NUMBER : null)
  if (needed && !needed.test(value))
    return { error: `"${value}" is no ${needed === NUMBER ? '' : 'whole '}number: ${operator} needs one here` }
  return { operator, value }
}

/** Takes the first word off, where brackets and quotes hold a path together. */
function firstWord(text: string): [string, string] {
  const found = /^((?:\[[^\]]*\]|[^\s[])+)\s*(.*)$/.exec(text)
  return found ? [found[1] as string, found[2] as string] : [text, '']
}

function parseSubject(text: string): { subject: CheckSubject; rest: string } | Failure {
  const [word, after] = firstWord(text)
  const resource = RESOURCE.exec(word)
  if (!resource) return { error: `"${word}" is no resource: ${EXPECTED}` }
  const subject: CheckSubject = { resource: resource[1] as string, name: resource[2] ?? null, namespace: 'default', selector: null }
  let rest = after
  for (;;) {
    const option = /^(-n|-l)(?:\s+(\S+)\s*(.*))?$/.exec(rest)
    if (!option) break
    const [, flag, value, remaining] = option
    if (value === undefined) return { error: `${flag} needs a value: ${EXPECTED}` }
    if (flag === '-n') subject.namespace = value
    else subject.selector = value
    rest = remaining ?? ''
  }
  if (subject.name !== null && subject.selector !== null) return { error: 'a check takes a name or a selector (-l), not both' }
  return { subject, rest }
}

function checkPath(path: string): Failure | null {
  return PATH.test(path) ? null : { error: `"${path}" is no path: expected fields and indices as .status.loadBalancer.ingress[0].ip` }
}

/** Reads a check without its `? `, or says what was expected. */
export function parseCheck(line: string): Check | Failure {
  const text = line.trim()
  if (text === '') return { error: `the check is empty: ${EXPECTED}` }
  const exit = /^exit(?:\s+(.*))?$/.exec(text)
  if (exit) {
    const compared = comparison(exit[1] ?? '', WHOLE_NUMBER)
    return 'error' in compared ? compared : { kind: 'exit', ...compared, text }
  }
  const parsed = parseSubject(text)
  if ('error' in parsed) return parsed
  const { subject, rest } = parsed
  if (rest === 'exists' || rest === 'absent') return { kind: 'existence', subject, exists: rest === 'exists', text }
  const [word, remaining] = firstWord(rest)
  if (word === 'count' || word === 'every') {
    if (subject.name !== null) return { error: `"${word}" looks at several objects: give a resource without a name` }
    if (word === 'count') {
      const compared = comparison(remaining, WHOLE_NUMBER)
      return 'error' in compared ? compared : { kind: 'count', subject, ...compared, text }
    }
    const [path, condition] = firstWord(remaining)
    const wrong = checkPath(path)
    if (wrong) return wrong
    const compared = comparison(condition, null)
    return 'error' in compared ? compared : { kind: 'every', subject, path, ...compared, text }
  }
  if (!word.startsWith('.') && !word.startsWith('['))
    return { error: `${rest === '' ? 'the check says nothing about its object' : `"${rest}" is nothing to check`}: ${EXPECTED}` }
  const wrong = checkPath(word)
  if (wrong) return wrong
  if (subject.name === null) return { error: 'a path needs one object: give RESOURCE/NAME, or `every` before the path' }
  if (remaining === 'exists' || remaining === 'absent')
    return { kind: 'presence', subject, path: word, exists: remaining === 'exists', text }
  const compared = comparison(remaining, null)
  return 'error' in compared ? compared : { kind: 'value', subject, path: word, ...compared, text }
}
