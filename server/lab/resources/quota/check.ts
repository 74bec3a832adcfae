/** Whether a namespace's quotas have room for an object (CheckRequest of apiserver's admission plugin ResourceQuota). */
import type { KubeObject } from '../definition.ts'
import { addLists, compareQuantities, mask, quantityOf, subtractLists, withoutZeros, type ResourceList } from '../kit/resource-list.ts'
import { inScopes, type Evaluator } from './usage.ts'

export type QuotaAnswer =
  /** What the admission plugin says. */
  | { refused: string }
  /** status.used of those quotas that the object is charged to. */
  | { charged: { name: string; used: ResourceList }[] }

const list = (resources: ResourceList): string =>
  Object.keys(resources)
    .toSorted()
    .map((name) => `${name}=${resources[name]}`)
    .join(',')

/** `old` is null for a new object. */
export function checkQuotas(
  quotas: readonly KubeObject[],
  evaluator: Evaluator,
  object: KubeObject,
  old: KubeObject | null,
  now: number,
): QuotaAnswer {
  if (old !== null && !(evaluator.onUpdate?.(object, old) ?? false)) return { charged: [] }
  const matches = (quota: KubeObject, each: KubeObject): boolean =>
    evaluator.matching(Object.keys(quota['status']?.hard ?? {})).length > 0 && inScopes(evaluator, quota, each)
  const interesting = quotas.filter((quota) => matches(quota, object))
  for (const quota of interesting) {
    const restricted = evaluator.matching(Object.keys(quota['status'].hard))
    const { name } = quota.metadata
    const missing = evaluator.missing?.(object, restricted) ?? null
    if (missing !== null) return { refused: `failed quota: ${name}: ${missing}` }
    const used: ResourceList = quota['status'].used ?? {}
    if (restricted.some((each) => !(each in used))) {
      return { refused: `status unknown for quota: ${name}, resources: ${restricted.toSorted().join(',')}` }
    }
  }
  if (interesting.length === 0) return { charged: [] }
  const usage = evaluator.usage(object, now)
  const negative = Object.keys(usage).filter((name) => quantityOf(usage[name]).nano < 0n)
  if (negative.length > 0) return { refused: `quota usage is negative for resource(s): ${negative.toSorted().join(',')}` }
  const charged: { name: string; used: ResourceList }[] = []
  for (const quota of interesting) {
    const more = withoutZeros(old !== null && matches(quota, old) ? subtractLists(usage, evaluator.usage(old, now)) : usage)
    const { hard, used = {} } = quota['status'] as { hard: ResourceList; used?: ResourceList }
    const requested = mask(more, Object.keys(hard))
    if (Object.keys(requested).length === 0) continue
    const after = addLists(used, requested)
    const exceeded = Object.keys(requested).filter((name) => compareQuantities(after[name], hard[name]) > 0)
    if (exceeded.length > 0) {
      const parts = `requested: ${list(mask(requested, exceeded))}, used: ${list(mask(used, exceeded))}, limited: ${list(mask(hard, exceeded))}`
      return { refused: `exceeded quota: ${quota.metadata.name}, ${parts}` }
    }
    charged.push({ name: quota.metadata.name, used: after })
  }
  return { charged }
}
