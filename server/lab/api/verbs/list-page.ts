/** Which objects a list gives, of which revision, and in which pages (GetList of apiserver's storage/etcd3). */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, expired } from '../../store/api-error.ts'
import { COMPONENT_STATUSES, componentStatuses } from '../component-statuses.ts'
import { decodeToken, encodeToken, expiredToken, type ContinueToken } from '../continue-token.ts'
import type { Exchange } from '../exchange.ts'
import { objectFilter } from '../filter.ts'
import { parseRevision, type ListOptions } from '../list-options.ts'
import { asServed, type Target } from '../target.ts'
import { keyOf } from '../../machinery/objects.ts'

export interface ListPage {
  items: readonly KubeObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** As storage.NewTooLargeResourceVersionError. */
export function tooLarge(asked: number, current: number): never {
  throw new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

/** What there was at a revision; of now where it is that of now, which costs nothing. */
function objectsAt({ lab }: Exchange, target: Target, revision: number): readonly KubeObject[] | null {
  if (target.resource === COMPONENT_STATUSES) return componentStatuses(lab)
  const { store } = lab
  const stored =
    revision === store.revision()
      ? store.list(target.resource, target.namespace)
      : store.listAt(target.resource, target.namespace, revision)
  if (stored === null || stored.every((object) => object.apiVersion === target.apiVersion)) return stored
  return stored.map((object) => asServed(target, object))
}

/** The revision that a list is of. */
function revisionOf(options: ListOptions, token: ContinueToken | null, current: number): number {
  if (token) {
    if (options.resourceVersion !== null && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const revision = token.revision ?? current
    if (revision > current) tooLarge(revision, current)
    return revision
  }
  if (options.resourceVersion === null) return current
  const asked = parseRevision(options.resourceVersion, true)
  if (asked > current) tooLarge(asked, current)
  return options.resourceVersionMatch === 'Exact' ? asked : current
}

/** What a list request gets: filtered, and cut to its limit. Pages of one list are of one revision. */
export function listPage(exchange: Exchange, target: Target, options: ListOptions): ListPage {
  const filter = objectFilter(target.definition, exchange.query)
  const token = options.continue === null ? null : decodeToken(options.continue)
  const revision = revisionOf(options, token, exchange.lab.store.revision())
  const all = objectsAt(exchange, target, revision)
  if (all === null) throw token ? expiredToken(token) : expired('The resourceVersion for the provided list is too old.')
  let items = all
  if (!filter.isEmpty) items = items.filter(filter.matches)
  if (token) items = items.filter((object) => keyOf(object) > token.after)
  const metadata: ListPage['metadata'] = { resourceVersion: String(revision) }
  // what comes from the watch cache comes whole
  const limit = options.resourceVersion === '0' ? 0 : options.limit
  if (limit > 0 && items.length > limit) {
    const rest = items.length - limit
    items = items.slice(0, limit)
    metadata.continue = encodeToken({ revision, after: keyOf(items.at(-1) as KubeObject) })
    if (filter.isEmpty) metadata.remainingItemCount = rest
  }
  return { items, metadata }
}
