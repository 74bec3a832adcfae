import { isDeepStrictEqual } from 'node:util'
import type { FieldError, KubeObject, ResourceDefinition } from '../definition.ts'
import { checkCidr, checkRule } from '../kit/checks.ts'
import { AGE, column, NAME, wide, type ColumnSpec } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { duplicate, forbidden, invalid } from '../kit/field-errors.ts'
import { labelValue, qualifiedName } from '../kit/names.ts'
import { checkTaintEffect } from './pods/validate-scheduling.ts'

/* oxlint-disable typescript/no-explicit-any */

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function roles({ metadata }: KubeObject): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value)
  }
  return [...found].toSorted().join(',') || '<none>'
}

function readiness({ spec, status }: KubeObject): string {
  const ready = (status?.conditions ?? []).findLast((each: any) => each.type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (spec?.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const address =
  (type: string): ColumnSpec['cell'] =>
  ({ status }) =>
    (status?.addresses ?? []).find((each: any) => each.type === type)?.address ?? '<none>'

const info =
  (key: string): ColumnSpec['cell'] =>
  ({ status }) =>
    status?.nodeInfo?.[key] || '<unknown>'

/** One taint of a key and effect. */
function checkTaints(taints: any[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, taint] of taints.entries()) {
    const { key = '', value = '', effect } = taint
    const at = `${path}[${index}]`
    errors.push(...checkRule(qualifiedName, key, `${at}.key`))
    const messages = labelValue(value)
    if (messages.length > 0) errors.push(invalid(`${at}.value`, value, messages.join(';')))
    errors.push(...checkTaintEffect(effect, `${at}.effect`))
    if (seen.has(`${effect}/${key}`)) {
      const printed = { Key: key, Value: value, Effect: effect ?? '', TimeAdded: taint.timeAdded ?? null }
      errors.push({ ...duplicate(at, printed), detail: 'taints must be unique by key and effect pair' })
    }
    seen.add(`${effect}/${key}`)
  }
  return errors
}

export function nodes(): ResourceDefinition {
  return defineResource({
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['proxy', 'status'],
    // A kubelet registers itself with its status in one call.
    keepsStatusOnCreate: true,
    columns: {
      all: [
        NAME,
        column('Status', readiness),
        column('Roles', roles),
        AGE,
        column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
        wide('Internal-IP', address('InternalIP')),
        wide('External-IP', address('ExternalIP')),
        wide('OS-Image', info('osImage')),
        wide('Kernel-Version', info('kernelVersion')),
        wide('Container-Runtime', info('containerRuntimeVersion')),
      ],
    },
    strategy: {
      setDefaults(node) {
        node['spec'] ??= {}
      },
      validate: ({ spec }) => [
        ...checkTaints(spec?.taints ?? [], 'metadata.taints'),
        ...(spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])).flatMap((range: string, index: number) =>
          checkCidr(range, `spec.podCIDRs[${index}]`),
        ),
      ],
      validateUpdate: ({ spec }, old) => [
        ...(old['spec']?.podCIDR && !isDeepStrictEqual(spec?.podCIDRs, old['spec'].podCIDRs)
          ? [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
          : []),
        ...checkTaints(spec?.taints ?? [], 'metadata.taints'),
      ],
    },
    selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  })
}
