/** ConfigurationState objects (from 0.15 on): whether a component could read its configuration. */
import { ApiError } from '../store/api-error.ts'
import type { Process } from './process.ts'

const RESOURCE = 'configurationstates.metallb.io'

/** `name`: controller, or speaker-NODE. `condition`: poolReconcilerValid or configReconcilerValid. Gives a function that reports a reconcile. */
export function createConfigurationState(
  process: Process,
  name: string,
  labels: Record<string, string>,
  condition: string,
): (error: string | null) => void {
  const { store, clock } = process.context
  return (error) => {
    if (!store.definition(RESOURCE)) return
    const status = {
      conditions: [
        {
          lastTransitionTime: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
          message: error ?? '',
          reason: error === null ? 'Reconciled' : 'ConfigurationError',
          status: error === null ? 'True' : 'False',
          type: condition,
        },
      ],
      ...(error === null ? {} : { errorSummary: error }),
      result: error === null ? 'Valid' : 'Invalid',
    }
    try {
      if (!store.get(RESOURCE, process.namespace, name))
        store.create(RESOURCE, {
          apiVersion: 'metallb.io/v1beta1',
          kind: 'ConfigurationState',
          metadata: { name, namespace: process.namespace, labels },
        })
      store.mutate(RESOURCE, process.namespace, name, (object) => void (object.status = status), { subresource: 'status' })
    } catch (fault) {
      // a namespace that terminates takes no new objects
      if (!(fault instanceof ApiError)) throw fault
    }
  }
}
