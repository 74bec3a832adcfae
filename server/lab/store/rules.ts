/** Rules for an object's metadata that hold for every resource, as in apiserver's registry/rest (create.go, update.go, delete.go). */
import { type KubeObject, type ResourceDefinition, resourceName } from '../resources/definition.ts'
import { ApiError, conflict, notFound, type ResourceReference } from './api-error.ts'
import { equal } from './objects.ts'
import type { DeleteOptions } from './store.ts'

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

/**
 * Whether something other than metadata and status differs: what metadata.generation counts. Of a Deployment the annotations count too (deploymentStrategy
 * of pkg/registry/apps/deployment).
 */
export function specChanged(before: KubeObject, after: KubeObject): boolean {
  if (after.kind === 'Deployment' && !equal(before.metadata.annotations ?? {}, after.metadata.annotations ?? {})) return true
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === 'metadata' || key === 'status' || key === 'apiVersion' || key === 'kind') continue
    if (!equal(before[key], after[key])) return true
  }
  return false
}

/** Whether anything but what the server itself counts differs. */
export function contentChanged(before: KubeObject, after: KubeObject): boolean {
  return !equal(
    { ...before, metadata: { ...before.metadata, resourceVersion: '', managedFields: undefined } },
    { ...after, metadata: { ...after.metadata, resourceVersion: '', managedFields: undefined } },
  )
}

/** A namespace holds its finalizers in its spec as well. */
export function hasFinalizers(object: KubeObject, plural: string): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return true
  return plural === 'namespaces' && (object.spec?.finalizers?.length ?? 0) > 0
}

/** As the preconditions of a delete are checked in apiserver's storage. */
export function checkPreconditions(
  { group, kind }: ResourceDefinition,
  object: KubeObject,
  preconditions: DeleteOptions['preconditions'],
): void {
  const { uid, resourceVersion } = preconditions ?? {}
  // named by its kind here
  const resource: ResourceReference = { group, plural: kind }
  if (uid !== undefined && uid !== object.metadata.uid) {
    throw conflict(
      resource,
      object.metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
    throw conflict(
      resource,
      object.metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion}). The object might have been modified`,
    )
  }
}

/** As the admission plugin NamespaceLifecycle: nothing new in a namespace that is not there or is going. */
export function checkNamespace(definition: ResourceDefinition, object: KubeObject, namespace: KubeObject | undefined): void {
  const name = object.metadata.namespace as string
  if (!namespace) throw notFound({ group: '', plural: 'namespaces' }, name)
  if (namespace.metadata.deletionTimestamp === undefined) return
  const why = `unable to create new content in namespace ${name} because it is being terminated`
  throw new ApiError(403, 'Forbidden', `${resourceName(definition)} "${object.metadata.name}" is forbidden: ${why}`, {
    name: object.metadata.name,
    ...(definition.group ? { group: definition.group } : {}),
    kind: definition.plural,
    causes: [{ reason: 'NamespaceTerminating', message: `namespace ${name} is being terminated`, field: 'metadata.namespace' }],
  })
}

/** Which finalizers the propagation policy asks for (deletionFinalizersForGarbageCollection of apiserver's store.go). */
export function finalizersFor(object: KubeObject, policy: DeleteOptions['propagationPolicy']): string[] {
  const kept = (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...kept, 'orphan']
  if (policy === 'Foreground') return [...kept, 'foregroundDeletion']
  if (policy === 'Background') return kept
  return [...(object.metadata.finalizers ?? [])]
}
