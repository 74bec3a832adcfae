/** get and list. */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, expired, notFound } from '../../store/api-error.ts'
import { COMPONENT_STATUSES, componentStatuses } from '../component-statuses.ts'
import type { Exchange } from '../exchange.ts'
import { sendJson } from '../exchange.ts'
import { objectFilter } from '../filter.ts'
import { parseRevision, type ListOptions } from '../list-options.ts'
import { negotiateObject, type ObjectForm } from '../media-type.ts'
import { tableJson, type IncludeObject } from '../table.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime, type ObjectWriter } from '../time/client-time.ts'

/** The form that the client wants. Throws 406 where the server has none of those it takes. */
export function formOf(exchange: Exchange): ObjectForm {
  const form = negotiateObject(exchange.request.headers.accept)
  if (form) return form
  throw new ApiError(
    406,
    'NotAcceptable',
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
}

export function includeObject(query: URLSearchParams): IncludeObject {
  const include = query.get('includeObject') ?? 'Metadata'
  if (include === 'Metadata' || include === 'Object' || include === 'None' || include === '') return include === '' ? 'Metadata' : include
  throw badRequest(`Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`)
}

export function partialMetadata(object: KubeObject, version: string, writer: ObjectWriter): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${writer.metadata(object)}}`
}

/** One object in the form that the client asked for. `told`: its times are those of an object that the client knows by this difference. */
export function objectText(exchange: Exchange, target: Target, stored: KubeObject, told?: number): string {
  const form = formOf(exchange)
  const object = asServed(target, stored)
  const writer = clientTime(exchange).writer(target.definition, told)
  switch (form.form) {
    case 'object':
      return writer.object(object)
    case 'metadata':
      return partialMetadata(object, form.version, writer)
    case 'table': {
      const { resourceVersion } = object.metadata
      return tableJson(target.definition, [object], resourceVersion ? { resourceVersion } : {}, {
        version: form.version,
        include: includeObject(exchange.query),
        now: exchange.lab.clock.now(),
        writer,
      })
    }
  }
}

export function getObject(exchange: Exchange, target: Target): void {
  const { lab } = exchange
  const object =
    target.resource === COMPONENT_STATUSES
      ? componentStatuses(lab).find(({ metadata }) => metadata.name === target.name)
      : lab.store.get(target.resource, target.namespace, target.name as string)
  if (!object) throw notFound(target.definition, target.name as string)
  sendJson(exchange, 200, objectText(exchange, target, object))
}

interface ContinueToken {
  revision: number
  after: string
}

function encodeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: token.after })).toString('base64url')
}

function decodeToken(text: string): ContinueToken {
  const broken = (why: string): ApiError => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  const at = text.search(/[^\w-]/)
  if (at >= 0 || text.length % 4 === 1) throw broken(`illegal base64 data at input byte ${at >= 0 ? at : text.length - 1}`)
  const decoded = Buffer.from(text, 'base64url').toString()
  try {
    const { rv, start } = JSON.parse(decoded) as { rv: unknown; start: unknown }
    if (typeof rv === 'number' && typeof start === 'string') return { revision: rv, after: start }
  } catch {
    throw broken(`invalid character '${decoded[0] ?? ''}' looking for beginning of value`)
  }
  throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
}

function keyOf(object: KubeObject): string {
  return object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name
}

export interface ListPage {
  items: readonly KubeObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

function servedItems(target: Target, stored: readonly KubeObject[]): readonly KubeObject[] {
  return stored.every((object) => object.apiVersion === target.apiVersion) ? stored : stored.map((object) => asServed(target, object))
}

/** What a list request gets: filtered, and cut to its limit. */
export function listPage(exchange: Exchange, target: Target, options: ListOptions): ListPage {
  const { store } = exchange.lab
  const filter = objectFilter(target.definition, exchange.query)
  const revision = store.revision()
  if (options.resourceVersion !== null) {
    const asked = parseRevision(options.resourceVersion)
    if (asked > revision) tooLarge(asked, revision)
    if (options.resourceVersionMatch === 'Exact' && asked < revision) throw expired(`The provided resourceVersion is too old: ${asked}`)
  }
  const stored = target.resource === COMPONENT_STATUSES ? componentStatuses(exchange.lab) : store.list(target.resource, target.namespace)
  let items = servedItems(target, stored)
  const token = options.continue === null ? null : decodeToken(options.continue)
  if (token && token.revision > revision)
    throw badRequest('invalid continue token: continue key is not valid: it names a revision that does not exist')
  if (!filter.isEmpty) items = items.filter(filter.matches)
  if (token) items = items.filter((object) => keyOf(object) > token.after)
  const metadata: ListPage['metadata'] = { resourceVersion: String(token?.revision ?? revision) }
  if (options.limit > 0 && items.length > options.limit) {
    const rest = items.length - options.limit
    items = items.slice(0, options.limit)
    metadata.continue = encodeToken({ revision: token?.revision ?? revision, after: keyOf(items.at(-1) as KubeObject) })
    if (filter.isEmpty) metadata.remainingItemCount = rest
  }
  return { items, metadata }
}

/** As storage.NewTooLargeResourceVersionError. */
export function tooLarge(asked: number, current: number): never {
  throw new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

export function listObjects(exchange: Exchange, target: Target, options: ListOptions): void {
  const form = formOf(exchange)
  const { items, metadata } = listPage(exchange, target, options)
  const objects = items
  const writer = clientTime(exchange).writer(target.definition)
  if (form.form === 'table') {
    const table = { version: form.version, include: includeObject(exchange.query), now: exchange.lab.clock.now(), writer }
    return sendJson(exchange, 200, tableJson(target.definition, objects, metadata, table))
  }
  const isMetadata = form.form === 'metadata'
  const kind = isMetadata ? 'PartialObjectMetadataList' : `${target.definition.kind}List`
  const apiVersion = isMetadata ? `meta.k8s.io/${form.version}` : target.apiVersion
  const texts = objects.map((object) => (isMetadata ? partialMetadata(object, form.version, writer) : writer.object(object)))
  sendJson(
    exchange,
    200,
    `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`,
  )
}
