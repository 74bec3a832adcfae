/**
 * A kind's objects, listed and watched, as client-go's reflector keeps them:
 *
 * | state    | on                                                        | next                             |
 * |----------|-----------------------------------------------------------|----------------------------------|
 * | listing  | the list is there                                         | watching from its resourceVersion |
 * | listing  | no answer, or an error                                    | waiting, twice as long each time  |
 * | watching | ADDED, MODIFIED, DELETED, BOOKMARK                         | watching, the version moves on    |
 * | watching | the server ends the watch, as it does every few minutes   | watching from the last version    |
 * | watching | ERROR or 410 Gone: the version is too old                 | listing                           |
 * | watching | the connection breaks                                     | waiting, then listing             |
 * | any      | restart (the cluster was reset)                           | listing, at once                  |
 *
 * A list is held against what was known: what is missing from it counts as deleted.
 */
import { messageOf } from '../problem.ts'
import type { Api } from './api.ts'

export interface KubernetesObject {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
    deletionTimestamp?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { kind: string; name: string; uid: string }[]
  }
  [field: string]: any
}

export interface ReflectorOptions {
  api: Api
  /** Path of the collection: /api/v1/pods. */
  path: string
  fieldSelector?: string
  changed(object: KubernetesObject): void
  gone(object: KubernetesObject): void
  /** The server has answered, or not. */
  reachable(reachable: boolean, message: string | null): void
  /** First and longest wait after an error, ms. */
  backOff?: { first: number; longest: number }
}

const BACK_OFF = { first: 100, longest: 5_000 }

export interface Reflector {
  /** Forgets nothing, lists anew at once. */
  restart(): void
  /** Takes everything that is known as deleted and ends. */
  dispose(): void
}

class Outdated extends Error {}

export function startReflector(options: ReflectorOptions): Reflector {
  const { api, path } = options
  const backOff = options.backOff ?? BACK_OFF
  const known = new Map<string, KubernetesObject>()
  const life = { disposed: false }
  let abort = new AbortController()
  let wake: (() => void) | null = null

  const query = (extra: Record<string, string>): string => {
    const search = new URLSearchParams({ ...(options.fieldSelector && { fieldSelector: options.fieldSelector }), ...extra })
    return search.size > 0 ? `${path}?${search}` : path
  }

  const put = (object: KubernetesObject): void => {
    const before = known.get(object.metadata.uid)
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return
    known.set(object.metadata.uid, object)
    options.changed(object)
  }

  const remove = (object: KubernetesObject): void => {
    if (known.delete(object.metadata.uid)) options.gone(object)
  }

  const list = async (signal: AbortSignal): Promise<string> => {
    const { status, body } = await api.request('GET', query({}), { signal })
    if (status !== 200) throw new Error(`${path}: ${body?.message ?? `the server answered ${status}`}`)
    const items: KubernetesObject[] = body.items ?? []
    const there = new Set(items.map((item) => item.metadata.uid))
    for (const object of known.values()) if (!there.has(object.metadata.uid)) remove(object)
    for (const item of items) put(item)
    return body.metadata?.resourceVersion ?? ''
  }

  const watch = async (from: string, signal: AbortSignal): Promise<string> => {
    let version = from
    const status = await api.watch(
      query({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: from }),
      (text) => {
        // what was in flight when the watch was given up belongs to another time
        if (signal.aborted) return
        const event = JSON.parse(text)
        if (event.type === 'ERROR') throw new Outdated(event.object?.message)
        version = event.object.metadata.resourceVersion
        if (event.type === 'DELETED') remove(event.object)
        else if (event.type !== 'BOOKMARK') put(event.object)
      },
      signal,
    )
    if (status !== 200) throw status === 410 ? new Outdated() : new Error(`${path}: the server answered ${status} to a watch`)
    return version
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake?.(), ms)
      wake = () => {
        clearTimeout(timer)
        wake = null
        resolve()
      }
    })

  const run = async (): Promise<void> => {
    let wait = backOff.first
    while (!life.disposed) {
      abort = new AbortController()
      const { signal } = abort
      try {
        let version = await list(signal)
        options.reachable(true, null)
        wait = backOff.first
        while (!life.disposed && !signal.aborted) {
          const before = performance.now()
          version = await watch(version, signal)
          // a server that ends every watch at once must not be asked without a pause
          if (performance.now() - before < backOff.first) await pause(backOff.first)
        }
      } catch (error) {
        if (life.disposed || signal.aborted || error instanceof Outdated) continue
        options.reachable(false, messageOf(error))
        await pause(wait)
        wait = Math.min(wait * 2, backOff.longest)
      }
    }
  }
  void run()

  return {
    restart() {
      abort.abort()
      wake?.()
    },
    dispose() {
      if (life.disposed) return
      life.disposed = true
      abort.abort()
      wake?.()
      for (const object of known.values()) remove(object)
    },
  }
}
