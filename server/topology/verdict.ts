/** Checks against objects: pure, so that every rule can be tested without a cluster. */
import type { Check, CheckOperator } from '../protocol/lab.ts'
import type { Finding } from '../protocol/notices.ts'

export interface Verdict {
  holds: boolean
  found: Finding
}

function compare(found: string, operator: CheckOperator, expected: string): boolean {
  switch (operator) {
    case '=':
      return found === expected
    case '!=':
      return found !== expected
    case '>=':
      return found !== '' && Number(found) >= Number(expected)
    case '<=':
      return found !== '' && Number(found) <= Number(expected)
    case 'matches':
      return new RegExp(expected).test(found)
  }
}

/** A value as it stands in a check: text as it is, everything else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

type Segment = string | number | { key: string; value: string }

/** Steps of a path: `.a.b[0]['c.d']`, a dot inside a key as `\\.`, and the element of a list by one of its fields: `[?(@.type=="Ready")]`. */
function segments(path: string): Segment[] {
  const found: Segment[] = []
  const step = /\[(\d+)\]|\[\?\(@\.([\w-]+)==(?:"([^"]*)"|'([^']*)')\)\]|\['([^']*)'\]|\["([^"]*)"\]|\.?((?:\\.|[^.[\]\\])+)/g
  for (const [, index, key, double, single, quoted, quotedTwice, plain] of path.matchAll(step)) {
    if (index !== undefined) found.push(Number(index))
    else if (key !== undefined) found.push({ key, value: (double ?? single)! })
    else found.push((quoted ?? quotedTwice ?? plain!).replaceAll(/\\(.)/g, '$1'))
  }
  return found
}

/** The value at a path, undefined where there is none. */
export function valueAt(object: unknown, path: string): unknown {
  let value: any = object
  for (const segment of segments(path)) {
    if (value === null || typeof value !== 'object') return undefined
    if (typeof segment === 'object') value = Array.isArray(value) ? value.find((one) => one?.[segment.key] === segment.value) : undefined
    else if (!Object.hasOwn(value, segment)) return undefined
    else value = value[segment]
  }
  return value
}

export function compareExit(check: Extract<Check, { kind: 'exit' }>, exit: number): boolean {
  return compare(String(exit), check.operator, check.value)
}

type ClusterCheck = Exclude<Check, { kind: 'exit' }>

function subjectName({ subject }: ClusterCheck): string {
  return subject.name === null
    ? `${subject.resource}${subject.selector ? ` -l ${subject.selector}` : ''}`
    : `${subject.resource}/${subject.name}`
}

function valueVerdict(name: string, object: unknown, check: Extract<Check, { kind: 'value' | 'every' }>): Verdict {
  const { path } = check
  const value = valueAt(object, path)
  if (value === undefined) return { holds: check.operator === '!=', found: { kind: 'path', name, path, exists: false } }
  return {
    holds: compare(shown(value), check.operator, check.value),
    found: { kind: 'value', name, path, value: shown(value).slice(0, 120) },
  }
}

/** Looks at the objects that the check's subject picks. */
export function verdict(check: ClusterCheck, objects: { metadata: { name: string } }[]): Verdict {
  const name = subjectName(check)
  const [first] = objects
  const absent: Finding = { kind: 'absent', name }
  switch (check.kind) {
    case 'existence':
      return { holds: objects.length > 0 === check.exists, found: first ? { kind: 'exists', name } : absent }
    case 'count':
      return { holds: compare(String(objects.length), check.operator, check.value), found: { kind: 'count', count: objects.length } }
    case 'presence': {
      // with a selector: every object that it picks
      if (!first) return { holds: !check.exists, found: absent }
      const wrong = objects.find((object) => (valueAt(object, check.path) !== undefined) !== check.exists)
      const which = `${check.subject.resource}/${(wrong ?? first).metadata.name}`
      return {
        holds: wrong === undefined,
        found: { kind: 'path', name: which, path: check.path, exists: (wrong !== undefined) !== check.exists },
      }
    }
    case 'value':
      return first ? valueVerdict(name, first, check) : { holds: false, found: absent }
    case 'every': {
      if (!first) return { holds: false, found: absent }
      const verdicts = objects.map((object) => valueVerdict(`${check.subject.resource}/${object.metadata.name}`, object, check))
      return verdicts.find((one) => !one.holds) ?? verdicts[0]!
    }
  }
}
