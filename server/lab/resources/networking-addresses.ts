/** The rules for addresses of services and their ranges (apis/networking/validation). */
import type { FieldError, KubeObject } from './definition.ts'
import { checkCidr, checkIp } from './kit/checks.ts'
import { required } from './kit/field-errors.ts'

export function validateAddress({ metadata, spec }: KubeObject): FieldError[] {
  const parent = spec?.parentRef
  const errors = metadata.name === '' ? [] : checkIp(metadata.name, 'metadata.name')
  if (!parent) return [...errors, required('spec.parentRef')]
  return [...errors, ...['resource', 'name'].filter((key) => !parent[key]).map((key) => required(`spec.parentRef.${key}`))]
}

export function validateServiceRange({ spec }: KubeObject): FieldError[] {
  const ranges: string[] = spec?.cidrs ?? []
  if (ranges.length === 0) return [required('spec.cidrs', 'at least one CIDR required')]
  return ranges.flatMap((range, index) => checkCidr(range, `spec.cidrs[${index}]`))
}
