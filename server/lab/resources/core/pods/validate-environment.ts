import type { FieldError } from '../../definition.ts'
import { checkRule } from '../../kit/checks.ts'
import { invalid, notSupported, required } from '../../kit/field-errors.ts'
import { configKey, dnsSubdomain, environmentName, qualifiedName, relaxedEnvironmentName } from '../../kit/names.ts'
import type { PodRules } from './pod-rules.ts'

/* oxlint-disable typescript/no-explicit-any */

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
/** Labels that the downward API can be asked for in another version than they are kept in. */
const VOLUME_FIELD_PATHS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

export function checkEnvironment({ env = [], envFrom = [] }: any, path: string, rules: PodRules): FieldError[] {
  const rule = rules.minor >= 34 ? relaxedEnvironmentName : environmentName
  const errors: FieldError[] = []
  for (const [index, variable] of env.entries()) {
    const at = `${path}.env[${index}]`
    if (!variable.name) errors.push(required(`${at}.name`))
    else errors.push(...checkRule(rule, variable.name, `${at}.name`))
    if (variable.valueFrom) errors.push(...checkValueFrom(variable, `${at}.valueFrom`, rules))
  }
  for (const [index, source] of envFrom.entries()) {
    const at = `${path}.envFrom[${index}]`
    if (source.prefix) errors.push(...checkRule(rule, source.prefix, `${at}.prefix`))
    const given = ['configMapRef', 'secretRef'].filter((key) => source[key])
    for (const key of given) errors.push(...checkRule(dnsSubdomain, source[key].name ?? '', `${at}.${key}.name`))
    if (given.length === 0) errors.push(invalid(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'))
    else if (given.length > 1) errors.push(invalid(`${path}.envFrom`, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

function checkValueFrom({ value, valueFrom }: any, path: string, { minor }: PodRules): FieldError[] {
  const errors: FieldError[] = []
  if (valueFrom.fieldRef) errors.push(...checkFieldReference(valueFrom.fieldRef, FIELD_PATHS, `${path}.fieldRef`))
  if (valueFrom.resourceFieldRef) errors.push(...checkResourceReference(valueFrom.resourceFieldRef, `${path}.resourceFieldRef`, false))
  for (const key of ['configMapKeyRef', 'secretKeyRef']) {
    if (valueFrom[key]) errors.push(...checkKeyReference(valueFrom[key], `${path}.${key}`))
  }
  const given = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'].filter((key) => valueFrom[key])
  if (given.length === 0) {
    const sources =
      minor >= 35
        ? '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
        : '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    errors.push(invalid(path, '', `must specify one of: ${sources}`))
  } else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (given.length > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

/** A reference to a field of the pod itself, as `metadata.labels['app']`. */
function checkFieldReference({ apiVersion, fieldPath }: any, supported: readonly string[], path: string): FieldError[] {
  if (!apiVersion) return [required(`${path}.apiVersion`)]
  if (!fieldPath) return [required(`${path}.fieldPath`)]
  const [, base, subscript] = /^(.+?)\['(.*)'\]$/.exec(fieldPath) ?? []
  if (base !== undefined && subscript !== undefined) {
    if (base === 'metadata.annotations') return checkRule(qualifiedName, subscript.toLowerCase(), path)
    return base === 'metadata.labels' ? checkRule(qualifiedName, subscript, path) : [invalid(path, base, 'does not support subscript')]
  }
  if (supported.includes(fieldPath)) return []
  const known = [...FIELD_PATHS, ...VOLUME_FIELD_PATHS, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.hostNetwork']
  if (!known.includes(fieldPath)) {
    return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`)]
  }
  return [notSupported(`${path}.fieldPath`, fieldPath, supported)]
}

export function checkVolumeFieldReference(reference: any, path: string): FieldError[] {
  return checkFieldReference(reference, VOLUME_FIELD_PATHS, path)
}

export function checkResourceReference({ containerName, resource }: any, path: string, isVolume: boolean): FieldError[] {
  if (isVolume && !containerName) return [required(`${path}.containerName`)]
  if (!resource) return [required(`${path}.resource`)]
  if (RESOURCES.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return []
  return [notSupported(`${path}.resource`, resource, RESOURCES)]
}

function checkKeyReference({ name = '', key }: any, path: string): FieldError[] {
  const errors = checkRule(dnsSubdomain, name, `${path}.name`)
  if (!key) return [...errors, required(`${path}.key`)]
  return [...errors, ...checkRule(configKey, key, `${path}.key`)]
}
