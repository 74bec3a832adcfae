/** What the endpoint controllers share: which pods stand behind a service, at which ports. */
import { hasEnded } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'

export interface EndpointPort {
  name?: string
  port: number
  protocol: string
  appProtocol?: string
}

/** A service's ports as this pod has them; null where a named port is not there (podutil.FindPort). */
export function portsOf(service: KubeObject, pod: KubeObject): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap(
    (port: { name?: string; port: number; protocol?: string; targetPort?: number | string; appProtocol?: string }) => {
      const protocol = port.protocol ?? 'TCP'
      const target = port.targetPort ?? port.port
      const number = typeof target === 'number' ? target : namedPort(pod, target, protocol)
      if (number === null) return []
      return [{ name: port.name ?? '', port: number, protocol, ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}) }]
    },
  )
}

function namedPort(pod: KubeObject, name: string, protocol: string): number | null {
  for (const container of pod.spec.containers) {
    for (const port of container.ports ?? []) if (port.name === name && (port.protocol ?? 'TCP') === protocol) return port.containerPort
  }
  return null
}

/** As endpointsliceutil.ShouldPodBeInEndpoints. */
export function belongsInEndpoints(pod: KubeObject, includeTerminating: boolean): boolean {
  if (hasEnded(pod) || !pod.status?.podIP) return false
  return includeTerminating || !pod.metadata.deletionTimestamp
}

export function podReference({ metadata }: KubeObject): object {
  return { kind: 'Pod', name: metadata.name, namespace: metadata.namespace, uid: metadata.uid }
}

/** The value of endpoints.kubernetes.io/last-change-trigger-time: the latest moment at which a pod became (un)ready, or the service's own. */
export function triggerTime(service: KubeObject, pods: readonly KubeObject[]): string {
  let latest = service.metadata.creationTimestamp
  for (const pod of pods) {
    const ready = pod.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')
    if (ready?.lastTransitionTime > latest) latest = ready.lastTransitionTime
  }
  return latest
}

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
const HEADLESS = 'service.kubernetes.io/headless'

/** Labels of a service that its endpoints inherit, and the mark of a headless one. */
export function inheritedLabels(service: KubeObject): Record<string, string> {
  return { ...service.metadata.labels, ...(service.spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {}) }
}
