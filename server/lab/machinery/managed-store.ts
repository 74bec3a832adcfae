import type { Store } from '../store/store.ts'

/** The same store, its writes made in a manager's name (metadata.managedFields) where they carry no other. */
export function storeFor(store: Store, fieldManager: string): Store {
  return {
    ...store,
    create: (resource, object, options) => store.create(resource, object, { fieldManager, ...options }),
    update: (resource, object, options) => store.update(resource, object, { fieldManager, ...options }),
    mutate: (resource, namespace, name, change, options) => store.mutate(resource, namespace, name, change, { fieldManager, ...options }),
  }
}
