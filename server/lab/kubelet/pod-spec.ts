/** What a kubelet reads out of a pod's spec: containers, their environment, restart rules, quality of service. */
import type { KubeObject } from '../resources/definition.ts'
import { parseQuantity } from '../machinery/quantity.ts'
import { serviceEnvironment } from './service-environment.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
import type { ResourceReference } from './kernel/volumes.ts'

export type ContainerSpec = { name: string; image: string; [field: string]: any }

export function gracePeriod(pod: KubeObject): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
}

/** An init container with restartPolicy Always: it starts before the others and goes on. */
export function isSidecar(container: ContainerSpec): boolean {
  return container.restartPolicy === 'Always'
}

/** As qos.ComputePodQOS over cpu and memory. */
export function qosClass(pod: KubeObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers: ContainerSpec[] = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  let any = false
  let guaranteed = true
  for (const { resources } of containers) {
    for (const name of ['cpu', 'memory']) {
      const request = resources?.requests?.[name]
      const limit = resources?.limits?.[name]
      if (request !== undefined || limit !== undefined) any = true
      if (limit === undefined || parseQuantity(request ?? limit) !== parseQuantity(limit)) guaranteed = false
    }
  }
  if (!any) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

/** What keeps a container from being created: something that it refers to is not there, or a rule of its pod forbids it. */
export class ContainerConfigError extends Error {}

/** runAsNonRoot, as verifyRunAsNonRoot; `user`: whom the image runs as. Throws {@link ContainerConfigError}. */
export function checkRunAsNonRoot(pod: KubeObject, container: ContainerSpec, podName: string, user: string | undefined): void {
  const { runAsNonRoot, runAsUser } = { ...pod.spec.securityContext, ...container['securityContext'] }
  if (!runAsNonRoot) return
  const about = `(pod: "${podName}", container: ${container.name})`
  if (runAsUser === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${about}`)
  if (runAsUser !== undefined) return
  if (Number(user ?? 0) === 0) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${about}`)
  if (Number.isNaN(Number(user))) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${about}`,
    )
  }
}

/** The container's environment. Throws {@link ContainerConfigError} with the kubelet's words. */
export function environmentOf(
  pod: KubeObject,
  container: ContainerSpec,
  get: (resource: string, name: string) => KubeObject | undefined,
  facts: { podIP: string; hostIP: string; services: readonly KubeObject[] },
): Record<string, string> {
  const { namespace } = pod.metadata
  const find = (resource: 'configmaps' | 'secrets', name: string, optional: boolean | undefined): KubeObject | undefined => {
    const object = get(resource, name)
    if (!object && !optional) throw new ContainerConfigError(`${resource === 'secrets' ? 'secret' : 'configmap'} "${name}" not found`)
    return object
  }
  const valueIn = (resource: 'configmaps' | 'secrets', object: KubeObject | undefined, key: string, optional: boolean | undefined) => {
    const value: string | undefined = object?.data?.[key]
    if (object && value === undefined && !optional) {
      const kind = resource === 'secrets' ? 'Secret' : 'ConfigMap'
      throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${object.metadata.name}`)
    }
    return value !== undefined && resource === 'secrets' ? Buffer.from(value, 'base64').toString() : value
  }
  const services = serviceEnvironment(pod, facts.services)
  const env: Record<string, string> = {}
  for (const source of container.envFrom ?? []) {
    const resource = source.secretRef ? 'secrets' : 'configmaps'
    const reference = source.secretRef ?? source.configMapRef
    const object = find(resource, reference.name, reference.optional)
    for (const key of Object.keys(object?.data ?? {})) {
      env[`${source.prefix ?? ''}${key}`] = valueIn(resource, object, key, true) ?? ''
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef || valueFrom?.secretKeyRef) {
      const resource = valueFrom.secretKeyRef ? 'secrets' : 'configmaps'
      const reference = valueFrom.secretKeyRef ?? valueFrom.configMapKeyRef
      const found = valueIn(resource, find(resource, reference.name, reference.optional), reference.key, reference.optional)
      if (found !== undefined) env[name] = found
    } else if (valueFrom?.fieldRef) {
      env[name] = fieldValue(pod, valueFrom.fieldRef.fieldPath, facts)
    } else if (valueFrom?.resourceFieldRef) {
      env[name] = resourceValue(pod, container, valueFrom.resourceFieldRef)
    } else {
      env[name] = expandVariables(String(value ?? ''), { ...services, ...env })
    }
  }
  for (const [name, value] of Object.entries(services)) env[name] ??= value
  return env
}

/** `$(NAME)` where there is such a variable; `$$` stands for one `$` (third_party/forked/golang/expansion). */
export function expandVariables(text: string, env: Record<string, string>): string {
  return text.replace(/\$(\$|\(([\w.-]+)\))/g, (all, what: string, key: string) => (what === '$' ? '$' : (env[key] ?? all)))
}

/** What a container may use or asks for, in whole units of the divisor. */
export function resourceValue(pod: KubeObject, own: ContainerSpec, { containerName, resource, divisor }: ResourceReference): string {
  const others: ContainerSpec[] = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const container = containerName ? others.find(({ name }) => name === containerName) : own
  const [kind = '', ...rest] = resource.split('.')
  const amount = parseQuantity(container?.['resources']?.[kind]?.[rest.join('.')] ?? '0')
  return String(Math.ceil(amount / (parseQuantity(divisor) || 1)))
}

/** A map as a file of the downward API has it (fieldpath.FormatMap): a line for each key, the values quoted. */
function mapText(map: Record<string, string> = {}): string {
  const entries = Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n')
}

/** What a downward API field says. */
export function fieldValue(pod: KubeObject, path: string, facts: { podIP: string; hostIP: string }): string {
  if (path === 'status.podIP' || path === 'status.podIPs') return facts.podIP
  if (path === 'status.hostIP' || path === 'status.hostIPs') return facts.hostIP
  if (path === 'metadata.labels' || path === 'metadata.annotations')
    return mapText(pod.metadata[path.slice('metadata.'.length) as 'labels' | 'annotations'])
  const key = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path)
  if (key) return pod.metadata[key[1] as 'labels' | 'annotations']?.[key[2] as string] ?? ''
  let value: unknown = pod
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part]
  return typeof value === 'string' ? value : ''
}

/** The first ConfigMap or Secret that a volume needs and that is not there: volume and message, or null. */
export function missingVolume(
  pod: KubeObject,
  get: (resource: string, name: string) => KubeObject | undefined,
): { volume: string; message: string } | null {
  for (const volume of pod.spec.volumes ?? []) {
    const wanted: { resource: 'configmaps' | 'secrets'; name: string }[] = []
    if (volume.configMap && !volume.configMap.optional) wanted.push({ resource: 'configmaps', name: volume.configMap.name })
    if (volume.secret && !volume.secret.optional) wanted.push({ resource: 'secrets', name: volume.secret.secretName })
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap && !source.configMap.optional) wanted.push({ resource: 'configmaps', name: source.configMap.name })
      if (source.secret && !source.secret.optional) wanted.push({ resource: 'secrets', name: source.secret.name })
    }
    for (const { resource, name } of wanted) {
      if (!get(resource, name))
        return { volume: volume.name, message: `${resource === 'secrets' ? 'secret' : 'configmap'} "${name}" not found` }
    }
  }
  return null
}
