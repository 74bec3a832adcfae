/** Subresources: status, finalize, scale, eviction, binding, log, token. exec, attach and port-forward are upgrades (api/streaming). */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, conflict, methodNotAllowed, notFound } from '../../store/api-error.ts'
import { copy, isObject } from '../../store/objects.ts'
import { isCustom } from '../custom/definition.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { servePodLog } from '../log.ts'
import { subresourceKind } from '../subresources.ts'
import { pageNotFound, type Target } from '../target.ts'
import { evict } from './eviction.ts'
import { getObject } from './read.ts'
import { patchObject } from './patch.ts'
import { postedObject } from './posted.ts'
import { serveScale } from './scale.ts'
import { requestToken } from './token.ts'
import { updateObject } from './update.ts'

/** The verb of a method on one object. */
const VERBS: Record<string, string> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

export async function serveSubresource(exchange: Exchange, target: Target): Promise<void> {
  const { subresource, definition } = target
  if (subresource === null || target.name === null) throw pageNotFound()
  if (!definition.subresources.includes(subresource)) throw isCustom(definition) ? notFound(definition, target.name) : pageNotFound()
  const verb = VERBS[exchange.method]
  if (verb === undefined || !subresourceKind(definition, subresource).verbs.includes(verb)) throw methodNotAllowed()
  switch (subresource) {
    case 'status':
    case 'finalize':
    case 'ephemeralcontainers':
    case 'approval':
    case 'resize':
      return serveMainBySubresource(exchange, target)
    case 'scale':
      return serveScale(exchange, target)
    case 'eviction':
      return evict(exchange, target, await posted(exchange, target, 'policy/v1', 'Eviction'))
    case 'binding':
      return bind(exchange, target)
    case 'log':
      return servePodLog(exchange, target)
    case 'exec':
    case 'attach':
    case 'portforward':
      if (!exchange.lab.store.get(target.resource, target.namespace, target.name)) throw notFound(definition, target.name)
      throw badRequest('Upgrade request required')
    case 'token': {
      const { body, object } = await posted(exchange, target, 'authentication.k8s.io/v1', 'TokenRequest')
      return requestToken(exchange, target, body, object)
    }
    default:
      throw new ApiError(501, 'NotImplemented', `the lab has no ${definition.plural}/${subresource}`)
  }
}

async function serveMainBySubresource(exchange: Exchange, target: Target): Promise<void> {
  switch (exchange.method) {
    case 'GET':
      return getObject(exchange, target)
    case 'PUT':
      return updateObject(exchange, target)
    default:
      return patchObject(exchange, target)
  }
}

function successStatus(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }
}

/** What is posted about an object, and the object. */
async function posted(
  exchange: Exchange,
  target: Target,
  apiVersion: string,
  kind: string,
): Promise<{ body: KubeObject; name: string; object: KubeObject }> {
  const body = await postedObject(exchange, await readBody(exchange.request), apiVersion, kind)
  const name = target.name as string
  const object = exchange.lab.store.get(target.resource, target.namespace, name)
  if (!object) throw notFound(target.definition, name)
  return { body, name, object }
}

/** pods/binding, which a scheduler of a user's own may call. */
async function bind(exchange: Exchange, target: Target): Promise<void> {
  const { store } = exchange.lab
  const { body, name, object: pod } = await posted(exchange, target, 'v1', 'Binding')
  const node = isObject(body.target) ? body.target.name : undefined
  if (typeof node !== 'string' || node === '') throw badRequest('target.name: Required value')
  if (pod.spec?.nodeName) throw conflict(target.definition, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`)
  const bound = copy(pod)
  bound.spec.nodeName = node
  store.update(target.resource, bound, { subresource: 'binding', fieldManager: 'scheduler' })
  sendJson(exchange, 201, successStatus(201))
}
