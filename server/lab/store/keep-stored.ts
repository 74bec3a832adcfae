/** What an update may not touch, or not through the subresource that it goes through. */
import type { KubeObject, ResourceDefinition } from '../resources/definition.ts'
import { copy } from './objects.ts'
import type { UpdateOptions } from './store.ts'

/** Takes it from the stored object, in place. */
export function keepStored(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject,
  subresource: UpdateOptions['subresource'],
): void {
  const { metadata } = object
  if (subresource !== undefined) {
    const namespaceFinalizers: unknown = object.spec?.finalizers
    const nodeName: unknown = object.spec?.nodeName
    const ephemeralContainers: unknown = object.spec?.ephemeralContainers
    for (const key of new Set([...Object.keys(old), ...Object.keys(object)])) {
      if (key !== 'metadata' && key !== 'status') object[key] = copy(old[key])
    }
    if (subresource === 'finalize') {
      object.spec = { ...object.spec, finalizers: namespaceFinalizers ?? [] }
      object.status = copy(old.status)
    }
    if (subresource === 'binding') {
      // with the condition PodScheduled, in one write, as the registry's assignPod
      object.spec = { ...object.spec, nodeName }
    }
    if (subresource === 'ephemeralcontainers') {
      object.spec = { ...object.spec, ephemeralContainers }
      object.status = copy(old.status)
    }
    metadata.finalizers = copy(old.metadata.finalizers) as string[]
    metadata.ownerReferences = copy(old.metadata.ownerReferences) as never
  } else if (definition.subresources.includes('status')) {
    object.status = copy(old.status)
  }
  metadata.uid = old.metadata.uid
  metadata.creationTimestamp = old.metadata.creationTimestamp
  metadata.deletionTimestamp = old.metadata.deletionTimestamp as string
  metadata.deletionGracePeriodSeconds = old.metadata.deletionGracePeriodSeconds as number
  metadata.generation = old.metadata.generation as number
  metadata.generateName = old.metadata.generateName as string
  if (metadata.finalizers?.length === 0) delete metadata.finalizers
}
