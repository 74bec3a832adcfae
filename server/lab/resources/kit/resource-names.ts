/** Names of resources and where each may stand (pkg/apis/core/helper and validateResourceName and its kin). */
import type { FieldError } from '../definition.ts'
import { checkRule, NOT_NEGATIVE } from './checks.ts'
import { invalid } from './field-errors.ts'
import { qualifiedName } from './names.ts'
import { parseQuantity } from './quantity.ts'

/** What a container asks for by these names, and by those of huge pages. */
export const CONTAINER_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const COUNTED = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const INTEGER_RESOURCES = new Set(COUNTED)
const QUOTA_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'requests.storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  ...COUNTED,
])
/** Names without a domain that mean something somewhere. */
const STANDARD_RESOURCES = new Set([...QUOTA_RESOURCES, 'storage'])

export const isHugePage = (name: string): boolean => name.startsWith('hugepages-')
export const isQuotaHugePage = (name: string): boolean => isHugePage(name) || name.startsWith('requests.hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
/** More may be asked for than there is: of native resources, huge pages apart. */
export const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePage(name)
export const isStandardQuotaResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || isQuotaHugePage(name)

export function checkResourceName(name: string, path: string): FieldError[] {
  const errors = checkRule(qualifiedName, name, path)
  if (errors.length === 0 && !name.includes('/') && !STANDARD_RESOURCES.has(name) && !isQuotaHugePage(name)) {
    errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  }
  return errors
}

export function checkContainerResourceName(name: string, path: string): FieldError[] {
  const errors = checkResourceName(name, path)
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePage(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtended(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return errors
}

export function checkQuotaResourceName(name: string, path: string): FieldError[] {
  const errors = checkResourceName(name, path)
  if (!name.includes('/') && !isStandardQuotaResource(name)) errors.push(invalid(path, name, 'must be a standard resource for quota'))
  return errors
}

/** Not negative, and whole where things are counted. What is no quantity is named elsewhere. */
export function checkResourceQuantity(name: string, value: unknown, path: string): FieldError[] {
  const quantity = parseQuantity(value)
  if (quantity === null) return []
  const errors = quantity.nano < 0n ? [invalid(path, value, NOT_NEGATIVE)] : []
  if ((INTEGER_RESOURCES.has(name) || isExtended(name)) && quantity.nano % 10n ** 9n !== 0n) {
    errors.push(invalid(path, value, 'must be an integer'))
  }
  return errors
}
