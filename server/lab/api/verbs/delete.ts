/** delete and deletecollection. */
import type { DeleteOptions } from '../../store/store.ts'
import { ApiError, badRequest, notFound } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { admit } from '../admit.ts'
import { decodeBody } from '../body.ts'
import { decodeObject, structOf } from '../../resources/schema/index.ts'
import { goQuote, parseFlag, parseInteger } from '../go-words.ts'
import { SCHEME } from './create.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { listOptions } from '../list-options.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { isDryRun } from '../write-options.ts'
import { listPage } from './list-page.ts'
import { objectText } from './read.ts'

const POLICIES = ['Background', 'Foreground', 'Orphan']

/** DeleteOptions from the body, or from the query where there is none. Throws BadRequest or Invalid. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const { error } = isObject(body) ? decodeObject(body, structOf('meta.v1.DeleteOptions')) : { error: null }
  if (error !== null) throw badRequest(error)
  const given = (isObject(body) ? body : {}) as GivenOptions
  const grace = given.gracePeriodSeconds ?? parseInteger(query, 'gracePeriodSeconds')
  const policy = given.propagationPolicy ?? query.get('propagationPolicy')
  const orphan = given.orphanDependents ?? (query.has('orphanDependents') ? parseFlag(query, 'orphanDependents') : null)
  if (policy !== null && orphan !== null) {
    throw invalidOptions(
      `propagationPolicy: Invalid value: ${goQuote(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    )
  }
  if (policy !== null && !POLICIES.includes(policy)) {
    const words = 'supported values: "Foreground", "Background", "Orphan", "nil"'
    throw invalidOptions(`propagationPolicy: Unsupported value: ${goQuote(policy)}: ${words}`)
  }
  const dryRun = isDryRun([...(given.dryRun ?? []), ...query.getAll('dryRun')], 'DeleteOptions')
  // orphanDependents is what older clients send
  const propagationPolicy = (policy ??
    (orphan === null ? undefined : orphan ? 'Orphan' : 'Background')) as DeleteOptions['propagationPolicy']
  const { uid, resourceVersion } = given.preconditions ?? {}
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Math.max(grace, 0) }),
    ...(propagationPolicy ? { propagationPolicy } : {}),
    ...(uid || resourceVersion ? { preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } } : {}),
    dryRun,
  }
}

/** As its schema has it. */
interface GivenOptions {
  gracePeriodSeconds?: number | null
  propagationPolicy?: string | null
  orphanDependents?: boolean | null
  dryRun?: string[] | null
  preconditions?: { uid?: string; resourceVersion?: string } | null
}

function invalidOptions(line: string): ApiError {
  const [field = '', ...message] = line.split(': ')
  return new ApiError(422, 'Invalid', `DeleteOptions.meta.k8s.io "" is invalid: ${line}`, {
    group: 'meta.k8s.io',
    kind: 'DeleteOptions',
    causes: [{ reason: line.includes('Unsupported') ? 'FieldValueNotSupported' : 'FieldValueInvalid', message: message.join(': '), field }],
  })
}

async function decodeOptions(body: Buffer, type: string | undefined): Promise<object> {
  const { object } = await decodeBody(body, type, null)
  const { apiVersion, kind } = object
  if (kind && kind !== 'DeleteOptions') {
    throw badRequest(`no kind "${String(kind)}" is registered for version "${String(apiVersion ?? 'v1')}" in scheme "${SCHEME}"`)
  }
  return object
}

async function readOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await readBody(exchange.request)
  const decoded = body.length === 0 ? null : await decodeOptions(body, exchange.request.headers['content-type'])
  return deleteOptions(decoded, exchange.query)
}

export async function deleteObject(exchange: Exchange, target: Target): Promise<void> {
  const { store } = exchange.lab
  const name = target.name as string
  const options = await readOptions(exchange)
  const old = store.get(target.resource, target.namespace, name)
  if (!old) throw notFound(target.definition, name)
  admit(exchange, target, 'DELETE', null, old, options.dryRun ?? false)
  const left = store.delete(target.resource, target.namespace, name, options)
  const isGone = store.get(target.resource, target.namespace, name)?.metadata.uid !== old.metadata.uid
  // Pods and the like answer with the object; what is gone at once with a Status (ReturnDeletedObject of each registry's store).
  if (RETURNS_OBJECT.has(target.resource) || !isGone) sendJson(exchange, 200, objectText(exchange, target, left))
  else sendJson(exchange, 200, successStatus(target, left))
}

const RETURNS_OBJECT = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
])

function successStatus(target: Target, { metadata }: KubeObject): object {
  const { group, plural } = target.definition
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group ? { group } : {}), kind: plural, uid: metadata.uid },
  }
}

export async function deleteCollection(exchange: Exchange, target: Target): Promise<void> {
  const { store } = exchange.lab
  const options = await readOptions(exchange)
  const { items, metadata } = listPage(exchange, target, listOptions(exchange.query))
  const deleted: KubeObject[] = []
  for (const object of items) {
    const { name, namespace = null } = object.metadata
    admit(exchange, target, 'DELETE', null, object, options.dryRun ?? false)
    if (store.get(target.resource, namespace, name)) deleted.push(store.delete(target.resource, namespace, name, options))
  }
  const writer = clientTime(exchange).writer(target.definition)
  const list = `"kind":"${target.definition.kind}List","apiVersion":"${target.apiVersion}","metadata":${JSON.stringify(metadata)}`
  sendJson(exchange, 200, `{${list},"items":[${deleted.map((object) => writer.object(asServed(target, object))).join(',')}]}`)
}
