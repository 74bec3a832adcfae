/* oxlint-disable typescript/no-explicit-any */

/** Sets a field that is absent or null, as defaults of pointers do. */
export function fill(target: any, key: string, value: unknown): void {
  if (target[key] === undefined || target[key] === null) target[key] = value
}

/** Sets a field that is absent or empty (`''`, 0), as defaults of plain Go fields do. */
export function fillEmpty(target: any, key: string, value: unknown): void {
  if (!target[key]) target[key] = value
}

/** The fields of a value that are given: Go writes an empty list that may not be left out as null, which is as good as absent. */
export function given(value: any): any {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([, each]) => each !== null))
}
