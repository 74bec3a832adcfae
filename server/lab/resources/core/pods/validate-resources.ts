import type { FieldError } from '../../definition.ts'
import { forbidden, invalid, required } from '../../kit/field-errors.ts'
import { compareQuantities } from '../../kit/resource-list.ts'
import { allowsOvercommit, checkContainerResourceName, checkResourceQuantity, isHugePage } from '../../kit/resource-names.ts'

/* oxlint-disable typescript/no-explicit-any */

/** Requests and limits (validateResourceRequirements). Names in Go's order of keys are random; here they stand as given. */
export function checkResources({ limits = {}, requests = {} }: any, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, quantity] of Object.entries<any>(limits ?? {})) errors.push(...checkEntry(name, quantity, `${path}.limits[${name}]`))
  for (const [name, quantity] of Object.entries<any>(requests ?? {})) {
    errors.push(...checkEntry(name, quantity, `${path}.requests[${name}]`))
    const limit = limits?.[name]
    if (limit === undefined) {
      if (!allowsOvercommit(name)) errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
      continue
    }
    const order = compareQuantities(quantity, limit)
    if (order !== 0 && !allowsOvercommit(name)) {
      errors.push(invalid(`${path}.requests`, quantity, `must be equal to ${name} limit of ${limit}`))
    } else if (order > 0) errors.push(invalid(`${path}.requests`, quantity, `must be less than or equal to ${name} limit of ${limit}`))
  }
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})]
  if (names.some(isHugePage) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'))
  }
  return errors
}

function checkEntry(name: string, quantity: unknown, path: string): FieldError[] {
  return [...checkContainerResourceName(name, path), ...checkResourceQuantity(name, quantity, path)]
}
