/** The admission plugin ResourceQuota: asks the quotas of the namespace, and notes in them what an object is charged for. */
import { resourceName, type KubeObject, type ResourceDefinition } from '../resources/definition.ts'
import { checkQuotas, type QuotaAnswer } from '../resources/quota/check.ts'
import { evaluatorOf } from '../resources/quota/usage.ts'

export const QUOTAS = 'resourcequotas'

/** What the quotas of the object's namespace say to it. `old` is null for a new object. */
export function askQuotas(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject | null,
  quotas: readonly KubeObject[],
  now: number,
): QuotaAnswer {
  const evaluator = quotas.length > 0 ? evaluatorOf(definition) : null
  return evaluator === null ? { charged: [] } : checkQuotas(quotas, evaluator, object, old, now)
}

/** True where a namespace's quotas have to be asked at all. */
export function isCounted(definition: ResourceDefinition): boolean {
  return definition.namespaced && resourceName(definition) !== 'events'
}
