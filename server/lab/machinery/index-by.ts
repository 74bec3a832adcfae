/** An informer's index: a resource's objects by keys that are computed from them, kept up to date by a watch. */
import type { KubeObject, ResourceName } from '../resources/definition.ts'
import type { Disposable, Store } from '../store/store.ts'

export interface ObjectIndex extends Disposable {
  /** The objects that have this key, in the order in which they got it. */
  get(key: string): readonly KubeObject[]
  keys(): Iterable<string>
}

/** Calls `keysOf` on every version of every object of the resource. */
export function createIndex(store: Store, resource: ResourceName, keysOf: (object: KubeObject) => readonly string[]): ObjectIndex {
  const byKey = new Map<string, Map<string, KubeObject>>()
  const keysByUid = new Map<string, readonly string[]>()

  const remove = (uid: string, keys: readonly string[]): void => {
    for (const key of keys) {
      const objects = byKey.get(key)
      objects?.delete(uid)
      if (objects?.size === 0) byKey.delete(key)
    }
  }
  const put = (object: KubeObject): void => {
    const { uid } = object.metadata
    const keys = keysOf(object)
    const left = (keysByUid.get(uid) ?? []).filter((key) => !keys.includes(key))
    remove(uid, left)
    keysByUid.set(uid, keys)
    for (const key of keys) {
      let objects = byKey.get(key)
      if (!objects) byKey.set(key, (objects = new Map()))
      objects.set(uid, object)
    }
  }
  for (const object of store.list(resource)) put(object)
  const watch = store.watch(resource, {}, ({ type, object }) => {
    if (type !== 'DELETED') return put(object)
    remove(object.metadata.uid, keysByUid.get(object.metadata.uid) ?? [])
    keysByUid.delete(object.metadata.uid)
  })
  return {
    get: (key) => [...(byKey.get(key)?.values() ?? [])],
    keys: () => byKey.keys(),
    dispose: () => watch.dispose(),
  }
}

/** `namespace/uid of the managing owner`-free index key of pods by their controller's uid; pods without one are under `orphan:NAMESPACE`. */
export function byController(object: KubeObject): readonly string[] {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller)
  return [owner ? owner.uid : `orphan:${object.metadata.namespace ?? ''}`]
}
