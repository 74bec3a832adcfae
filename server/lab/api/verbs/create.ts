/** create. */
import type { KubeObject } from '../../resources/definition.ts'
import { badRequest } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { admit } from '../admit.ts'
import { decodeBody } from '../body.ts'
import { warnOfDeprecation } from '../deprecations.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { checkBody } from '../strict.ts'
import type { Target } from '../target.ts'
import { writeOptions } from '../write-options.ts'
import { objectText } from './read.ts'

/** The body as an object of the target's kind. Throws BadRequest with the words of the server's decoder. */
export function checkKind(target: Target, object: Record<string, unknown>): KubeObject {
  const { apiVersion, kind } = object
  if (kind === undefined || kind === '') {
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(object).slice(0, 1000)}'`)
  }
  if (apiVersion === undefined || apiVersion === '') {
    throw badRequest(`Object 'apiVersion' is missing in '${JSON.stringify(object).slice(0, 1000)}'`)
  }
  if (kind !== target.definition.kind || apiVersion !== target.apiVersion) {
    const group = String(apiVersion).includes('/') ? String(apiVersion) : `/${String(apiVersion)}`
    const expected = target.definition.group === '' ? `/${target.definition.version}` : target.apiVersion
    const isKnownKind = kind === target.definition.kind
    throw badRequest(
      isKnownKind
        ? `the API version in the data (${String(apiVersion)}) does not match the expected API version (${target.apiVersion})`
        : `${String(kind)} in version "${String(apiVersion).split('/').at(-1)}" cannot be handled as a ${target.definition.kind}: converting (${group}).${String(kind)} to (${expected}).${target.definition.kind}: unknown conversion`,
    )
  }
  if (object.metadata === undefined || object.metadata === null) object.metadata = {}
  if (!isObject(object.metadata)) {
    throw badRequest(
      `${target.definition.kind} in version "${target.definition.version}" cannot be handled as a ${target.definition.kind}: json: cannot unmarshal ${jsonType(object.metadata)} into Go struct field ${target.definition.kind}.metadata of type v1.ObjectMeta`,
    )
  }
  return object as KubeObject
}

export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return typeof value === 'boolean' ? 'bool' : typeof value
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
  const { lab, request, query } = exchange
  const options = writeOptions(query, request.headers['user-agent'], 'CreateOptions')
  const { object: body, text } = await decodeBody(await readBody(request), request.headers['content-type'])
  const object = checkKind(target, body)
  checkBody(exchange, target, object, text, options.fieldValidation)
  checkObjectNamespace(target, object)
  if (target.definition.namespaced && target.namespace === null) throw badRequest('an empty namespace may not be set during creation')
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created')
  warnOfDeprecation(exchange, target)
  admit(exchange, target, 'CREATE', object, null, options.dryRun)
  const created = lab.store.create(target.resource, target.toStored(object), { fieldManager: options.fieldManager, dryRun: options.dryRun })
  exchange.warnings.push(...(target.definition.strategy.warnings?.(created, null, lab.store.context()) ?? []))
  sendJson(exchange, 201, objectText(exchange, target, created))
}
