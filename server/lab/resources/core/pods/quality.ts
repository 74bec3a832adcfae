import { quantityNumber } from '../../kit/quantity.ts'

/* oxlint-disable typescript/no-explicit-any */

/** The quality of service class that a pod's requests and limits of cpu and memory earn it (ComputePodQOS). */
export function qualityOfService(spec: any): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers: any[] = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  let named = false
  let guaranteed = true
  for (const { resources = {} } of containers) {
    for (const name of ['cpu', 'memory']) {
      const request = quantityNumber(resources?.requests?.[name] ?? resources?.limits?.[name] ?? 0)
      const limit = quantityNumber(resources?.limits?.[name] ?? 0)
      if (request > 0 || limit > 0) named = true
      if (!(limit > 0) || request !== limit) guaranteed = false
    }
  }
  if (!named) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
