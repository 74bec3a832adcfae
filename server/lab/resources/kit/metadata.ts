import type { FieldError, KubeObject, ObjectMeta } from '../definition.ts'
import { forbidden, IMMUTABLE, invalid, required, tooLong } from './field-errors.ts'
import { asPrefix, byteLength, dnsLabel, labelValue, qualifiedName, type NameRule } from './names.ts'

const ANNOTATIONS_LIMIT = 256 * 1024

export interface MetadataRules {
  namespaced: boolean
  name: NameRule
  /** Where metadata stands, for the templates inside other objects. */
  path?: string
}

/** The rules for metadata on creation, the name already generated (apimachinery's api/validation ValidateObjectMeta). */
export function validateMetadata(metadata: ObjectMeta, rules: MetadataRules): FieldError[] {
  const path = rules.path ?? 'metadata'
  const errors: FieldError[] = []
  if (metadata.generateName) {
    const generateName = metadata.generateName
    for (const message of rules.name(asPrefix(generateName))) errors.push(invalid(`${path}.generateName`, generateName, message))
  }
  if (!metadata.name) errors.push(required(`${path}.name`, 'name or generateName is required'))
  else for (const message of rules.name(metadata.name)) errors.push(invalid(`${path}.name`, metadata.name, message))
  if (rules.namespaced) {
    if (!metadata.namespace) errors.push(required(`${path}.namespace`))
    else for (const message of dnsLabel(metadata.namespace)) errors.push(invalid(`${path}.namespace`, metadata.namespace, message))
  } else if (metadata.namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'))
  errors.push(...validateLabels(metadata.labels, `${path}.labels`))
  errors.push(...validateAnnotations(metadata.annotations, `${path}.annotations`))
  errors.push(...validateOwners(metadata, `${path}.ownerReferences`))
  errors.push(...validateFinalizers(metadata.finalizers, `${path}.finalizers`))
  return [...errors, ...checkKnownFinalizers(metadata.finalizers, `${path}.finalizers`)]
}

/** The rules for metadata on update (ValidateObjectMetaUpdate). What the store itself keeps (uid, times) is compared too. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const { metadata } = object
  const before = old.metadata
  const errors: FieldError[] = []
  if (before.deletionTimestamp) {
    const added = (metadata.finalizers ?? []).filter((each) => !before.finalizers?.includes(each)).toSorted()
    if (added.length > 0) {
      const list = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`
      errors.push(
        forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
      )
    }
  }
  const fixed = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const
  for (const key of fixed) {
    if ((metadata[key] ?? null) !== (before[key] ?? null)) errors.push(invalid(`metadata.${key}`, metadata[key] ?? null, IMMUTABLE))
  }
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'))
  errors.push(...validateAnnotations(metadata.annotations, 'metadata.annotations'))
  errors.push(...validateOwners(metadata, 'metadata.ownerReferences'))
  return [...errors, ...checkKnownFinalizers(metadata.finalizers, 'metadata.finalizers')]
}

export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const message of qualifiedName(key)) errors.push(invalid(path, key, message))
    for (const message of labelValue(value)) errors.push(invalid(path, value, message))
  }
  return errors
}

export function validateAnnotations(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const message of qualifiedName(key.toLowerCase())) errors.push(invalid(path, key, message))
    size += byteLength(key) + byteLength(value)
  }
  if (size > ANNOTATIONS_LIMIT) errors.push(tooLong(path, ANNOTATIONS_LIMIT))
  return errors
}

function validateOwners(metadata: ObjectMeta, path: string): FieldError[] {
  const owners = metadata.ownerReferences ?? []
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const owner of owners) {
    if (!owner.apiVersion) errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    for (const key of ['kind', 'name', 'uid'] as const) {
      if (!owner[key]) errors.push(invalid(`${path}.${key}`, owner[key] ?? '', 'must not be empty'))
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller !== true) continue
    const current = `${owner.kind}/${owner.name}`
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`
      errors.push(invalid(path, owners, detail))
    } else controller = current
  }
  return errors
}

function validateFinalizers(finalizers: string[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const finalizer of finalizers ?? []) for (const message of qualifiedName(finalizer)) errors.push(invalid(path, finalizer, message))
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

/** Finalizers without a domain are the server's own. */
function checkKnownFinalizers(finalizers: string[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, finalizer] of (finalizers ?? []).entries()) {
    if (finalizer.includes('/') || ['kubernetes', 'orphan', 'foregroundDeletion'].includes(finalizer)) continue
    const message = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalid(`${path}[${index}]`, finalizer, message))
  }
  return errors
}
