import type { KubeObject, ResourceDefinition } from '../definition.ts'
import { NOT_NEGATIVE } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'
import { invalid } from '../kit/field-errors.ts'
import { parseQuantity } from '../kit/quantity.ts'

export function limitRanges(): ResourceDefinition {
  return defineResource({
    kind: 'LimitRange',
    shortNames: ['limits'],
    strategy: {
      setDefaults(range) {
        for (const item of range['spec']?.limits ?? []) if (item.type === 'Container') containerLimits(item)
      },
    },
  })
}

/** What a container gets by default follows from what it may have at most and must have at least. */
function containerLimits(item: Record<string, Record<string, string>>): void {
  item['default'] = { ...item['max'], ...item['default'] }
  item['defaultRequest'] = { ...item['min'], ...item['default'], ...item['defaultRequest'] }
}

/** `pods: 1/10, ...` of what is used and what is the most, limits apart. */
function usage({ status }: KubeObject, limits: boolean): string {
  const hard: Record<string, string> = status?.hard ?? {}
  return Object.keys(hard)
    .toSorted()
    .filter((name) => name.startsWith('limits.') === limits)
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${hard[name]}`)
    .join(', ')
}

export function resourceQuotas(): ResourceDefinition {
  return defineResource({
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    subresources: ['status'],
    strategy: {
      validate: ({ spec }) =>
        Object.entries(spec?.hard ?? {}).flatMap(([name, value]) =>
          (parseQuantity(value)?.nano ?? 0n) < 0n ? [invalid(`spec.hard[${name}]`, value, NOT_NEGATIVE)] : [],
        ),
    },
    columns: [column('Request', (quota) => usage(quota, false)), column('Limit', (quota) => usage(quota, true))],
  })
}
