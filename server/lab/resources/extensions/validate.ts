/** The rules for CustomResourceDefinitions (apiextensions' validation), schemas apart, which the API checks as it reads them. */
import type { FieldError, KubeObject } from '../definition.ts'
import { checkImmutable, checkRule } from '../kit/checks.ts'
import { invalid, notSupported, required } from '../kit/field-errors.ts'
import { dns1035Label, dnsSubdomain } from '../kit/names.ts'
import { checkSchema } from './validate-schema.ts'

/* oxlint-disable typescript/no-explicit-any */

const APPROVED = 'api-approved.kubernetes.io'

/** Groups of Kubernetes' own are not for everybody (validateAPIApproval). */
function checkApproval({ metadata, spec }: KubeObject): FieldError[] {
  const group: string = spec.group ?? ''
  const isProtected = ['k8s.io', 'kubernetes.io'].some((domain) => group === domain || group.endsWith(`.${domain}`))
  if (!isProtected || metadata.annotations?.[APPROVED]) return []
  const words = `protected groups must have approval annotation "${APPROVED}", see https://github.com/kubernetes/enhancements/pull/1111`
  return [required(`metadata.annotations[${APPROVED}]`, words)]
}

export function validateNewDefinition(crd: KubeObject): FieldError[] {
  return [...validateDefinition(crd, true), ...checkApproval(crd)]
}

export function validateDefinition({ metadata, spec, status }: KubeObject, isNew = false): FieldError[] {
  const { group = '', scope = '', names = {}, versions = [] } = spec
  const errors: FieldError[] = []
  if (isNew && metadata.name !== `${names.plural ?? ''}.${group}`) {
    errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'))
  }
  if (group === '') errors.push(required('spec.group'))
  else if (dnsSubdomain(group).length > 0) errors.push(...checkRule(dnsSubdomain, group, 'spec.group'))
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'))
  if (scope === '') errors.push(required('spec.scope'))
  else if (!['Cluster', 'Namespaced'].includes(scope)) errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  errors.push(...checkVersions(versions ?? [], spec.versions ?? null), ...checkNames(names))
  return [...errors, ...checkStored(versions ?? [], status?.storedVersions)]
}

/** A version as the server's inner type prints it; its schema stands elsewhere there, where all versions share it. */
function internalVersion({ name = '', served = false, storage = false, deprecated = false, deprecationWarning = null }: any): object {
  return {
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated,
    DeprecationWarning: deprecationWarning,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  }
}

function checkVersions(versions: any[], given: unknown): FieldError[] {
  const errors: FieldError[] = []
  const printed = given === null ? null : versions.map(internalVersion)
  for (const [index, { name = '', schema }] of versions.entries()) {
    errors.push(...checkRule(dns1035Label, name, `spec.versions[${index}].name`))
    const root = schema?.openAPIV3Schema
    if (root === undefined) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`))
    else if (!root.type) errors.push(required('spec.validation.openAPIV3Schema.type', 'must not be empty at the root'))
    else
      errors.push(
        ...checkSchema(root, versions.length > 1 ? `spec.versions[${index}].schema.openAPIV3Schema` : 'spec.validation.openAPIV3Schema'),
      )
  }
  // what a single version has stands in fields of its own
  for (const [index, { additionalPrinterColumns }] of versions.entries()) {
    const path = versions.length > 1 ? `spec.versions[${index}]` : 'spec'
    errors.push(
      ...(additionalPrinterColumns ?? []).flatMap((column: any, at: number) =>
        checkColumn(column, `${path}.additionalPrinterColumns[${at}]`),
      ),
    )
  }
  const names = versions.map(({ name }) => name)
  if (new Set(names).size < names.length) errors.push(invalid('spec.versions', printed, 'must contain unique version names'))
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(invalid('spec.versions', printed, 'must have exactly one version marked as storage version'))
  }
  // The first version stands in a field of its own too.
  if (versions[0]?.name) errors.push(...checkRule(dns1035Label, versions[0].name, 'spec.version'))
  return errors
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** As ValidateCustomResourceColumnDefinition. */
function checkColumn({ name, type, format, jsonPath }: any, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`)]
  const types = `must be one of ${COLUMN_TYPES.join(',')}`
  if (!type) errors.push(required(`${path}.type`, types))
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${path}.type`, type, types))
  if (format && !COLUMN_FORMATS.includes(format))
    errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`))
  if (!jsonPath) errors.push(required(`${path}.JSONPath`))
  else if (!jsonPath.startsWith('.')) errors.push(invalid(`${path}.JSONPath`, jsonPath, 'must be a simple json path starting with .'))
  return errors
}

function checkNames(names: any): FieldError[] {
  const errors: FieldError[] = []
  const mixed = 'may have mixed case, but should otherwise match: '
  for (const key of ['plural', 'singular', 'kind', 'listKind']) {
    const value: string = names[key] ?? ''
    const path = `spec.names.${key}`
    if (value === '') errors.push(required(path))
    else if (key === 'plural' || key === 'singular') errors.push(...checkRule(dns1035Label, value, path))
    else errors.push(...dns1035Label(value.toLowerCase()).map((message) => invalid(path, value, `${mixed}${message}`)))
  }
  for (const [index, name] of (names.shortNames ?? []).entries())
    errors.push(...checkRule(dns1035Label, name, `spec.names.shortNames[${index}]`))
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'))
  }
  return errors
}

function checkStored(versions: any[], stored: string[] | null | undefined): FieldError[] {
  const path = 'status.storedVersions'
  if (!stored?.length) return [invalid(path, null, 'must have at least one stored version')]
  const storage = versions.findLast((each) => each.storage)?.name
  const others = versions.filter((each) => each.storage).length > 1
  return others || (storage !== undefined && !stored.includes(storage))
    ? [invalid(path, stored, `must have the storage version ${storage}`)]
    : []
}

/** Group and names of a definition that is established stay. */
export function checkDefinitionChange({ spec }: KubeObject, old: KubeObject): FieldError[] {
  const before = old['spec']
  const established = (old['status']?.conditions ?? []).some((each: any) => each.type === 'Established' && each.status === 'True')
  return [
    ...checkImmutable(spec.group, before.group, 'spec.group'),
    ...checkImmutable(spec.names?.plural, before.names?.plural, 'spec.names.plural'),
    ...(established ? checkImmutable(spec.scope, before.scope, 'spec.scope') : []),
    ...(established ? checkImmutable(spec.names?.kind, before.names?.kind, 'spec.names.kind') : []),
  ]
}
