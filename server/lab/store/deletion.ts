/** How an object goes: at once, after its grace period, with its last finalizer (BeforeDelete of apiserver's rest/delete.go). */
import type { KubeObject, ResourceDefinition } from '../resources/definition.ts'
import { hasFinalizers, timestamp } from './rules.ts'

/** An object that is marked for deletion goes with its last finalizer. */
export function hasGone(definition: ResourceDefinition, object: KubeObject, old: KubeObject): boolean {
  if (old.metadata.deletionTimestamp === undefined || hasFinalizers(object, definition.plural)) return false
  return hasFinalizers(old, definition.plural) && (old.metadata.deletionGracePeriodSeconds ?? 0) === 0
}

/** How long it may take to end, s; `asked`: what the client grants it. */
export function graceFor(definition: ResourceDefinition, object: KubeObject, asked: number | undefined): number {
  if (!definition.strategy.gracePeriodSeconds) return 0
  const isPod = definition.plural === 'pods' && definition.group === ''
  // As podStrategy.CheckGracefulDelete: nothing has to end where nothing runs.
  if (isPod && (!object.spec?.nodeName || object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed')) return 0
  return Math.max(0, asked ?? definition.strategy.gracePeriodSeconds(object))
}

/** Their storage marks them itself, and names no grace period. */
const MARKED_BY_THEIR_OWN = new Set(['namespaces', 'customresourcedefinitions'])

/** Marks it for deletion at the end of the grace period (s), or brings that forward; `now`: ms. */
export function markDeleted(definition: ResourceDefinition, object: KubeObject, grace: number, now: number): void {
  const { metadata } = object
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = timestamp(now + grace * 1000)
    if (!MARKED_BY_THEIR_OWN.has(definition.plural)) metadata.deletionGracePeriodSeconds = grace
    if (metadata.generation !== undefined) metadata.generation++
    if (definition.plural === 'namespaces' && definition.group === '') object.status = { ...object.status, phase: 'Terminating' }
  } else if (grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    // graceful deletion can only be shortened
    const marked = Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
    metadata.deletionTimestamp = timestamp(marked + grace * 1000)
    metadata.deletionGracePeriodSeconds = grace
  }
}
