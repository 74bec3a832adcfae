/** The contract of the lab's object store: what api, controllers, kubelet, network and metallb work with. */
import type { KubeObject, ResourceDefinition, ResourceName, StrategyContext } from '../resources/definition.ts'

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  /** The object before, for selectors that an object enters or leaves. Absent for ADDED. */
  previous?: KubeObject
}

export interface Disposable {
  dispose(): void
}

/** An object as its creator gives it: apiVersion and kind are the resource's. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type NewObject = { metadata: object; [field: string]: any }

export interface UpdateOptions {
  /**
   * `status`: only status (and labels and annotations) changes, generation stays. `finalize`: only spec.finalizers of a namespace. `binding`: only
   * spec.nodeName of a pod. `ephemeralcontainers`: only spec.ephemeralContainers of a pod. `approval`:
   * only the conditions of a certificate signing request. The main resource otherwise.
   */
  subresource?: 'status' | 'finalize' | 'binding' | 'ephemeralcontainers' | 'approval'
  /** Who writes, for managedFields. */
  fieldManager?: string
  /** The subresource that managedFields names, where it is not one of the store's own: scale. */
  managedAs?: string
  /** The whole metadata.managedFields, where the writer has worked it out (server-side apply). */
  managedFields?: unknown[]
  /** Checks all, stores nothing. */
  dryRun?: boolean
  /** Lab time that a new object gives as that of its creation, ms, where it is not now: what a preset starts with is as old as its cluster. */
  at?: number
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}

/**
 * Objects are frozen in depth once stored: copy (structuredClone) before changing. All calls are synchronous. Writes run the resource's strategy and
 * throw {@link ApiError} (store/api-error.ts: AlreadyExists, NotFound, Conflict, Invalid, Forbidden, Expired...) as an API server would answer.
 * Watchers are called in order of the writes, after the write is complete, never from inside a write: a watcher may write.
 */
export interface Store {
  /** The definitions known now; custom resources come and go with their CustomResourceDefinitions. */
  definitions(): readonly ResourceDefinition[]
  definition(resource: ResourceName): ResourceDefinition | undefined
  /** Adds a resource, or changes it: the objects stay. */
  define(definition: ResourceDefinition): void
  /** Drops a resource with all of its objects. */
  undefine(resource: ResourceName): void
  /** The store's revision: the resourceVersion of the last write. */
  revision(): number
  get(resource: ResourceName, namespace: string | null, name: string): KubeObject | undefined
  /** In key order, as etcd lists. namespace null: all. */
  list(resource: ResourceName, namespace?: string | null): readonly KubeObject[]
  /** What a list gave at an earlier revision, as far back as the log goes; null where that is compacted. */
  listAt(resource: ResourceName, namespace: string | null, revision: number): readonly KubeObject[] | null
  create(resource: ResourceName, object: NewObject, options?: UpdateOptions): KubeObject
  /** Optimistic: a metadata.resourceVersion that is not the stored one throws Conflict; an empty one overwrites. No change: no new revision. */
  update(resource: ResourceName, object: KubeObject, options?: UpdateOptions): KubeObject
  /** Reads, lets `change` work on a copy, and stores it: the way for controllers. Returns undefined where the object is gone. */
  mutate(
    resource: ResourceName,
    namespace: string | null,
    name: string,
    change: (object: KubeObject) => void,
    options?: UpdateOptions,
  ): KubeObject | undefined
  /**
   * Marks or removes: finalizers and graceful deletion (pods on a node) leave the object with a deletionTimestamp; otherwise it goes at once.
   * Returns the object as it was left, or as it was last.
   */
  delete(resource: ResourceName, namespace: string | null, name: string, options?: DeleteOptions): KubeObject
  /** From now on, or from an earlier revision (throws Expired where that is compacted). `initial`: first an ADDED for every object there is. */
  watch(
    resource: ResourceName,
    options: { namespace?: string | null; from?: number; initial?: boolean },
    listener: (event: WatchEvent) => void,
  ): Disposable
  /** How many watches are open: tests assert that none leaks. */
  watchCount(): number
  /** What strategies are given: for warnings, which the API server asks for. */
  context(): StrategyContext
}
