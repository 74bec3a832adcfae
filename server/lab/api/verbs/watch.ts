/** watch: an open answer of newline-delimited events. As in apiserver's handlers/watch.go and storage/cacher. */
import { ApiError } from '../../store/api-error.ts'
import type { WatchEvent } from '../../store/store.ts'
import { outside } from '../../clock.ts'
import { warningHeaders, type Exchange } from '../exchange.ts'
import { objectFilter } from '../filter.ts'
import { forgetJson } from '../json.ts'
import { parseRevision, type ListOptions } from '../list-options.ts'
import { tableJson } from '../table.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { tooLarge } from './list-page.ts'
import { formOf, includeObject, partialMetadata } from './read.ts'
import type { KubeObject } from '../../resources/definition.ts'

/** Time between two bookmarks of a watch that asked for them, ms of lab time, as the watch cache's. */
const BOOKMARK_INTERVAL = 60_000
/**
 * Time until the first bookmark after the one that ends the initial events, ms of real time. A kubectl that gives up waiting after a second complains of a
 * "very short watch" where the stream's end reaches it before its own: never over a real server's HTTP/2, now and then over plain HTTP. It does not where
 * something came.
 */
const FIRST_BOOKMARK = 300

/**
 * Bytes that may wait for a client before its watch is closed (it will list again): a client that does not read must not hold the lab's memory. The
 * API server ends a watcher whose buffer of events is full in the same way.
 */
const MAX_BUFFERED = 64 * 1024 * 1024

export function watchObjects(exchange: Exchange, target: Target, options: ListOptions): void {
  const { lab, response, request } = exchange
  const { store, clock } = lab
  const form = formOf(exchange)
  const filter = objectFilter(target.definition, exchange.query)
  const include = form.form === 'table' ? includeObject(exchange.query) : 'Metadata'
  const current = store.revision()
  const asked = options.resourceVersion === null ? null : parseRevision(options.resourceVersion)
  if (asked !== null && asked > current + 1_000_000) tooLarge(asked, current)

  const times = clientTime(exchange)
  let columnsSent = false
  const objectText = (stored: KubeObject): string => {
    const object = asServed(target, stored)
    const writer = times.writer(target.definition)
    if (form.form === 'object') return writer.object(object)
    if (form.form === 'metadata') return partialMetadata(object, form.version, writer)
    const { resourceVersion } = object.metadata
    const text = tableJson(
      target.definition,
      [object],
      { resourceVersion },
      {
        version: form.version,
        include,
        now: clock.now(),
        writer,
        withoutColumns: columnsSent,
      },
    )
    columnsSent = true
    return text
  }

  const backlog: string[] = []
  let open = false
  const send = (text: string): void => {
    if (!open) backlog.push(text)
    else if (!response.writableEnded && !response.destroyed) {
      response.write(text)
      if (response.writableLength > MAX_BUFFERED) response.destroy()
    }
  }
  const sendEvent = (type: WatchEvent['type'], object: KubeObject): void => send(`{"type":"${type}","object":${objectText(object)}}\n`)

  /** An object that a selector lets in or out appears or goes for this client. */
  const onEvent = ({ type, object, previous }: WatchEvent): void => {
    if (previous) forgetJson(previous)
    const matches = type !== 'DELETED' && filter.matches(asServed(target, object))
    const matched = previous !== undefined && filter.matches(asServed(target, previous))
    if (matches) sendEvent(matched ? 'MODIFIED' : 'ADDED', object)
    else if (matched) sendEvent('DELETED', type === 'DELETED' ? object : withRevision(previous, object.metadata.resourceVersion))
  }

  const bookmark = (initialEnd: boolean): string => {
    const metadata = {
      resourceVersion: String(store.revision()),
      creationTimestamp: null,
      ...(initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    }
    if (form.form === 'table') {
      const table = tableJson(
        target.definition,
        [],
        { resourceVersion: metadata.resourceVersion },
        { version: form.version, include, now: 0, writer: times.writer(target.definition), withoutColumns: columnsSent },
      )
      if (!initialEnd) return `{"type":"BOOKMARK","object":${table}}\n`
      const { kind } = target.definition
      const row = {
        cells: target.definition.columns.map(() => ''),
        object: {
          kind: include === 'Object' ? kind : 'PartialObjectMetadata',
          apiVersion: include === 'Object' ? target.apiVersion : `meta.k8s.io/${form.version}`,
          metadata,
        },
      }
      return `{"type":"BOOKMARK","object":${JSON.stringify({ ...JSON.parse(table), rows: [row] })}}\n`
    }
    const kind = form.form === 'metadata' ? 'PartialObjectMetadata' : target.definition.kind
    const apiVersion = form.form === 'metadata' ? `meta.k8s.io/${form.version}` : target.apiVersion
    return `{"type":"BOOKMARK","object":${JSON.stringify({ kind, apiVersion, metadata })}}\n`
  }

  // Without a revision (or with 0) the server starts with what there is; sendInitialEvents says so in words.
  const initial = options.sendInitialEvents ?? (asked === null || asked === 0)
  let watch: { dispose(): void }
  try {
    watch = store.watch(
      target.resource,
      { namespace: target.namespace, initial, from: initial || asked === null || asked === 0 ? undefined : asked } as never,
      onEvent,
    )
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 410) throw error
    // An expired revision is told inside of the stream, as the server does.
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
    response.end(`{"type":"ERROR","object":${JSON.stringify(error.status())}}\n`)
    return
  }
  if (options.sendInitialEvents === true && options.allowWatchBookmarks) backlog.push(bookmark(true))
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
    ...warningHeaders(exchange.warnings),
  })
  open = true
  response.flushHeaders()
  if (backlog.length > 0) response.write(backlog.join(''))

  const first =
    options.sendInitialEvents === true && options.allowWatchBookmarks ? outside.after(FIRST_BOOKMARK, () => send(bookmark(false))) : null
  const bookmarks = options.allowWatchBookmarks ? clock.every(BOOKMARK_INTERVAL, () => send(bookmark(false))) : null
  const timeout = options.timeoutSeconds ? outside.after(options.timeoutSeconds * 1000, () => response.end()) : null
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    watch.dispose()
    first?.cancel()
    bookmarks?.cancel()
    timeout?.cancel()
    ending.dispose()
    response.end()
  }
  response.on('close', close)
  response.on('error', close)
  request.on('error', close)
  const ending = lab.onDispose(close)
}

function withRevision(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}
