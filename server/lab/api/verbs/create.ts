/** create. */
import type { KubeObject } from '../../resources/definition.ts'
import { badRequest, type ApiError } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { noteRequester } from '../access/requester.ts'
import { admit } from '../admit.ts'
import { decodeBody, jsonType } from '../body.ts'
import { isCustom } from '../custom/definition.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { checkBody } from '../strict.ts'
import { internalPackage, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions, type WriteOptions } from '../write-options.ts'
import { objectText } from './read.ts'

/** Name of the scheme that the server's own kinds are registered in, as its errors give it. */
export const SCHEME = 'pkg/runtime/scheme.go:111'

/**
 * The body as an object of the target's kind: what it does not say of its version and kind is taken from the path. Throws BadRequest with the words of the
 * server's decoder.
 */
export function checkKind(exchange: Exchange, target: Target, object: Record<string, unknown>): KubeObject {
  const { definition } = target
  if (isCustom(definition) && !object.kind) throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(object)}'`)
  object.kind ||= definition.kind
  object.apiVersion ||= target.apiVersion
  const { apiVersion, kind } = object as { apiVersion: string; kind: string }
  if (kind !== definition.kind || apiVersion !== target.apiVersion) throw otherKind(exchange, target, apiVersion, kind)
  if (object.metadata === undefined || object.metadata === null) object.metadata = {}
  if (!isObject(object.metadata)) {
    const into = isCustom(definition) ? 'value' : `struct field ${kind}.metadata`
    const why = `json: cannot unmarshal ${jsonType(object.metadata)} into Go ${into} of type v1.ObjectMeta`
    throw badRequest(`${kind} in version "${definition.version}" cannot be handled as a ${kind}: ${why}`)
  }
  return object as KubeObject
}

function otherKind(exchange: Exchange, target: Target, apiVersion: string, kind: string): ApiError {
  const { definition } = target
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion]
  if (isCustom(definition)) {
    return badRequest(
      kind === definition.kind
        ? `the API version in the data (${apiVersion}) does not match the expected API version (${target.apiVersion})`
        : `the kind in the data (${kind}) does not match the expected kind (${definition.kind})`,
    )
  }
  const isKnown = exchange.lab.store
    .definitions()
    .some(
      (each) =>
        each.group === group &&
        each.kind === kind &&
        (each.version === version || each.alsoServedAs?.some((other) => other.version === version)),
    )
  const why = isKnown
    ? `converting (${version}.${kind}) to (${internalPackage(definition)}.${definition.kind}): unknown conversion`
    : `no kind "${kind}" is registered for version "${apiVersion}" in scheme "${SCHEME}"`
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${definition.kind}: ${why}`)
}

/** The namespace of the path holds; an object that names another one is refused (EnsureObjectNamespaceMatchesRequestNamespace). */
export function checkObjectNamespace(target: Target, object: KubeObject): void {
  if (!target.definition.namespaced) {
    delete object.metadata.namespace
    return
  }
  const { namespace } = object.metadata
  if (namespace === undefined || namespace === '') object.metadata.namespace = target.namespace ?? 'default'
  else if (target.namespace !== null && namespace !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}

export async function createObject(exchange: Exchange, target: Target): Promise<void> {
  const { request, query } = exchange
  const options = writeOptions(query, request.headers['user-agent'], 'CreateOptions')
  const { object: body, text } = await decodeBody(await readBody(request), request.headers['content-type'], target.definition.kind, {
    apiVersion: target.apiVersion,
    kind: target.definition.kind,
  })
  const given = checkKind(exchange, target, body)
  checkBody(exchange, target, given, text, options.fieldValidation)
  const object = clientTime(exchange).take(given, target.definition, null)
  checkObjectNamespace(target, object)
  if (target.definition.namespaced && target.namespace === null) throw badRequest('an empty namespace may not be set during creation')
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  storeNew(exchange, target, object, options)
}

/** Stores a new object after admission, with the kind's warnings, and answers with it. */
export function storeNew(exchange: Exchange, target: Target, object: KubeObject, options: WriteOptions): void {
  const { lab } = exchange
  noteRequester(exchange, target, object)
  admit(exchange, target, 'CREATE', object, null, options.dryRun)
  const created = lab.store.create(target.resource, target.toStored(object), { fieldManager: options.fieldManager, dryRun: options.dryRun })
  exchange.warnings.push(...(target.definition.strategy.warnings?.(created, null, lab.store.context()) ?? []))
  sendJson(exchange, 201, objectText(exchange, target, created))
}
