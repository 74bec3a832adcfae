/** Writes a preset's objects into an empty store, each as old as the data say. */
import { controllerReference, timestamp } from '../machinery/objects.ts'
import type { KubeObject, OwnerReference } from '../resources/definition.ts'
import type { SeedContext } from './preset.ts'

export interface SeedObject {
  metadata: {
    name?: string
    generateName?: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: OwnerReference[]
  }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [field: string]: any
}

export class Seeder {
  readonly lab: SeedContext
  /** Lab time at which the cluster was installed, ms. */
  readonly installedAt: number

  constructor(lab: SeedContext, age: number) {
    this.lab = lab
    this.installedAt = lab.clock.now() - age
  }

  /** The time `ms` after the installation, as a timestamp. */
  time(ms = 0): string {
    return timestamp(this.installedAt + ms)
  }

  /** Stores an object that was made `after` ms after the installation, with its status. */
  create(resource: string, object: SeedObject, after = 0, fieldManager = 'kubeadm'): KubeObject {
    const { store } = this.lab
    const { status, ...rest } = object
    const at = this.installedAt + after
    const created = store.create(resource, status && resource === 'nodes' ? object : rest, { at, fieldManager })
    if (!status || resource === 'nodes') return created
    const { namespace, name } = created.metadata
    return store.mutate(resource, namespace ?? null, name, (copy) => void (copy.status = status), { subresource: 'status' }) as KubeObject
  }
}

export function ownedBy(owner: KubeObject): OwnerReference[] {
  return [controllerReference(owner)]
}
