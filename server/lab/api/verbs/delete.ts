/** delete and deletecollection. */
import type { DeleteOptions } from '../../store/store.ts'
import { ApiError, badRequest, notFound } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { admit } from '../admit.ts'
import { decodeBody } from '../body.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { listOptions } from '../list-options.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { isDryRun } from '../write-options.ts'
import { listPage, objectText } from './read.ts'

const POLICIES = ['Background', 'Foreground', 'Orphan']

/** DeleteOptions from the body, or from the query where there is none. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const given = isObject(body) ? body : {}
  const grace = given.gracePeriodSeconds ?? (query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined)
  const policy = given.propagationPolicy ?? query.get('propagationPolicy') ?? undefined
  if (grace !== undefined && grace !== null && !Number.isInteger(grace)) {
    throw badRequest('json: cannot unmarshal into Go struct field DeleteOptions.gracePeriodSeconds of type int64')
  }
  if (policy !== undefined && policy !== null && !POLICIES.includes(policy as string)) {
    throw new ApiError(
      422,
      'Invalid',
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
      { group: 'meta.k8s.io', kind: 'DeleteOptions', causes: [] },
    )
  }
  const dryRun = isDryRun([...((given.dryRun as string[] | undefined) ?? []), ...query.getAll('dryRun')], 'DeleteOptions')
  // As orphanDependents, which older clients send.
  const orphan = given.orphanDependents === true ? 'Orphan' : given.orphanDependents === false ? 'Background' : undefined
  const propagationPolicy = (policy ?? orphan) as DeleteOptions['propagationPolicy']
  const { uid, resourceVersion } = (isObject(given.preconditions) ? given.preconditions : {}) as { uid?: string; resourceVersion?: string }
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: Math.max(grace, 0) } : {}),
    ...(propagationPolicy ? { propagationPolicy } : {}),
    ...(uid || resourceVersion ? { preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } } : {}),
    dryRun,
  }
}

async function readOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await readBody(exchange.request)
  const decoded = body.length === 0 ? null : (await decodeBody(body, exchange.request.headers['content-type'], 'DeleteOptions')).object
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
