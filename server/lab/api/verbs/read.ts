/** get and list. */
import type { KubeObject } from '../../resources/definition.ts'
import { ApiError, badRequest, notFound } from '../../store/api-error.ts'
import { COMPONENT_STATUSES, componentStatuses } from '../component-statuses.ts'
import { isCustom } from '../custom/definition.ts'
import type { Exchange } from '../exchange.ts'
import { goQuote } from '../go-words.ts'
import { sendJson } from '../exchange.ts'
import { parseRevision, type ListOptions } from '../list-options.ts'
import { negotiateObject, type ObjectForm } from '../media-type.ts'
import { tableJson, type IncludeObject } from '../table.ts'
import { asServed, internalPackage, type Target } from '../target.ts'
import { clientTime, type ObjectWriter } from '../time/client-time.ts'
import { listPage } from './list-page.ts'

const UNACCEPTED =
  '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf'
const CUSTOM_UNACCEPTED =
  'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'
const STREAMS = ', application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'

function notAcceptable(message: string): ApiError {
  return new ApiError(406, 'NotAcceptable', message, {})
}

/** The form that the client wants. Throws 406 where the server has none of those it takes. */
export function formOf(exchange: Exchange, custom = false): ObjectForm {
  const form = negotiateObject(exchange.request.headers.accept)
  if (form) return form
  if (custom) throw notAcceptable(CUSTOM_UNACCEPTED)
  throw notAcceptable(`${UNACCEPTED}${exchange.method === 'GET' && exchange.isList ? STREAMS : ''}`)
}

export function includeObject(query: URLSearchParams): IncludeObject {
  const include = query.get('includeObject') ?? 'Metadata'
  if (include === 'Metadata' || include === 'Object' || include === 'None' || include === '') return include === '' ? 'Metadata' : include
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${goQuote(include)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
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
      if (form.list) {
        const type = `*${internalPackage(target.definition)}.${target.definition.kind}`
        throw notAcceptable(`you requested PartialObjectMetadataList, but the requested object is not a list (${type})`)
      }
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
  const { lab, query } = exchange
  formOf(exchange, isCustom(target.definition))
  const asked = query.get('resourceVersion')
  if (asked) parseRevision(asked)
  const object =
    target.resource === COMPONENT_STATUSES
      ? componentStatuses(lab).find(({ metadata }) => metadata.name === target.name)
      : lab.store.get(target.resource, target.namespace, target.name as string)
  if (!object) throw notFound(target.definition, target.name as string)
  sendJson(exchange, 200, objectText(exchange, target, object))
}

/** An object as an item of a list, which says for all of them what they are; custom ones say it themselves. */
function itemText(text: string, { apiVersion, definition }: Target): string {
  const head = `{"kind":"${definition.kind}","apiVersion":"${apiVersion}",`
  return !isCustom(definition) && text.startsWith(head) ? `{${text.slice(head.length)}` : text
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
  const texts = objects.map((object) =>
    isMetadata ? partialMetadata(object, form.version, writer) : itemText(writer.object(object), target),
  )
  sendJson(
    exchange,
    200,
    `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`,
  )
}
