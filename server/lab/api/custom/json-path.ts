/** The simple JSON paths of printer columns and scale subresources: fields, indices, `[*]` and a filter by equality. */
import { isObject } from '../../store/objects.ts'

type Step = { field: string } | { index: number } | 'all' | { filter: string[]; value: string }

const STEP = /\.((?:\\.|[^.[\]\\])+)|\[(\d+)\]|\['((?:[^'])*)'\]|\["((?:[^"])*)"\]|\[(\*)\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/gy

/** The steps of a path, or null where it is not one of the simple ones. */
function parse(path: string): Step[] | null {
  const steps: Step[] = []
  let at = path.startsWith('$') ? 1 : 0
  while (at < path.length) {
    STEP.lastIndex = at
    const match = STEP.exec(path)
    if (!match) return null
    at = STEP.lastIndex
    const [, field, index, single, double, all, filter, value] = match
    if (field !== undefined) steps.push(field === '*' ? 'all' : { field: field.replace(/\\(.)/g, '$1') })
    else if (index !== undefined) steps.push({ index: Number(index) })
    else if (all !== undefined) steps.push('all')
    else if (filter !== undefined) steps.push({ filter: filter.split('.'), value: value ?? '' })
    else steps.push({ field: single ?? double ?? '' })
  }
  return steps
}

function follow(value: unknown, step: Step): unknown[] {
  if (step === 'all') return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  if ('field' in step) return isObject(value) && value[step.field] !== undefined ? [value[step.field]] : []
  if ('index' in step) return Array.isArray(value) && value[step.index] !== undefined ? [value[step.index]] : []
  if (!Array.isArray(value)) return []
  return value.filter(
    (item) => step.filter.reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), item) === step.value,
  )
}

/** A function that gives the first value at the path, or undefined. */
export function jsonPath(path: string): (object: unknown) => unknown {
  const steps = parse(path)
  if (!steps) return () => undefined
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap((value) => follow(value, step)), [object])[0]
}
