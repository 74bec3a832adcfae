/** The lab's object store: what etcd and the generic registry of an API server do together, in memory and synchronous. */
import { randomUuid } from '../random.ts'
import {
  resourceName,
  type ClusterSettings,
  type KubeObject,
  type ResourceDefinition,
  type ResourceName,
  type StrategyContext,
} from '../resources/definition.ts'
import { randomSuffix } from '../resources/kit/random.ts'
import { alreadyExists, ApiError, conflict, expired, forbidden, invalid, notFound } from './api-error.ts'
import { graceFor, hasGone, markDeleted } from './deletion.ts'
import { keepStored } from './keep-stored.ts'
import { updateManagedFields } from './managed-fields.ts'
import { storageKey } from './storage-key.ts'
import { contentChanged, checkNamespace, checkPreconditions, finalizersFor, hasFinalizers, specChanged, timestamp } from './rules.ts'
import { copy, deepFreeze, dropUndefined, equal, shareParts } from './objects.ts'
import { askQuotas, isCounted, QUOTAS } from './quota.ts'
import type { DeleteOptions, NewObject, Store, UpdateOptions, WatchEvent } from './store.ts'
import { keyOf, ResourceTable } from './table.ts'
import { Watchers } from './watchers.ts'

export interface StoreOptions {
  definitions: readonly ResourceDefinition[]
  settings: ClusterSettings
  /** Lab time, ms. */
  now: () => number
  /** [0, 1). */
  random: () => number
  /** Takes what a watcher threw. */
  onFault: (error: unknown) => void
  /** The first revision, where this store follows another one whose clients must notice that (410). */
  revision?: number
}

/** As what the server itself writes about quotas. */
const SERVER_STATUS: UpdateOptions = { subresource: 'status', fieldManager: 'kube-apiserver' }

/** A server remembers this many attempts to find a free generated name. */
const NAME_ATTEMPTS = 8

