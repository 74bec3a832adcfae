import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../definition.ts'
import { checkAtMost100Percent, checkIntOrPercent, checkNonNegative, checkRule } from '../kit/checks.ts'
import { forbidden, invalid, notSupported } from '../kit/field-errors.ts'
import { dnsLabel } from '../kit/names.ts'
import { checkSelectorAndTemplate } from './validate.ts'
import { validateClaim } from '../core/volumes.ts'

/* oxlint-disable typescript/no-explicit-any */

/** The rules for a stateful set; a service's name counts on creation alone. */
export function validateStatefulSet(spec: any, minor: number, isNew: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (!['OrderedReady', 'Parallel'].includes(spec.podManagementPolicy)) {
    errors.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  }
  errors.push(...checkUpdateStrategy(spec.updateStrategy ?? {}))
  for (const key of ['whenDeleted', 'whenScaled']) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[key]
    if (value === undefined || value === 'Retain' || value === 'Delete') continue
    errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, value, ['Retain', 'Delete']))
  }
  if (isNew && minor >= 34) {
    for (const [index, each] of (spec.volumeClaimTemplates ?? []).entries()) {
      errors.push(...validateClaim(each.spec ?? {}, `spec.volumeClaimTemplates[${index}].spec`))
    }
  }
  errors.push(...checkNonNegative(spec.replicas, 'spec.replicas'), ...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...checkNonNegative(spec.ordinals?.start, 'spec.ordinals.start'))
  if (isNew && minor >= 33 && spec.serviceName) errors.push(...checkRule(dnsLabel, spec.serviceName, 'spec.serviceName'))
  // Claims become volumes of the pods: a mount may name them.
  const claims = (spec.volumeClaimTemplates ?? []).map((each: any) => ({
    name: each.metadata?.name,
    persistentVolumeClaim: { claimName: each.metadata?.name },
  }))
  const own = (spec.template?.spec?.volumes ?? []).filter((each: any) => !claims.some((claim: any) => claim.name === each.name))
  const template = { ...spec.template, spec: { ...spec.template?.spec, volumes: [...claims, ...own], hostname: '', subdomain: '' } }
  return [...errors, ...checkSelectorAndTemplate({ ...spec, template }, 'statefulset', 'StatefulSet', minor)]
}

function checkUpdateStrategy(strategy: any): FieldError[] {
  const path = 'spec.updateStrategy'
  const rolling = strategy.rollingUpdate
  if (strategy.type === 'OnDelete') {
    return rolling ? [invalid(`${path}.rollingUpdate`, rolling, "only allowed for updateStrategy 'RollingUpdate'")] : []
  }
  if (strategy.type !== 'RollingUpdate') {
    const printed = {
      Type: strategy.type,
      RollingUpdate: rolling ? { Partition: rolling.partition ?? 0, MaxUnavailable: rolling.maxUnavailable ?? null } : null,
    }
    return [invalid(path, printed, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  const at = `${path}.rollingUpdate`
  const errors = checkNonNegative(rolling?.partition, `${at}.partition`)
  if (rolling?.maxUnavailable === undefined) return errors
  return [
    ...errors,
    ...checkIntOrPercent(rolling.maxUnavailable, `${at}.maxUnavailable`),
    ...(rolling.maxUnavailable === 0 || rolling.maxUnavailable === '0%'
      ? [invalid(`${at}.maxUnavailable`, rolling.maxUnavailable, 'cannot be 0')]
      : []),
    ...checkAtMost100Percent(rolling.maxUnavailable, `${at}.maxUnavailable`),
  ]
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

const rest = (all: any): object => Object.fromEntries(Object.entries(all).filter(([key]) => !CHANGEABLE.includes(key)))

/** Everything but these is fixed once the set exists. */
export function checkStatefulChange(spec: any, before: any): FieldError[] {
  if (isDeepStrictEqual(rest(spec), rest(before))) return []
  const list =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
  return [forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
}
