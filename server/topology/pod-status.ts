/** The STATUS column of `kubectl get pod`, computed as the API server's table printer does (pkg/printers/internalversion/printers.go, printPod). */
import type { KubernetesObject } from './reflector.ts'

const NODE_UNREACHABLE = 'NodeLost'

function initReason(pod: KubernetesObject): string | null {
  const specs = new Map<string, any>((pod.spec?.initContainers ?? []).map((container: any) => [container.name, container]))
  const statuses: any[] = pod.status?.initContainerStatuses ?? []
  for (const [index, container] of statuses.entries()) {
    const { terminated, waiting } = container.state ?? {}
    // done, or a side car that has started
    if (terminated?.exitCode === 0) continue
    if (specs.get(container.name)?.restartPolicy === 'Always' && container.started) continue
    if (terminated) {
      if (terminated.reason) return `Init:${terminated.reason}`
      return terminated.signal ? `Init:Signal:${terminated.signal}` : `Init:ExitCode:${terminated.exitCode}`
    }
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
    return `Init:${index}/${specs.size}`
  }
  return null
}

function hasCondition(pod: KubernetesObject, type: string, reason?: string): boolean {
  return (pod.status?.conditions ?? []).some(
    (condition: any) => condition.type === type && (reason ? condition.reason === reason : condition.status === 'True'),
  )
}

function containerReason(pod: KubernetesObject, start: string): string {
  let reason = start
  let hasRunning = false
  for (const container of [...(pod.status?.containerStatuses ?? [])].toReversed()) {
    const { waiting, terminated, running } = container.state ?? {}
    if (waiting?.reason) reason = waiting.reason
    else if (terminated?.reason) reason = terminated.reason
    else if (terminated) reason = terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`
    else if (container.ready && running) hasRunning = true
  }
  // one container has completed while another still runs
  if (reason === 'Completed' && hasRunning) return hasCondition(pod, 'Ready') ? 'Running' : 'NotReady'
  return reason
}

export function podStatus(pod: KubernetesObject): string {
  let reason: string = pod.status?.reason || pod.status?.phase || 'Unknown'
  if (hasCondition(pod, 'PodScheduled', 'SchedulingGated')) reason = 'SchedulingGated'
  const init = initReason(pod)
  if (init !== null && !hasCondition(pod, 'Initialized')) reason = init
  else reason = containerReason(pod, reason)
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === NODE_UNREACHABLE) return 'Unknown'
    if (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') return 'Terminating'
  }
  return reason
}
