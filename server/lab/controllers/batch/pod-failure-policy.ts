/** What a job's podFailurePolicy makes of a pod that failed, as pkg/controller/job/pod_failure_policy.go. */
import type { Condition } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'

export interface PolicyVerdict {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  message: string
}

interface Rule {
  action: PolicyVerdict['action']
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] }
  onPodConditions?: { type: string; status?: string }[]
}

interface ContainerStatus {
  name: string
  state?: { terminated?: { exitCode: number } }
}

/** The first rule that matches decides; null: none does, the failure counts. */
export function judgeFailure(job: KubeObject, pod: KubeObject): PolicyVerdict | null {
  const rules: Rule[] = job.spec.podFailurePolicy?.rules ?? []
  const about = `${pod.metadata.namespace}/${pod.metadata.name}`
  for (const [index, { action, onExitCodes, onPodConditions }] of rules.entries()) {
    const end = `matching ${action} rule at index ${index}`
    const container = onExitCodes && failedContainer(pod, onExitCodes)
    if (container) {
      const code = container.state?.terminated?.exitCode
      return { action, message: `Container ${container.name} for pod ${about} failed with exit code ${code} ${end}` }
    }
    const condition = onPodConditions?.find(({ type, status = 'True' }) =>
      (pod.status?.conditions ?? []).some((each: Condition) => each.type === type && each.status === status),
    )
    if (condition) return { action, message: `Pod ${about} has condition ${condition.type} ${end}` }
  }
  return null
}

function failedContainer(pod: KubeObject, wanted: NonNullable<Rule['onExitCodes']>): ContainerStatus | undefined {
  const statuses: ContainerStatus[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  return statuses.find(({ name, state }) => {
    const code = state?.terminated?.exitCode
    if (!code || (wanted.containerName !== undefined && wanted.containerName !== name)) return false
    return wanted.values.includes(code) === (wanted.operator === 'In')
  })
}
