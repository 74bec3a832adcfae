/** The rules for the kinds of storage (apis/storage/validation). */
import type { FieldError, KubeObject } from './definition.ts'
import { checkMaybeOneOf, checkRule, NOT_NEGATIVE } from './kit/checks.ts'
import { duplicate, forbidden, invalid, notSupported, required } from './kit/field-errors.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './kit/names.ts'
import { parseQuantity } from './kit/quantity.ts'

/* oxlint-disable typescript/no-explicit-any */

export function validateStorageClass(object: KubeObject): FieldError[] {
  const { provisioner, reclaimPolicy, volumeBindingMode, parameters, allowedTopologies = [] } = object
  return [
    ...(provisioner ? checkRule(qualifiedName, provisioner.toLowerCase(), 'provisioner') : [required('provisioner')]),
    ...checkParameters(parameters, false),
    ...checkMaybeOneOf(reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy'),
    ...checkMaybeOneOf(volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], 'volumeBindingMode'),
    ...allowedTopologies.flatMap((term: any, index: number) => checkTopology(term, `allowedTopologies[${index}]`)),
  ]
}

function checkParameters(parameters: Record<string, string> | undefined, needed: boolean): FieldError[] {
  const keys = Object.keys(parameters ?? {})
  if (needed && keys.length === 0) return [required('parameters', 'must contain at least one key/value pair')]
  return keys.filter((key) => key === '').map((key) => invalid('parameters', key, 'field can not be empty.'))
}

function checkTopology(term: any, path: string): FieldError[] {
  return (term.matchLabelExpressions ?? []).flatMap((expression: any, index: number) => {
    const { key = '', values = [] } = expression
    const at = `${path}.matchLabelExpressions[${index}]`
    return [...(values.length === 0 ? [required(`${at}.values`)] : []), ...checkRule(qualifiedName, key, `${at}.key`)]
  })
}

export function validateCsiDriver({ spec = {} }: KubeObject): FieldError[] {
  const { fsGroupPolicy, tokenRequests = [], volumeLifecycleModes = [] } = spec
  const errors = checkMaybeOneOf(fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], 'spec.fsGroupPolicy')
  const audiences = new Set<string>()
  for (const [index, { audience = '', expirationSeconds }] of tokenRequests.entries()) {
    const path = `spec.tokenRequests[${index}]`
    if (audiences.has(audience)) errors.push(duplicate(`${path}.audience`, audience))
    audiences.add(audience)
    if (typeof expirationSeconds === 'number' && expirationSeconds < 600) {
      errors.push(invalid(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'))
    }
  }
  const modes = ['Persistent', 'Ephemeral']
  for (const mode of volumeLifecycleModes) if (!modes.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, modes))
  return errors
}

export function validateCsiNode({ spec = {} }: KubeObject): FieldError[] {
  const seen = new Set<string>()
  return (spec.drivers ?? []).flatMap(({ name = '', nodeID = '' }: any, index: number) => {
    const path = `spec.drivers[${index}]`
    const errors = name === '' ? [required(`${path}.name`)] : checkRule(dnsSubdomain, name.toLowerCase(), `${path}.name`)
    if (nodeID === '') errors.push(required(`${path}.nodeID`))
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name))
    seen.add(name)
    return errors
  })
}

export function validateVolumeAttachment({ spec = {} }: KubeObject): FieldError[] {
  const { attacher = '', nodeName = '', source = {} } = spec
  const path = 'spec.source'
  const errors = attacher === '' ? [required('spec.attacher')] : checkRule(dnsSubdomain, attacher.toLowerCase(), 'spec.attacher')
  const { inlineVolumeSpec, persistentVolumeName } = source
  if (inlineVolumeSpec === undefined && persistentVolumeName === undefined) {
    errors.push(required(path, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  } else if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) {
    errors.push(forbidden(path, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  } else if (persistentVolumeName === '')
    errors.push(required(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName'))
  return [...errors, ...checkRule(dnsSubdomain, nodeName, 'spec.nodeName')]
}

export function validateAttributesClass({ driverName = '', parameters }: KubeObject): FieldError[] {
  const errors = driverName === '' ? [required('driverName')] : checkRule(qualifiedName, driverName.toLowerCase(), 'driverName')
  return [...errors, ...checkParameters(parameters, true)]
}

export function validateStorageCapacity({ storageClassName = '', capacity, maximumVolumeSize }: KubeObject): FieldError[] {
  const errors = checkRule(dnsSubdomain, storageClassName, 'storageClassName')
  for (const [key, value] of Object.entries({ capacity, maximumVolumeSize })) {
    if ((parseQuantity(value)?.nano ?? 0n) < 0n) errors.push(invalid(key, value, NOT_NEGATIVE))
  }
  return errors
}

/** What holds for the sources of volumes: a path, a driver. */
export function checkVolumeSource(spec: any): FieldError[] {
  const errors: FieldError[] = []
  if (spec.hostPath) {
    if (!spec.hostPath.path) errors.push(required('spec.hostPath.path'))
    else if (spec.hostPath.path.split('/').includes('..'))
      errors.push(invalid('spec.hostPath.path', spec.hostPath.path, "must not contain '..'"))
  }
  if (spec.local && !spec.local.path) errors.push(required('spec.local.path'))
  if (spec.nfs) for (const key of ['server', 'path']) if (!spec.nfs[key]) errors.push(required(`spec.nfs.${key}`))
  if (spec.csi) {
    if (!spec.csi.driver) errors.push(required('spec.csi.driver'))
    else errors.push(...checkRule(dnsLabel, spec.csi.driver.toLowerCase().replaceAll('.', '-'), 'spec.csi.driver'))
    if (!spec.csi.volumeHandle) errors.push(required('spec.csi.volumeHandle'))
  }
  return errors
}