/** An empty store with these resources. */
export function createStore(options: StoreOptions): Store {
  const { settings, now, random } = options
  const definitions = new Map<ResourceName, ResourceDefinition>()
  const tables = new Map<ResourceName, ResourceTable>()
  const watchers = new Watchers(options.onFault)
  let revision = options.revision ?? 1

  function define(definition: ResourceDefinition): void {
    const name = resourceName(definition)
    definitions.set(name, definition)
    if (!tables.has(name)) tables.set(name, new ResourceTable(revision))
  }

  for (const definition of options.definitions) define(definition)

  function known(resource: ResourceName): { definition: ResourceDefinition; table: ResourceTable } {
    const definition = definitions.get(resource)
    const table = tables.get(resource)
    if (!definition || !table) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
    return { definition, table }
  }

  function context(dryRun = false): StrategyContext {
    return { now: now(), list: (resource) => tables.get(resource)?.list(null) ?? [], get, settings, random, dryRun }
  }

  function get(resource: ResourceName, namespace: string | null, name: string): KubeObject | undefined {
    return tables.get(resource)?.get(keyOf(definitions.get(resource)?.namespaced ? namespace : null, name))
  }

  function apiVersionOf(definition: ResourceDefinition): string {
    return definition.group === '' ? definition.version : `${definition.group}/${definition.version}`
  }

  function nextRevision(object: KubeObject): KubeObject {
    revision++
    object.metadata.resourceVersion = String(revision)
    return deepFreeze(object)
  }

  function put(resource: ResourceName, table: ResourceTable, object: KubeObject, previous: KubeObject | undefined): KubeObject {
    const stored = nextRevision(object)
    table.set(keyOf(stored.metadata.namespace, stored.metadata.name), stored)
    const event: WatchEvent = previous ? { type: 'MODIFIED', object: stored, previous } : { type: 'ADDED', object: stored }
    table.append(revision, event, now())
    watchers.publish(resource, revision, event)
    return stored
  }

  /** Takes an object out. The event carries it with the revision of its removal, as etcd's does. */
  function remove(resource: ResourceName, table: ResourceTable, object: KubeObject): KubeObject {
    table.remove(keyOf(object.metadata.namespace, object.metadata.name))
    const last = nextRevision({ ...object, metadata: { ...object.metadata } })
    const event: WatchEvent = { type: 'DELETED', object: last, previous: object }
    table.append(revision, event, now())
    watchers.publish(resource, revision, event)
    return last
  }

  function create(resource: ResourceName, given: NewObject, write: UpdateOptions = {}): KubeObject {
    const { definition, table } = known(resource)
    const object = copy(given) as unknown as KubeObject
    object.apiVersion = apiVersionOf(definition)
    object.kind = definition.kind
    const { metadata } = object
    if (!definition.namespaced) delete metadata.namespace
    let generated = false
    if (!metadata.name && metadata.generateName) {
      generated = true
      metadata.name = generateName(table, metadata.namespace, metadata.generateName)
    }
    metadata.name ??= ''
    if (definition.namespaced) checkNamespace(definition, object, get('namespaces', null, metadata.namespace ?? ''))
    metadata.uid = randomUuid(random)
    metadata.creationTimestamp = timestamp(write.at ?? now())
    delete metadata.deletionTimestamp
    delete metadata.deletionGracePeriodSeconds
    delete (metadata as { selfLink?: string }).selfLink
    if (definition.hasGeneration) metadata.generation = 1
    else delete metadata.generation
    const strategies = context(write.dryRun)
    const { strategy } = definition
    strategy.setDefaults?.(object, strategies)
    // the server's form has no empty name, what checks one has
    object.metadata.name ??= ''
    // what the server adds from here on belongs to nobody
    const asked = write.fieldManager ? copy(object) : object
    strategy.prepareForCreate?.(object, strategies)
    checkForbidden(definition, object, null, strategies)
    const { name, namespace } = object.metadata
    const errors = strategy.validate?.(object, strategies) ?? []
    if (errors.length > 0) throw invalid(definition, name, errors)
    const charge = checkAdmission(definition, object, null, strategies)
    if (name === '') {
      throw invalid(definition, '', [{ type: 'Required', field: 'name', detail: 'name or generateName is required' }])
    }
    const existing = table.get(keyOf(namespace, name))
    if (existing) {
      if (!generated) throw alreadyExists(definition, name, existing.metadata.deletionTimestamp !== undefined)
      throw new ApiError(
        409,
        'AlreadyExists',
        `${alreadyExists(definition, name).message}, the server was not able to generate a unique name for the object`,
        { name: name, ...(definition.group ? { group: definition.group } : {}), kind: definition.plural, retryAfterSeconds: 1 },
      )
    }
    dropUndefined(object)
    if (asked !== object) {
      dropUndefined(asked)
      updateManagedFields(definition, asked, null, write, write.at ?? now())
      if (asked.metadata.managedFields) object.metadata.managedFields = asked.metadata.managedFields
      else delete object.metadata.managedFields
    } else updateManagedFields(definition, object, null, write, write.at ?? now())
    if (!write.dryRun) object.metadata.resourceVersion = ''
    strategy.arrange?.(object)
    if (write.dryRun) return deepFreeze(object)
    charge()
    return put(resource, table, object, undefined)
  }

  /** What validating admission plugins refuse. Gives the way to note in the quotas what the object is charged for, once it is sure to be stored. */
  function checkAdmission(
    definition: ResourceDefinition,
    object: KubeObject,
    old: KubeObject | null,
    strategies: StrategyContext,
  ): () => void {
    const { name, namespace } = object.metadata
    const reason = definition.strategy.refuse?.(object, old, strategies) ?? null
    if (reason !== null) throw forbidden(definition, name, reason)
    const quotas = isCounted(definition) && namespace ? (tables.get(QUOTAS)?.list(namespace) ?? []) : []
    const answer = askQuotas(definition, object, old, quotas, strategies.now)
    if ('refused' in answer) throw forbidden(definition, name, answer.refused)
    return () => {
      for (const { name: quota, used } of answer.charged) {
        mutate(QUOTAS, namespace as string, quota, ({ status }) => void (status.used = used), SERVER_STATUS)
      }
    }
  }

  function checkForbidden(definition: ResourceDefinition, object: KubeObject, old: KubeObject | null, strategies: StrategyContext): void {
    const reason = definition.strategy.forbid?.(object, old, strategies) ?? null
    if (reason !== null) throw forbidden(definition, object.metadata.name, reason)
  }

  function generateName(table: ResourceTable, namespace: string | undefined, prefix: string): string {
    let name = ''
    for (let attempt = 0; attempt < NAME_ATTEMPTS; attempt++) {
      // As names.SimpleNameGenerator: at most 63 characters.
      name = prefix.slice(0, 58) + randomSuffix(random)
      if (!table.get(keyOf(namespace, name))) break
    }
    return name
  }

  function update(resource: ResourceName, given: KubeObject, write: UpdateOptions = {}): KubeObject {
    return replace(resource, copy(given), write)
  }

  /** As update, of an object that nobody else has: it becomes the stored one. */
  function replace(resource: ResourceName, object: KubeObject, write: UpdateOptions): KubeObject {
    const { definition, table } = known(resource)
    const { name, resourceVersion, uid } = object.metadata
    const namespace = definition.namespaced ? object.metadata.namespace : undefined
    const old = table.get(keyOf(namespace, name))
    if (!old) throw notFound(definition, name)
    if (uid && uid !== old.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`
      const at = `Key: ${storageKey(definition, old)}, ResourceVersion: 0`
      throw conflict(definition, name, `StorageError: invalid object, Code: 4, ${at}, AdditionalErrorMsg: ${why}`)
    }
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw conflict(definition, name)
    const charge = prepare(definition, object, old, write)
    object.metadata.resourceVersion = old.metadata.resourceVersion as string
    definition.strategy.arrange?.(object)
    shareParts(old, object)
    if (hasGone(definition, object, old)) {
      if (write.dryRun) return deepFreeze(object)
      return remove(resource, table, deepFreeze(object))
    }
    if (!contentChanged(old, object) && !managersChanged(old, object, write)) return old
    updateManagedFields(definition, object, old, write, write.at ?? now())
    if (write.dryRun) return deepFreeze(object)
    charge?.()
    return put(resource, table, object, old)
  }

  function managersChanged(old: KubeObject, object: KubeObject, write: UpdateOptions): boolean {
    const given = write.managedFields ?? (write.fieldManager ? object.metadata.managedFields : undefined)
    return given !== undefined && !equal(given, old.metadata.managedFields)
  }

  /** What an update may not touch is taken from the stored object; then the resource's strategy has its say. */
  function prepare(definition: ResourceDefinition, object: KubeObject, old: KubeObject, write: UpdateOptions): (() => void) | null {
    const { strategy } = definition
    object.apiVersion = apiVersionOf(definition)
    object.kind = definition.kind
    keepStored(definition, object, old, write.subresource)
    const { metadata } = object
    dropUndefined(object)
    const strategies = context(write.dryRun)
    let charge: (() => void) | null = null
    strategy.setDefaults?.(object, strategies)
    if (write.subresource !== undefined) {
      strategy.prepareForSubresource?.(write.subresource, object, old, strategies)
      const errors = strategy.validateSubresource?.(write.subresource, object, old, strategies) ?? []
      if (errors.length > 0) throw invalid(definition, object.metadata.name, errors)
    } else {
      strategy.prepareForUpdate?.(object, old, strategies)
      checkForbidden(definition, object, old, strategies)
      const errors = strategy.validateUpdate
        ? strategy.validateUpdate(object, old, strategies)
        : (strategy.validate?.(object, strategies) ?? [])
      if (errors.length > 0) throw invalid(definition, object.metadata.name, errors)
      charge = checkAdmission(definition, object, old, strategies)
    }
    dropUndefined(object)
    const annotated = definition.countsAnnotations === true && !equal(old.metadata.annotations ?? {}, metadata.annotations ?? {})
    const ofSpec = write.subresource === undefined || write.subresource === 'ephemeralcontainers'
    if (definition.hasGeneration && ofSpec && (annotated || specChanged(old, object))) {
      object.metadata.generation = (old.metadata.generation ?? 0) + 1
    }
    return charge
  }

  function mutate(
    resource: ResourceName,
    namespace: string | null,
    name: string,
    change: (object: KubeObject) => void,
    write: UpdateOptions = {},
  ): KubeObject | undefined {
    const current = get(resource, namespace, name)
    if (!current) return undefined
    const object = copy(current)
    change(object)
    object.metadata.resourceVersion = current.metadata.resourceVersion
    return replace(resource, object, write)
  }

  function deleteObject(resource: ResourceName, namespace: string | null, name: string, asked: DeleteOptions = {}): KubeObject {
    const { definition, table } = known(resource)
    const old = get(resource, namespace, name)
    if (!old) throw notFound(definition, name)
    const standsAgainst = definition.strategy.forbidDelete?.(old) ?? null
    if (standsAgainst !== null) throw forbidden(definition, name, standsAgainst)
    checkPreconditions(definition, old, asked.preconditions)
    const grace = graceFor(definition, old, asked.gracePeriodSeconds)
    const finalizers = finalizersFor(old, asked.propagationPolicy)
    const object = copy(old)
    if (finalizers.length > 0) object.metadata.finalizers = finalizers
    else delete object.metadata.finalizers
    if (grace === 0 && !hasFinalizers(object, definition.plural)) {
      if (asked.dryRun) return old
      if (old.metadata.deletionTimestamp !== undefined && finalizers.length === (old.metadata.finalizers?.length ?? 0))
        return remove(resource, table, old)
      if (old.metadata.deletionTimestamp === undefined && definition.strategy.gracePeriodSeconds) {
        object.metadata.deletionTimestamp = timestamp(now())
        object.metadata.deletionGracePeriodSeconds = 0
      }
      return remove(resource, table, deepFreeze(object))
    }
    markDeleted(definition, object, grace, now())
    if (asked.dryRun) return deepFreeze(object)
    return equal(old, object) ? old : put(resource, table, object, old)
  }

  const store: Store = {
    definitions: () => [...definitions.values()],
    definition: (resource) => definitions.get(resource),
    define,
    undefine(resource) {
      const table = tables.get(resource)
      for (const object of [...(table?.list(null) ?? [])]) remove(resource, table as ResourceTable, object)
      definitions.delete(resource)
      tables.delete(resource)
    },
    revision: () => revision,
    get,
    list: (resource, namespace = null) => tables.get(resource)?.list(namespace) ?? [],
    listAt: (resource, namespace, at) => tables.get(resource)?.listAt(namespace, at) ?? null,
    create,
    update,
    mutate,
    delete: deleteObject,
    watch(resource, { namespace = null, from, initial = false }, listener) {
      const { table } = known(resource)
      if (from !== undefined && !initial) {
        if (from < table.compacted) throw expired(`too old resource version: ${from} (${table.compacted + 1})`)
        const since = table.log.filter((logged) => logged.revision > from)
        const watch = watchers.add(resource, namespace, revision, listener)
        for (const { event } of since) {
          if (namespace === null || namespace === event.object.metadata.namespace) listener(event)
        }
        return watch
      }
      const objects = initial ? table.list(namespace) : []
      const watch = watchers.add(resource, namespace, revision, listener)
      for (const object of objects) listener({ type: 'ADDED', object })
      return watch
    },
    watchCount: () => watchers.count(),
    context,
  }
  return store
}
