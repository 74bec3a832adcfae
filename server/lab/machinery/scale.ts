/** Objects that can be scaled, as an autoscaling/v1 Scale sees them: replicas that are wanted and that there are, and a selector. */
import type { KubeObject, ResourceDefinition } from '../resources/definition.ts'
import { matchesLabels, matchesSelector } from './selectors.ts'
import { isObject } from '../store/objects.ts'

export interface ScalePaths {
  specReplicas: string[]
  statusReplicas: string[]
  /** Absent: the Scale has no selector. */
  selector?: string[]
}

const DEFAULT_PATHS: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
}

function at(object: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object)
}

/** A label selector object as text, as metav1.FormatLabelSelector. */
function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector
  if (!isObject(selector)) return ''
  const labels = isObject(selector.matchLabels) ? selector.matchLabels : selector.matchExpressions === undefined ? selector : {}
  const terms = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)
  for (const { key, operator, values = [] } of (selector.matchExpressions ?? []) as {
    key: string
    operator: string
    values?: string[]
  }[]) {
    if (operator === 'In') terms.push(`${key} in (${values.toSorted().join(',')})`)
    else if (operator === 'NotIn') terms.push(`${key} notin (${values.toSorted().join(',')})`)
    else terms.push(operator === 'Exists' ? key : `!${key}`)
  }
  return terms.toSorted().join(',')
}

export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const selector = paths.selector ? selectorText(at(object, paths.selector)) : ''
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: { ...(at(object, paths.specReplicas) ? { replicas: at(object, paths.specReplicas) } : {}) },
    status: { replicas: Number(at(object, paths.statusReplicas) ?? 0), ...(selector ? { selector } : {}) },
  }
}

/** Where a kind keeps its replicas: custom ones say so in their definition. */
export function scalePaths(definition: ResourceDefinition): ScalePaths {
  return (definition as { scale?: ScalePaths }).scale ?? DEFAULT_PATHS
}

/** Sets the replicas that are wanted, in place. */
export function setReplicas(object: KubeObject, paths: ScalePaths, replicas: unknown): void {
  let parent: Record<string, unknown> = object
  for (const key of paths.specReplicas.slice(0, -1)) parent = (parent[key] ??= {}) as Record<string, unknown>
  parent[paths.specReplicas.at(-1) as string] = replicas
}

/** Whether a pod is one of those that are scaled: by a selector object, plain labels, or a custom kind's text of labels. */
export function scaleSelects(object: KubeObject, paths: ScalePaths): (pod: KubeObject) => boolean {
  const selector = paths.selector ? at(object, paths.selector) : undefined
  if (typeof selector === 'string') {
    const labels = Object.fromEntries(selector.split(',').map((term) => term.split('=') as [string, string]))
    return (pod) => matchesLabels(labels, pod.metadata.labels)
  }
  if (!isObject(selector)) return () => false
  const isPlain = selector.matchLabels === undefined && selector.matchExpressions === undefined
  return (pod) =>
    isPlain ? matchesLabels(selector as Record<string, string>, pod.metadata.labels) : matchesSelector(selector, pod.metadata.labels)
}
