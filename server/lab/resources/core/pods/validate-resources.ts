import type { FieldError } from '../../definition.ts'
import { checkRule, NOT_NEGATIVE } from '../../kit/checks.ts'
import { forbidden, invalid, required } from '../../kit/field-errors.ts'
import { qualifiedName } from '../../kit/names.ts'
import { parseQuantity } from '../../kit/quantity.ts'

/* oxlint-disable typescript/no-explicit-any */

/** Names without a domain that mean something somewhere, and those among them that a container may ask for. */
const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const STANDARD_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])

const isHugePage = (name: string): boolean => name.startsWith('hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
/** More may be asked for than there is: of native resources, huge pages apart. */
const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePage(name)

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
    const order = compare(quantity, limit)
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
  return [...checkName(name, path), ...checkQuantity(name, quantity, path)]
}

function checkName(name: string, path: string): FieldError[] {
  const errors = checkRule(qualifiedName, name, path)
  if (!name.includes('/')) {
    if (errors.length === 0 && !STANDARD_RESOURCES.has(name) && !isHugePage(name)) {
      errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
    }
    if (!CONTAINER_RESOURCES.has(name) && !isHugePage(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return errors
}

function checkQuantity(name: string, value: unknown, path: string): FieldError[] {
  const quantity = parseQuantity(value)
  if (quantity === null) return []
  const errors = quantity.nano < 0n ? [invalid(path, value, NOT_NEGATIVE)] : []
  if (isExtended(name) && quantity.nano % 10n ** 9n !== 0n) errors.push(invalid(path, value, 'must be an integer'))
  return errors
}

function compare(a: unknown, b: unknown): number {
  const difference = (parseQuantity(a)?.nano ?? 0n) - (parseQuantity(b)?.nano ?? 0n)
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}
