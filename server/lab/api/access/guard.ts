/** Asks whether who makes a request may do so (apiserver's filters/authorization.go, and request/requestinfo.go for what it is). */
import { ApiError, forbidden } from '../../store/api-error.ts'
import type { Exchange } from '../exchange.ts'
import { parseFlag } from '../go-words.ts'
import { parseResourcePath } from '../request-info.ts'
import { authorize, type Attributes } from './rbac.ts'
import { requesterOf, type User } from './user.ts'

/** A request as far as it matters here: an upgrade has no answer yet. */
type Asking = Pick<Exchange, 'lab' | 'request' | 'method' | 'path' | 'query'>

/** What a request wants to do. */
export function attributesOf({ method, path, query }: Pick<Exchange, 'method' | 'path' | 'query'>): Attributes {
  const info = parseResourcePath(path)
  if (info === null) return { verb: method.toLowerCase(), path }
  const { group, resource, namespace, name, subresource } = info
  const isNamespace = resource === 'namespaces' && group === ''
  const inNamespace = namespace ?? (isNamespace ? name : null)
  return {
    verb: verbOf(method, name !== null, query),
    group,
    resource,
    ...(subresource === null ? {} : { subresource }),
    ...(inNamespace === null ? {} : { namespace: inNamespace }),
    ...(name === null ? {} : { name }),
  }
}

function verbOf(method: string, isNamed: boolean, query: URLSearchParams): string {
  switch (method) {
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection'
    default:
      if (isNamed) return 'get'
      return parseFlag(query, 'watch') ? 'watch' : 'list'
  }
}

/** Throws 403 in the server's words, 401 for an unknown token. The administrator may everything. */
export function checkAccess(exchange: Asking): void {
  const { headers, rawHeaders } = exchange.request
  if (headers.authorization === undefined && headers['impersonate-user'] === undefined && headers['impersonate-group'] === undefined) return
  const { user, impersonator } = requesterOf(exchange.lab, headers, rawHeaders)
  if (impersonator) {
    require(exchange, impersonator, { verb: 'impersonate', ...impersonated(user.username) })
    for (const name of headers['impersonate-group'] === undefined ? [] : user.groups.filter((each) => each !== 'system:authenticated')) {
      require(exchange, impersonator, { verb: 'impersonate', group: '', resource: 'groups', name })
    }
  }
  require(exchange, user, attributesOf(exchange))
}

function impersonated(username: string): { group: string; resource: string; namespace?: string; name: string } {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username)
  if (!account) return { group: '', resource: 'users', name: username }
  return { group: '', resource: 'serviceaccounts', namespace: account[1] as string, name: account[2] as string }
}

function require(exchange: Pick<Exchange, 'lab'>, user: User, wanted: Attributes): void {
  const { allowed, reason } = authorize(exchange.lab.store, user, wanted)
  if (!allowed) throw refusal(user, wanted, reason)
}

function refusal({ username }: User, wanted: Attributes, reason: string): ApiError {
  const because = reason === '' ? '' : `: ${reason}`
  if ('path' in wanted) {
    return new ApiError(403, 'Forbidden', `forbidden: User "${username}" cannot ${wanted.verb} path "${wanted.path}"${because}`, {})
  }
  const { verb, group, resource, subresource, namespace, name = '' } = wanted
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope'
  const why = `User "${username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}${because}`
  return forbidden({ group, plural: resource }, name, why)
}
