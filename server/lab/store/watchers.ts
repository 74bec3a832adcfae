/** Delivers events to watchers: in the order of the writes, after the write, and never while another event is being delivered. */
import type { ResourceName } from '../resources/definition.ts'
import type { Disposable, WatchEvent } from './store.ts'

interface Watcher {
  namespace: string | null
  /** Events up to this revision are known to the watcher already. */
  since: number
  listener: (event: WatchEvent) => void
  open: boolean
}

interface Pending {
  resource: ResourceName
  revision: number
  event: WatchEvent
}

export class Watchers {
  private readonly byResource = new Map<ResourceName, Set<Watcher>>()
  private readonly pending: Pending[] = []
  private draining = false
  private readonly onFault: (error: unknown) => void

  constructor(onFault: (error: unknown) => void) {
    this.onFault = onFault
  }

  add(resource: ResourceName, namespace: string | null, since: number, listener: (event: WatchEvent) => void): Disposable {
    const watcher: Watcher = { namespace, since, listener, open: true }
    let watchers = this.byResource.get(resource)
    if (!watchers) this.byResource.set(resource, (watchers = new Set()))
    watchers.add(watcher)
    return {
      dispose: () => {
        watcher.open = false
        watchers.delete(watcher)
      },
    }
  }

  /** How many watches are open, for tests that assert that none leaks. */
  count(): number {
    let count = 0
    for (const watchers of this.byResource.values()) count += watchers.size
    return count
  }

  publish(resource: ResourceName, revision: number, event: WatchEvent): void {
    this.pending.push({ resource, revision, event })
    if (this.draining) return
    this.draining = true
    try {
      for (let i = 0; i < this.pending.length; i++) {
        this.deliver(this.pending[i] as Pending)
        // A long chain of writes by watchers must not keep all of its events alive.
        if (i > 1_000) i -= this.pending.splice(0, i + 1).length
      }
    } finally {
      this.pending.length = 0
      this.draining = false
    }
  }

  private deliver({ resource, revision, event }: Pending): void {
    const watchers = this.byResource.get(resource)
    if (!watchers) return
    for (const watcher of [...watchers]) {
      if (!watcher.open || revision <= watcher.since) continue
      if (watcher.namespace !== null && watcher.namespace !== event.object.metadata.namespace) continue
      try {
        watcher.listener(event)
      } catch (error) {
        this.onFault(error)
      }
    }
  }
}
