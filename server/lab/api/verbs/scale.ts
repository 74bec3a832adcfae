/** The scale subresource: an autoscaling/v1 Scale over an object's replicas. */
import type { KubeObject, ResourceDefinition } from '../../resources/definition.ts'
import { conflict, invalid, methodNotSupported, notFound } from '../../store/api-error.ts'
import { scaleOf, scalePaths, setReplicas } from '../../machinery/scale.ts'
import { copy } from '../../store/objects.ts'
import { decodeBody } from '../body.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions } from '../write-options.ts'
import { parsePatch, patched, patchType } from './patch.ts'
import { storeUpdate } from './update.ts'

/** As far as its schema goes. */
const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' } as ResourceDefinition

export async function serveScale(exchange: Exchange, target: Target): Promise<void> {
  const { lab, request, query, method } = exchange
  const name = target.name as string
  const stored = lab.store.get(target.resource, target.namespace, name)
  if (!stored) throw notFound(target.definition, name)
  const paths = scalePaths(target.definition)
  const current = scaleOf(stored, paths)
  const tell = (scale: KubeObject): KubeObject => clientTime(exchange).tell(scale, SCALE)
  if (method === 'GET') return sendJson(exchange, 200, tell(current))
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
  setReplicas(object, paths, replicas)
  const updated = storeUpdate(exchange, { ...target, subresource: null }, object, stored, options, undefined, 'scale')
  sendJson(exchange, 200, tell(scaleOf(updated, paths)))
}
