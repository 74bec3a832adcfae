/** The objects of one resource, sorted by key as etcd lists them, with the bounded log of what happened to them. */
import type { KubeObject } from '../resources/definition.ts'
import type { WatchEvent } from './store.ts'

/**
 * Events that a resource's log keeps: a client that was away for longer has to list again (410 Expired). Every event holds an object that may be no
 * more, so this bounds what a busy lab keeps alive; a rollout of 1,000 pods makes about 5,000 events.
 */
export const LOG_LIMIT = 8_192
/** How many events are dropped at once. */
const LOG_SLACK = 256
/** So much is kept however old it is; what is above it, as long as etcd keeps it that the API server compacts every five minutes. ms of lab time */
const KEPT_ANYHOW = 256
const KEPT_FOR = 600_000

export interface LoggedEvent {
  revision: number
  event: WatchEvent
  /** Lab time, ms. */
  at: number
}

export function keyOf(namespace: string | null | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name
}

export class ResourceTable {
  private readonly byKey = new Map<string, KubeObject>()
  /** Keys in order. Those of {@link added} are not among them yet, those of {@link removed} still are. */
  private keys: string[] = []
  private readonly added = new Set<string>()
  private readonly removed = new Set<string>()
  private listed: readonly KubeObject[] | null = null
  private readonly namespaces = new Map<string, readonly KubeObject[]>()
  /** Revisions up to this one are not in the log. */
  compacted: number
  log: LoggedEvent[] = []

  constructor(compacted: number) {
    this.compacted = compacted
  }

  get(key: string): KubeObject | undefined {
    return this.byKey.get(key)
  }

  /** Index of the first key that is not less. */
  private indexOf(key: string): number {
    let low = 0
    let high = this.keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Brings the keys up to date: when they are read, since writes come in bursts. */
  private settle(): void {
    if (this.removed.size > 0) this.keys = this.keys.filter((key) => !this.removed.has(key))
    this.removed.clear()
    if (this.added.size === 0) return
    const added = [...this.added].toSorted()
    this.added.clear()
    const { keys } = this
    const merged: string[] = []
    let next = 0
    for (const key of added) {
      while (next < keys.length && (keys[next] as string) < key) merged.push(keys[next++] as string)
      merged.push(key)
    }
    while (next < keys.length) merged.push(keys[next++] as string)
    this.keys = merged
  }

  set(key: string, object: KubeObject): void {
    if (!this.byKey.has(key) && !this.removed.delete(key)) this.added.add(key)
    this.byKey.set(key, object)
    this.forget(object)
  }

  remove(key: string): void {
    const object = this.byKey.get(key)
    if (!object) return
    this.byKey.delete(key)
    if (!this.added.delete(key)) this.removed.add(key)
    this.forget(object)
  }

  private forget(object: KubeObject): void {
    this.listed = null
    this.namespaces.delete(object.metadata.namespace ?? '')
  }

  /** All objects, or those of a namespace. The array is shared until the next write: it must not be changed. */
  list(namespace: string | null): readonly KubeObject[] {
    if (namespace === null) {
      if (this.listed === null) this.settle()
      return (this.listed ??= this.keys.map((key) => this.byKey.get(key) as KubeObject))
    }
    let objects = this.namespaces.get(namespace)
    if (!objects) {
      this.settle()
      const from = this.indexOf(`${namespace}/`)
      const to = this.indexOf(`${namespace}0`)
      objects = this.keys.slice(from, to).map((key) => this.byKey.get(key) as KubeObject)
      this.namespaces.set(namespace, objects)
    }
    return objects
  }

  /** The objects of an earlier revision, the later events taken back; null where the log does not go that far back. */
  listAt(namespace: string | null, revision: number): readonly KubeObject[] | null {
    if (revision < this.compacted) return null
    const before = new Map<string, KubeObject | undefined>()
    for (let i = this.log.length - 1; i >= 0 && (this.log[i] as LoggedEvent).revision > revision; i--) {
      const { object, previous } = (this.log[i] as LoggedEvent).event
      before.set(keyOf(object.metadata.namespace, object.metadata.name), previous)
    }
    const objects = new Map(this.list(namespace).map((object) => [keyOf(object.metadata.namespace, object.metadata.name), object]))
    for (const [key, object] of before) {
      if (namespace !== null && !key.startsWith(`${namespace}/`)) continue
      if (object) objects.set(key, object)
      else objects.delete(key)
    }
    return [...objects.keys()].toSorted().map((key) => objects.get(key) as KubeObject)
  }

  append(revision: number, event: WatchEvent, at: number): void {
    const { log } = this
    log.push({ revision, event, at })
    const surplus = Math.max(log.length - LOG_LIMIT, (log[LOG_SLACK]?.at ?? at) < at - KEPT_FOR ? log.length - KEPT_ANYHOW : 0)
    if (surplus < LOG_SLACK) return
    const dropped = log.splice(0, LOG_SLACK)
    this.compacted = (dropped.at(-1) as LoggedEvent).revision
  }
}
