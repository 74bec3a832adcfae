/** The scale subresource: an autoscaling/v1 Scale over an object's replicas. */
import type { KubeObject } from '../../resources/definition.ts'
import { conflict, invalid, methodNotSupported, notFound } from '../../store/api-error.ts'
import { copy, isObject } from '../../store/objects.ts'
import { decodeBody } from '../body.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { writeOptions } from '../write-options.ts'
import { parsePatch, patched, patchType } from './patch.ts'
import { storeUpdate } from './update.ts'

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

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
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

export async function serveScale(exchange: Exchange, target: Target): Promise<void> {
  const { lab, request, query, method } = exchange
  const name = target.name as string
  const stored = lab.store.get(target.resource, target.namespace, name)
  if (!stored) throw notFound(target.definition, name)
  const paths = (target.definition as { scale?: ScalePaths }).scale ?? DEFAULT_PATHS
  const current = scaleOf(stored, paths)
  if (method === 'GET') return sendJson(exchange, 200, current)
  if (method !== 'PUT' && method !== 'PATCH') throw methodNotSupported(target.definition, method.toLowerCase())
  const options = writeOptions(query, request.headers['user-agent'], method === 'PUT' ? 'UpdateOptions' : 'PatchOptions')
  const body = await readBody(request)
  const scale =
    method === 'PUT'
      ? ((await decodeBody(body, request.headers['content-type'], 'Scale')).object as unknown as KubeObject)
      : patched(target, patchType(exchange, target), current, parsePatch(body))
  const { resourceVersion } = scale.metadata ?? {}
  if (resourceVersion && resourceVersion !== stored.metadata.resourceVersion) throw conflict(target.definition, name)
  const replicas: unknown = scale.spec?.replicas ?? 0
  if (!Number.isInteger(replicas) || (replicas as number) < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
      { type: 'Invalid', field: 'spec.replicas', value: replicas, detail: 'must be greater than or equal to 0' },
    ])
  }
  const object = copy(stored)
  let parent: Record<string, unknown> = object
  for (const key of paths.specReplicas.slice(0, -1)) parent = (parent[key] ??= {}) as Record<string, unknown>
  parent[paths.specReplicas.at(-1) as string] = replicas
  const updated = storeUpdate(exchange, { ...target, subresource: null }, object, stored, options, undefined, 'scale')
  sendJson(exchange, 200, scaleOf(updated, paths))
}
