/** Subresources: status, finalize, scale, eviction, binding, log, token. exec and attach are upgrades (api/exec.ts). */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, conflict, methodNotSupported, notFound } from '../../store/api-error.ts'
import { copy, isObject } from '../../store/objects.ts'
import { timestamp } from '../../store/rules.ts'
import { decodeBody } from '../body.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { servePodLog } from '../log.ts'
import { pageNotFound, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions } from '../write-options.ts'
import { evict } from './eviction.ts'
import { getObject } from './read.ts'
import { patchObject } from './patch.ts'
import { serveScale } from './scale.ts'
import { updateObject } from './update.ts'

export async function serveSubresource(exchange: Exchange, target: Target): Promise<void> {
  const { subresource, definition } = target
  if (subresource === null || target.name === null || !definition.subresources.includes(subresource)) throw pageNotFound()
  switch (subresource) {
    case 'status':
    case 'finalize':
    case 'ephemeralcontainers':
    case 'resize':
      return serveMainBySubresource(exchange, target)
    case 'scale':
      return serveScale(exchange, target)
    case 'eviction':
      return evict(exchange, target, await posted(exchange, target, 'Eviction'))
    case 'binding':
      return bind(exchange, target)
    case 'log':
      return servePodLog(exchange, target)
    case 'exec':
    case 'attach':
    case 'portforward':
      throw badRequest('Upgrade request required')
    case 'token':
      return requestToken(exchange, target)
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
    case 'PATCH':
      return patchObject(exchange, target)
    default:
      throw methodNotSupported(target.definition, exchange.method.toLowerCase())
  }
}

function successStatus(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code }
}

async function bodyOf(exchange: Exchange, kind: string): Promise<Record<string, unknown>> {
  return (await decodeBody(await readBody(exchange.request), exchange.request.headers['content-type'], kind)).object
}

/** What is posted about an object, and the object. */
async function posted(
  exchange: Exchange,
  target: Target,
  kind: string,
): Promise<{ body: Record<string, unknown>; name: string; object: KubeObject }> {
  if (exchange.method !== 'POST') throw methodNotSupported(target.definition, exchange.method.toLowerCase())
  const body = await bodyOf(exchange, kind)
  const name = target.name as string
  const object = exchange.lab.store.get(target.resource, target.namespace, name)
  if (!object) throw notFound(target.definition, name)
  return { body, name, object }
}

/** pods/binding, which a scheduler of a user's own may call. */
async function bind(exchange: Exchange, target: Target): Promise<void> {
  const { store } = exchange.lab
  const { body, name, object: pod } = await posted(exchange, target, 'Binding')
  const node = isObject(body.target) ? body.target.name : undefined
  if (typeof node !== 'string' || node === '') throw badRequest('target.name: Required value')
  if (pod.spec?.nodeName) throw conflict(target.definition, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`)
  const bound = copy(pod)
  bound.spec.nodeName = node
  store.update(target.resource, bound, { subresource: 'binding', fieldManager: 'scheduler' })
  sendJson(exchange, 201, successStatus(201))
}

/** serviceaccounts/token: a token that looks like one; nothing in the lab checks it. */
async function requestToken(exchange: Exchange, target: Target): Promise<void> {
  if (exchange.method !== 'POST') throw methodNotSupported(target.definition, exchange.method.toLowerCase())
  const { store, clock } = exchange.lab
  const body = await bodyOf(exchange, 'TokenRequest')
  writeOptions(exchange.query, exchange.request.headers['user-agent'], 'CreateOptions')
  const account = store.get(target.resource, target.namespace, target.name as string)
  if (!account) throw notFound(target.definition, target.name as string)
  const spec = isObject(body.spec) ? body.spec : {}
  const seconds = Math.max(600, Number(spec.expirationSeconds ?? 3600))
  // a token is for the client's clock
  const now = Math.floor(clock.now() / 1000) + clientTime(exchange).shift()
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    aud: ['https://kubernetes.default.svc.cluster.local'],
    exp: now + seconds,
    iat: now,
    iss: 'https://kubernetes.default.svc.cluster.local',
    'kubernetes.io': { namespace: target.namespace, serviceaccount: { name: target.name, uid: account.metadata.uid } },
    nbf: now,
    sub: `system:serviceaccount:${target.namespace}:${target.name}`,
  }
  const token = [part({ alg: 'none', kid: 'lab' }), part(claims), Buffer.from('a lab signs nothing').toString('base64url')].join('.')
  const expirationTimestamp = timestamp((now + seconds) * 1000)
  sendJson(exchange, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: target.name, namespace: target.namespace, creationTimestamp: timestamp(now * 1000) },
    spec: { audiences: claims.aud, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp },
  })
}
