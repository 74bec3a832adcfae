/** The objects of one resource, sorted by key as etcd lists them, with the bounded log of what happened to them. */
import type { KubeObject } from '../resources/definition.ts'
import type { WatchEvent } from './store.ts'

/**
 * Events that a resource's log keeps: a client that was away for longer has to list again (410 Expired). Every event holds up to two objects, so this
 * bounds what a busy lab keeps alive; a rollout of 1,000 pods makes about 5,000 events.
 */
export const LOG_LIMIT = 8_192
/** How many events are dropped at once when the log is full. */
const LOG_SLACK = 1_024

export interface LoggedEvent {
  revision: number
  event: WatchEvent
}

export function keyOf(namespace: string | null | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name
}

export class ResourceTable {
  private readonly byKey = new Map<string, KubeObject>()
  private keys: string[] = []
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

  set(key: string, object: KubeObject): void {
    if (!this.byKey.has(key)) this.keys.splice(this.indexOf(key), 0, key)
    this.byKey.set(key, object)
    this.forget(object)
  }

  remove(key: string): void {
    const object = this.byKey.get(key)
    if (!object) return
    this.byKey.delete(key)
    this.keys.splice(this.indexOf(key), 1)
    this.forget(object)
  }

  private forget(object: KubeObject): void {
    this.listed = null
    this.namespaces.delete(object.metadata.namespace ?? '')
  }

  /** All objects, or those of a namespace. The array is shared until the next write: it must not be changed. */
  list(namespace: string | null): readonly KubeObject[] {
    if (namespace === null) return (this.listed ??= this.keys.map((key) => this.byKey.get(key) as KubeObject))
    let objects = this.namespaces.get(namespace)
    if (!objects) {
      const from = this.indexOf(`${namespace}/`)
      const to = this.indexOf(`${namespace}0`)
      objects = this.keys.slice(from, to).map((key) => this.byKey.get(key) as KubeObject)
      this.namespaces.set(namespace, objects)
    }
    return objects
  }

  append(revision: number, event: WatchEvent): void {
    this.log.push({ revision, event })
    if (this.log.length < LOG_LIMIT + LOG_SLACK) return
    const dropped = this.log.splice(0, this.log.length - LOG_LIMIT)
    this.compacted = (dropped.at(-1) as LoggedEvent).revision
  }
}
