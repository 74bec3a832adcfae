/**
 * A kind of object as the lab's API server knows it: names, columns, defaults, rules. Pure data and pure functions; the store applies the strategy on
 * every write, whoever makes it (HTTP or a controller), as the registry of a real API server does.
 */

export interface ObjectMeta {
  name: string
  generateName?: string
  namespace?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: unknown[]
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** Any API object. Fields beyond metadata are as in Kubernetes' JSON. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KubeObject = { apiVersion: string; kind: string; metadata: ObjectMeta; [field: string]: any }

/** One problem of an object, as apimachinery's field.Error: `spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range`. */
export interface FieldError {
  type:
    | 'Required'
    | 'Invalid'
    | 'NotSupported'
    | 'Forbidden'
    | 'Duplicate'
    | 'NotFound'
    | 'TooLong'
    | 'TooMany'
    | 'TypeInvalid'
    | 'Internal'
  field: string
  /** The value as it is printed in the message; absent for Required and Forbidden. */
  value?: unknown
  detail: string
}

/** What a strategy may ask the cluster: the rest of the store, read only, and lab time. */
export interface StrategyContext {
  /** Lab time, ms since the epoch. */
  now: number
  /** All objects of a resource (`services`, `deployments.apps`), in all namespaces. */
  list(resource: string): readonly KubeObject[]
  get(resource: string, namespace: string | null, name: string): KubeObject | undefined
  /** True where nothing will be stored: the server's allocators then give values that cannot be taken. */
  dryRun?: boolean
  /** Cluster-wide settings of the preset. */
  settings: ClusterSettings
  /** A random number in [0, 1): the lab's own generator, so that a seeded lab repeats itself. */
  random(): number
}

export interface ClusterSettings {
  /** gitVersion: v1.35.4, v1.20.1. */
  version: string
  serviceCidr: string
  nodePortRange: { from: number; to: number }
  podCidr: string
}

export interface Column {
  name: string
  type: 'string' | 'integer' | 'boolean' | 'date'
  format?: string
  description: string
  /** 0: always shown; 1: with -o wide. */
  priority: number
  cell(object: KubeObject, context: { now: number }): string | number | boolean | null
}

export interface Strategy {
  /**
   * Brings an object into the server's form (as Go decodes and encodes it: empty fields, quantities, unknown fields) and fills defaults, in place. Runs
   * first of all, on create and on every update, that of the status included. Idempotent.
   */
  setDefaults?(object: KubeObject, context: StrategyContext): void
  /** On create: clears what a client may not set (status), allots what the server gives (clusterIP, nodePort), in place. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void
  /** On update of the main resource: keeps what may not change (status, allotted values), allots anew where the change asks for it, in place. */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void
  /**
   * What an admission plugin refuses: the reason for a 403 `pods "x" is forbidden: REASON`, null where nothing stands against it. After defaults and
   * preparation, before validation. `old` is null on create.
   */
  forbid?(object: KubeObject, old: KubeObject | null, context: StrategyContext): string | null
  /** What a validating admission plugin refuses, after validation: the reason, as {@link Strategy.forbid}. */
  refuse?(object: KubeObject, old: KubeObject | null, context: StrategyContext): string | null
  /** The reason why an object may not be deleted: `namespaces "default" is forbidden: REASON`. */
  forbidDelete?(object: KubeObject): string | null
  /** On create: all problems, metadata's first. What a kind checks itself has no fields that are null (define.ts). */
  validate?(object: KubeObject, context: StrategyContext): FieldError[]
  /** On update of the main resource, in place of validate: all problems, metadata's first. */
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): FieldError[]
  /** On update of a subresource (`approval`): keeps what that may not change, in place. */
  prepareForSubresource?(subresource: string, object: KubeObject, old: KubeObject, context: StrategyContext): void
  /** On update of a subresource (`ephemeralcontainers`): all problems. */
  validateSubresource?(subresource: string, object: KubeObject, old: KubeObject, context: StrategyContext): FieldError[]
  /** Brings the members of an object into the order in which the server writes them, in place. Last of all. */
  arrange?(object: KubeObject): void
  /** Warning headers on create and update. */
  warnings?(object: KubeObject, old: KubeObject | null, context: StrategyContext): string[]
  /** Seconds of graceful deletion where the client names none: pods have 30 (or their own), all others 0. */
  gracePeriodSeconds?(object: KubeObject): number
}

/** How server-side apply owns a value and what is in it. */
export type FieldNode =
  /** One value, whatever it is. */
  | { kind: 'leaf' }
  /** Members with names of the schema. */
  | { kind: 'struct'; child(name: string): FieldNode | undefined }
  /** Members of any name. */
  | { kind: 'map'; item: FieldNode }
  /** A list of different values. */
  | { kind: 'set' }
  /** A list of objects that are told apart by these members. `defaults` are what a missing member counts as. */
  | { kind: 'keyed'; keys: string[]; defaults: Record<string, unknown>; item: FieldNode }

/** Between the form that is stored and the one that a client sees. Each gives a new object, or the same where nothing differs. */
export interface Conversion {
  toStored(object: KubeObject): KubeObject
  fromStored(object: KubeObject): KubeObject
}

export interface ServedVersion extends Partial<Conversion> {
  version: string
}

export interface ResourceDefinition {
  /** '' for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  shortNames: string[]
  categories: string[]
  namespaced: boolean
  verbs: string[]
  /** Subresources that exist: status, scale, log, exec, eviction, binding, ... */
  subresources: string[]
  /** True where metadata.generation counts changes of the spec. */
  hasGeneration: boolean
  /** True where it counts changes of the annotations too: those of a deployment are handed down to its replica sets. */
  countsAnnotations?: boolean
  columns: Column[]
  strategy: Strategy
  /** Values that field selectors may name, metadata.name and metadata.namespace aside. */
  selectableFields(object: KubeObject): Record<string, string>
  /** Other versions of the group under which the same objects are served too (autoscaling/v1, batch/v1beta1). */
  alsoServedAs?: ServedVersion[]
  /** Another resource that keeps these objects, and the way to and from it: events of events.k8s.io are the core group's. */
  keptAs?: { resource: ResourceName } & Conversion
  /** Which of its fields are owned one by one, for kinds that have no schema of Go's. */
  fieldTree?(): FieldNode
}

/** `deployments.apps`, `pods`: how the lab's own code names a resource. */
export type ResourceName = string

export function resourceName(definition: { group: string; plural: string }): ResourceName {
  return definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`
}
