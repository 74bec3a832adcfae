/** What the server warns of in pods and templates, though it takes them (pkg/api/pod/warnings.go). */
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../../definition.ts'
import { dnsLabel } from '../../kit/names.ts'
import { parseQuantity } from '../../kit/quantity.ts'

/* oxlint-disable typescript/no-explicit-any */

/** Labels of nodes that have newer names. */
const OLD_LABELS: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
}

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers']

/** Warnings of a pod's spec; `prefix` is `spec.template.` for the template of another kind. */
function podSpecWarnings(spec: any, prefix: string): string[] {
  const path = `${prefix}spec`
  const warnings: string[] = []
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    if (OLD_LABELS[key] !== undefined) warnings.push(`${path}.nodeSelector[${key}]: ${OLD_LABELS[key]}`)
  }
  for (const [index, { topologyKey, labelSelector }] of (spec.topologySpreadConstraints ?? []).entries()) {
    const at = `${path}.topologySpreadConstraints[${index}]`
    if (OLD_LABELS[topologyKey] !== undefined) warnings.push(`${at}.topologyKey: ${topologyKey} is ${OLD_LABELS[topologyKey]}`)
    if (labelSelector === undefined) warnings.push(`${at}.labelSelector: a null labelSelector results in matching no pod`)
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volume.gitRepo) warnings.push(`${path}.volumes[${index}].gitRepo: deprecated in v1.11, and disabled by default in v1.33+`)
  }
  const containers = CONTAINER_LISTS.flatMap((list) =>
    (spec[list] ?? []).map((container: any, index: number) => ({ container, at: `${path}.${list}[${index}]` })),
  )
  for (const { container, at } of containers) warnings.push(...fractions(container, at), ...hidden(container.env ?? [], at))
  warnings.push(...doublePorts(containers), ...doublePortNames(containers))
  if (spec.terminationGracePeriodSeconds < 0) {
    warnings.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  return warnings
}

/** Bytes come whole. */
function fractions({ resources = {} }: any, at: string): string[] {
  const warnings: string[] = []
  for (const name of ['memory', 'ephemeral-storage']) {
    for (const list of ['limits', 'requests']) {
      const value = resources[list]?.[name]
      const quantity = parseQuantity(value)
      if (quantity === null || quantity.nano % 10n ** 9n === 0n) continue
      warnings.push(`${at}.resources.${list}[${name}]: fractional byte value ${JSON.stringify(value)} is invalid, must be an integer`)
    }
  }
  return warnings
}

/** A variable that is set again, unless its new value builds on the old one. */
function hidden(variables: any[], at: string): string[] {
  const warnings: string[] = []
  const seen = new Set<string>()
  for (const [index, { name, value = '', valueFrom }] of variables.entries()) {
    const reference = `$(${name})`
    if (seen.has(name) && (valueFrom || value === reference || !value.includes(reference))) {
      warnings.push(`${at}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
    }
    seen.add(name)
  }
  return warnings
}

interface Placed {
  container: any
  at: string
}

function doublePorts(containers: Placed[]): string[] {
  const warnings: string[] = []
  const known = new Map<string, { field: string; hostIP: string; hostPort: number }[]>()
  for (const { container, at } of containers) {
    for (const [index, { containerPort, protocol, hostIP = '', hostPort = 0 }] of (container.ports ?? []).entries()) {
      const field = `${at}.ports[${index}]`
      const key = `${containerPort}/${protocol}`
      const others = known.get(key) ?? []
      for (const other of others) {
        if (hostIP === other.hostIP && hostPort === other.hostPort) warnings.push(`${field}: duplicate port definition with ${other.field}`)
        else if (hostPort === 0 || other.hostPort === 0) warnings.push(`${field}: overlapping port definition with ${other.field}`)
        else if (hostPort === other.hostPort && (hostIP === '') !== (other.hostIP === '')) {
          warnings.push(`${field}: dangerously ambiguous port definition with ${other.field}`)
        }
      }
      known.set(key, [...others, { field, hostIP, hostPort }])
    }
  }
  return warnings
}

function doublePortNames(containers: Placed[]): string[] {
  const warnings: string[] = []
  const known = new Map<string, string>()
  for (const { container, at } of containers) {
    for (const [index, { name }] of (container.ports ?? []).entries()) {
      if (!name) continue
      const field = `${at}.ports[${index}]`
      const other = known.get(name)
      if (other === undefined) known.set(name, field)
      else {
        const use = `services and probes that select ports by name will use ${other}`
        warnings.push(`${field}: duplicate port name ${JSON.stringify(name)} with ${other}, ${use}`)
      }
    }
  }
  return warnings
}

/** Names with dots make odd host names. */
function nameWarnings(name: string, use: string): string[] {
  const messages = dnsLabel(name)
  const advice = 'which can result in surprising behavior; a DNS label is recommended'
  return messages.length === 0 ? [] : [`metadata.name: this is used in ${use}, ${advice}: [${messages.join(' ')}]`]
}

export function podWarnings(pod: KubeObject, old: KubeObject | null): string[] {
  const names = old === null ? nameWarnings(pod.metadata.name, "the Pod's hostname") : []
  return [...names, ...podSpecWarnings(pod['spec'] ?? {}, '')]
}

/** Warnings of a kind that makes pods: of its template where that is new, and of its name, which the pods' names begin with. */
export function templateWarnings(object: KubeObject, old: KubeObject | null, options: { path?: string[]; names?: boolean } = {}): string[] {
  const path = options.path ?? ['spec', 'template']
  const template = (each: KubeObject | null): any => path.reduce<any>((value, key) => value?.[key], each)
  const names = old === null && options.names !== false ? nameWarnings(object.metadata.name, 'Pod names and hostnames') : []
  const current = template(object)
  if (!current?.spec || (old !== null && isDeepStrictEqual(current, template(old)))) return names
  return [...names, ...podSpecWarnings(current.spec, `${path.join('.')}.`)]
}
