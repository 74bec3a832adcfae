/** The API server: one HTTP request to one verb on one resource. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LabContext } from '../context.ts'
import { methodNotAllowed } from '../store/api-error.ts'
import { checkAccess } from './access/guard.ts'
import { isCustom } from './custom/definition.ts'
import { serveDiscovery } from './discovery.ts'
import { sendError, sendText, type Exchange } from './exchange.ts'
import { serveNonResource } from './health.ts'
import { listOptions } from './list-options.ts'
import { parseResourcePath } from './request-info.ts'
import { createReview, isReview } from './reviews.ts'
import { serveSubresource } from './verbs/subresource.ts'
import { warnOfDeprecation } from './deprecations.ts'
import { findTarget, PageNotFound, pageNotFound, type Target } from './target.ts'
import { createObject } from './verbs/create.ts'
import { deleteCollection, deleteObject } from './verbs/delete.ts'
import { patchObject } from './verbs/patch.ts'
import { formOf, getObject, listObjects } from './verbs/read.ts'
import { updateObject } from './verbs/update.ts'
import { watchObjects } from './verbs/watch.ts'

/** Answers one request of a client, whatever it is. Never throws; every failure is a Status, but for paths that nobody knows. */
export async function handleApiRequest(lab: LabContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', search = ''] = splitUrl(request.url ?? '/')
  const exchange: Exchange = {
    request,
    response,
    method: request.method ?? 'GET',
    path,
    query: new URLSearchParams(search),
    lab,
    warnings: [],
  }
  try {
    await route(exchange)
  } catch (error) {
    if (error instanceof PageNotFound && !isOfBuiltInGroup(exchange)) sendPageNotFound(exchange)
    else sendError(exchange, error)
  }
}

/** True for paths of a group that comes with the API server, which answers with a Status where it knows no more of them. */
function isOfBuiltInGroup({ path, lab }: Exchange): boolean {
  const [, root, group] = path.split('/')
  if (root === 'api') return true
  return root === 'apis' && lab.store.definitions().some((definition) => definition.group === group && !isCustom(definition))
}

function sendPageNotFound(exchange: Exchange): void {
  sendText(exchange, 404, '404 page not found\n', 'text/plain; charset=utf-8', { 'X-Content-Type-Options': 'nosniff' })
}

function splitUrl(url: string): [string, string] {
  const at = url.indexOf('?')
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

async function route(exchange: Exchange): Promise<void> {
  checkAccess(exchange)
  if (await serveNonResource(exchange)) return
  if (exchange.method === 'GET' && serveDiscovery(exchange)) return
  const info = parseResourcePath(exchange.path)
  if (info === null) throw pageNotFound()
  const target = findTarget(exchange.lab.store, info)
  warnOfDeprecation(exchange, target)
  if (target.subresource === null) await serveResource(exchange, target)
  else await serveSubresource(exchange, target)
}

async function serveResource(exchange: Exchange, target: Target): Promise<void> {
  const { method, query } = exchange
  const { verbs } = target.definition
  const may = (verb: string): void => {
    if (!verbs.includes(verb)) throw methodNotAllowed()
  }
  if (target.name === null) {
    switch (method) {
      case 'GET': {
        exchange.isList = true
        formOf(exchange, isCustom(target.definition))
        const options = listOptions(query)
        may(options.watch ? 'watch' : 'list')
        return options.watch ? watchObjects(exchange, target, options) : listObjects(exchange, target, options)
      }
      case 'POST':
        may('create')
        if (isReview(target)) return createReview(exchange, target)
        return createObject(exchange, target)
      case 'DELETE':
        may('deletecollection')
        return deleteCollection(exchange, target)
    }
  } else {
    switch (method) {
      case 'GET':
        may('get')
        return getObject(exchange, target)
      case 'PUT':
        may('update')
        return updateObject(exchange, target)
      case 'PATCH':
        may('patch')
        return patchObject(exchange, target)
      case 'DELETE':
        may('delete')
        return deleteObject(exchange, target)
    }
  }
  throw methodNotAllowed()
}
