/** patch: all four types, as apiserver's handlers/patch.go. */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, conflict, invalid, notFound } from '../../store/api-error.ts'
import { IMMUTABLE } from '../../resources/kit/field-errors.ts'
import { copy, isObject } from '../../store/objects.ts'
import { jsonType, mediaType, parseGoJson, parseYamlObject } from '../body.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { mergePatch } from '../patch/merge.ts'
import { strategicMerge } from '../patch/strategic.ts'
import { checkPatched, invalidPatch } from '../strict.ts'
import { goMap } from '../patch/go-map.ts'
import { isCustom } from '../custom/definition.ts'
import { asServed, type Target } from '../target.ts'
import { isTooDeep } from '../../resources/kit/go-json.ts'
import { schemaFor } from '../schemas.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions } from '../write-options.ts'
import { objectText } from './read.ts'
import { storeUpdate } from './update.ts'

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json'
const APPLY_PATCH = 'application/apply-patch+yaml'

/** The patch type of a request. Throws 415 where the resource does not take it. */
export function patchType(exchange: Exchange, target: Target): string {
  const type = mediaType(exchange.request.headers['content-type'])
  const accepted = isCustom(target.definition)
    ? [JSON_PATCH, MERGE_PATCH, APPLY_PATCH]
    : [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH]
  if (accepted.includes(type)) return type
  const words = isCustom(target.definition)
    ? `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
    : '415: Unsupported Media Type'
  throw new ApiError(415, 'UnsupportedMediaType', words, {})
}

/** The body of a patch that is JSON. Throws BadRequest. */
export function parsePatch(body: Buffer): unknown {
  const parsed = parseGoJson(body)
  if (parsed.error !== null) throw badRequest(`error decoding patch: ${parsed.error}`)
  return parsed.value
}

/** An object after a patch of any type but apply. */
export function patched(target: Target, type: string, current: KubeObject, patch: unknown): KubeObject {
  const object = applyPatch(target, type, current, patch)
  if (isTooDeep(object)) throw badRequest('json: exceeded max depth')
  return object
}

function applyPatch(target: Target, type: string, current: KubeObject, patch: unknown): KubeObject {
  if (type === JSON_PATCH) return applyJsonPatch(current, patch) as KubeObject
  if (!isObject(patch)) {
    throw badRequest(
      `json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`,
    )
  }
  if (type === MERGE_PATCH) return copy(mergePatch(current, patch)) as KubeObject
  const { group, version, kind } = target.definition
  const schema = schemaFor(group, version, kind)
  return copy(strategicMerge(current, patch, schema.root, schema.patchField)) as KubeObject
}

export async function patchObject(exchange: Exchange, target: Target): Promise<void> {
  const { lab, request, query } = exchange
  const type = patchType(exchange, target)
  const options = writeOptions(query, request.headers['user-agent'], 'PatchOptions')
  const body = await readBody(request)
  if (type === APPLY_PATCH) {
    const { applyObject } = await import('./apply.ts')
    return applyObject(exchange, target, await parseYamlObject(body.toString('utf8')), options)
  }
  if (options.force !== null) {
    throw new ApiError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [{ reason: 'FieldValueForbidden', message: 'Forbidden: may not be specified for non-apply patch', field: 'force' }],
      },
    )
  }
  const name = target.name as string
  const old = lab.store.get(target.resource, target.namespace, name)
  if (!old) throw notFound(target.definition, name)
  const served = asServed(target, old)
  const times = clientTime(exchange)
  const told = options.dryRun ? times.toldShift(served) : undefined
  // a patch is for the object as its client was told it
  const current = times.tell(served, target.definition)
  const patch = parsePatch(body)
  const object = patched(target, type, current, patch)
  checkMetadata(target, object, name)
  const isStrategic = type === STRATEGIC_PATCH
  checkPatched(exchange, target, object, {
    source: isStrategic ? 'patch' : 'json',
    printed: () => (isStrategic ? goMap(patch) : JSON.stringify(object)),
    validation: options.fieldValidation,
    text: type === JSON_PATCH ? null : body.toString('utf8'),
  })
  checkIdentity(target, object, current)
  const updated = storeUpdate(exchange, target, target.toStored(times.take(object, target.definition, served)), old, options)
  sendJson(exchange, 200, objectText(exchange, target, updated, told))
}

/** A patch may leave no metadata, or something else in its place. */
function checkMetadata(target: Target, object: KubeObject, name: string): void {
  const metadata: unknown = isObject(object) ? object.metadata : undefined
  if (metadata === undefined || metadata === null || (isObject(metadata) && !metadata.name)) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (isObject(metadata) || !isCustom(target.definition)) return
  throw invalidPatch(JSON.stringify(object), `json: cannot unmarshal ${jsonType(metadata)} into Go value of type v1.ObjectMeta`)
}

/** What no patch may make of an object. */
function checkIdentity(target: Target, object: KubeObject, old: KubeObject): void {
  // what a patch makes of these is not looked at: the object is decoded as what it is
  object.kind = old.kind
  object.apiVersion = target.apiVersion
  const { metadata } = object
  if (metadata.uid !== undefined && metadata.uid !== old.metadata.uid) {
    throw invalid(target.definition, old.metadata.name, [
      { type: 'Invalid', field: 'metadata.uid', value: metadata.uid, detail: IMMUTABLE },
    ])
  }
  if (metadata.name !== old.metadata.name) {
    throw badRequest(`the name of the object (${String(metadata.name)}) does not match the name on the URL (${old.metadata.name})`)
  }
  if ((metadata.namespace ?? '') !== (old.metadata.namespace ?? '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(target.definition, old.metadata.name)
  }
}
