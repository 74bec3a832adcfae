/** A small API server for the topology's tests: lists, watches, discovery, and everything that goes wrong with them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeObject {
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion?: string
    labels?: Record<string, string>
    [field: string]: unknown
  }
  [field: string]: unknown
}

export interface FakeApiServer {
  url: string
  /** Requests as `GET /path?query`, in order. */
  requests: string[]
  /** Adds or changes an object, and tells the watches. */
  put(collection: string, object: FakeObject): void
  remove(collection: string, uid: string): void
  /** Ends every open watch: `error` sends a 410 first, `cut` breaks the connection. */
  endWatches(how: 'end' | 'error' | 'cut'): void
  /** Changes objects without telling any watch, as when a watch was down meanwhile. */
  silently(change: () => void): void
  /** Answers of the next requests to a collection. */
  failNext(collection: string, status: number): void
  watches(collection: string): number
  close(): Promise<void>
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const collections = new Map<string, Map<string, FakeObject>>()
  const watches = new Set<{ collection: string; response: ServerResponse }>()
  const failures = new Map<string, number[]>()
  const requests: string[] = []
  let version = 1
  let silent = false

  const objectsOf = (collection: string): Map<string, FakeObject> => {
    if (!collections.has(collection)) collections.set(collection, new Map())
    return collections.get(collection)!
  }
  const tell = (collection: string, type: string, object: unknown): void => {
    if (silent) return
    for (const watch of watches) if (watch.collection === collection) watch.response.write(JSON.stringify({ type, object }) + '\n')
  }
  const json = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url!, 'http://x')
    requests.push(`${request.method} ${request.url}`)
    const failure = failures.get(url.pathname)?.shift()
    if (failure) return json(response, failure, { kind: 'Status', message: `made to fail with ${failure}`, code: failure })
    if (url.pathname === '/version') return json(response, 200, { gitVersion: 'v1.35.4' })
    if (url.pathname === '/apis') return json(response, 200, { groups: [{ name: 'apps', versions: [{ groupVersion: 'apps/v1' }] }] })
    if (url.pathname === '/api/v1') {
      const resources = [
        { name: 'services', singularName: 'service', shortNames: ['svc'], kind: 'Service', namespaced: true, verbs: ['list'] },
        { name: 'services/status', singularName: '', kind: 'Service', namespaced: true, verbs: ['get'] },
        { name: 'nodes', singularName: 'node', kind: 'Node', namespaced: false, verbs: ['list'] },
      ]
      return json(response, 200, { resources })
    }
    if (url.pathname === '/apis/apps/v1') return json(response, 200, { resources: [] })
    if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200, { 'Content-Type': 'application/json' })
      response.flushHeaders()
      const watch = { collection: url.pathname, response }
      watches.add(watch)
      response.on('close', () => watches.delete(watch))
      return
    }
    const known = collections.get(url.pathname)
    if (known) return json(response, 200, { items: [...known.values()], metadata: { resourceVersion: String(version) } })
    const [, collection, name] = /^(.*)\/([^/]+)$/.exec(url.pathname) ?? []
    const object = [...(collections.get(collection ?? '')?.values() ?? [])].find((candidate) => candidate.metadata.name === name)
    if (object) return json(response, 200, object)
    return url.pathname.split('/').length > 3 && !name
      ? json(response, 200, { items: [] })
      : json(response, 404, { message: 'not found', code: 404 })
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    put(collection, object) {
      const objects = objectsOf(collection)
      const type = objects.has(object.metadata.uid) ? 'MODIFIED' : 'ADDED'
      const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } }
      objects.set(object.metadata.uid, stored)
      tell(collection, type, stored)
    },
    remove(collection, uid) {
      const object = objectsOf(collection).get(uid)
      objectsOf(collection).delete(uid)
      version++
      if (object) tell(collection, 'DELETED', object)
    },
    endWatches(how) {
      for (const watch of watches) {
        const { response } = watch
        watches.delete(watch)
        if (how === 'error')
          response.write(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }) + '\n')
        if (how === 'cut') response.destroy()
        else response.end()
      }
    },
    silently(change) {
      silent = true
      change()
      silent = false
    },
    failNext: (collection, status) => void failures.set(collection, [...(failures.get(collection) ?? []), status]),
    watches: (collection) => [...watches].filter((watch) => watch.collection === collection).length,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** A kubeconfig for it. */
export function kubeconfigFor(url: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server: url } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'nobody' } }],
    'current-context': 'fake',
  })
}
