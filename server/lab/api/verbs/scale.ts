/** The scale subresource: an autoscaling/v1 Scale over an object's replicas. */
import type { KubeObject, ResourceDefinition } from '../../resources/definition.ts'
import { badRequest, conflict, invalid, notFound } from '../../store/api-error.ts'
import { scaleOf, scalePaths, setReplicas } from '../../machinery/scale.ts'
import { AGE, column, describeColumns, NAME } from '../../resources/kit/columns.ts'
import { copy } from '../../store/objects.ts'
import { decodeObject, schemaOf, type StructShape } from '../../resources/schema/index.ts'
import { invalidPatch } from '../strict.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { tableJson } from '../table.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions } from '../write-options.ts'
import { formOf, includeObject, partialMetadata } from './read.ts'
import { parsePatch, patched, patchType } from './patch.ts'
import { postedObject } from './posted.ts'
import { storeUpdate } from './update.ts'

/** As far as its schema and its columns go. */
const SCALE = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  columns: describeColumns('scales.autoscaling', [
    NAME,
    column('Desired', ({ spec }) => spec.replicas ?? 0, 'integer'),
    column('Available', ({ status }) => status.replicas, 'integer'),
    AGE,
  ]),
} as ResourceDefinition

/** A Scale in the form that the client asked for. */
function scaleText(exchange: Exchange, scale: KubeObject): string {
  const form = formOf(exchange)
  const writer = clientTime(exchange).writer(SCALE)
  if (form.form === 'object') return writer.object(scale)
  if (form.form === 'metadata') return partialMetadata(scale, form.version, writer)
  const include = includeObject(exchange.query)
  const { resourceVersion } = scale.metadata
  return tableJson(SCALE, [scale], { resourceVersion }, { version: form.version, include, now: exchange.lab.clock.now(), writer })
}

function patchedScale(target: Target, type: string, current: KubeObject, patch: unknown): KubeObject {
  const scale = patched(target, type, current, patch)
  const { error } = decodeObject(scale, schemaOf('autoscaling', 'v1', 'Scale') as StructShape, 'json')
  if (error !== null) throw invalidPatch(JSON.stringify(scale), error)
  return scale
}

export async function serveScale(exchange: Exchange, target: Target): Promise<void> {
  const { lab, request, query, method } = exchange
  const name = target.name as string
  const stored = lab.store.get(target.resource, target.namespace, name)
  if (!stored) throw notFound(target.definition, name)
  const paths = scalePaths(target.definition)
  const current = scaleOf(stored, paths)
  if (method === 'GET') return sendJson(exchange, 200, scaleText(exchange, current))
  const options = writeOptions(query, request.headers['user-agent'], method === 'PUT' ? 'UpdateOptions' : 'PatchOptions')
  const body = await readBody(request)
  const scale =
    method === 'PUT'
      ? await postedObject(exchange, body, 'autoscaling/v1', 'Scale')
      : patchedScale(target, patchType(exchange, target), current, parsePatch(body))
  const { resourceVersion, name: given = '' } = (scale.metadata ?? {}) as { resourceVersion?: string; name?: string }
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
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
  sendJson(exchange, 200, scaleText(exchange, scaleOf(updated, paths)))
}
