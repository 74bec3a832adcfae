/** A JSON value as Go prints it by `%+v`: `map[spec:map[replicas:<nil>]]`. The server quotes patches in this form. */
import { isObject } from '../../store/objects.ts'

export function goMap(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`
  if (!isObject(value)) return String(value)
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${goMap(value[key])}`)
  return `map[${members.join(' ')}]`
}
