/** metadata.managedFields of an ordinary write: who set which fields last. */
import type { KubeObject } from '../resources/definition.ts'
import type { UpdateOptions } from './store.ts'

/** Sets the object's managedFields for a write, in place. `old` is null on create. */
export function updateManagedFields(object: KubeObject, old: KubeObject | null, write: UpdateOptions, _now: number): void {
  const { metadata } = object
  if (write.managedFields) metadata.managedFields = write.managedFields
  else if (old?.metadata.managedFields) metadata.managedFields = old.metadata.managedFields
  else delete metadata.managedFields
}
