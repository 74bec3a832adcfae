/** ConfigurationState objects (from 0.15 on): whether a component could read its configuration (configuration_state_controller.go). */
import { rfc3339 } from '../../resources/kit/time.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Process } from '../process/process.ts'
import { createReconciler } from '../process/reconciler.ts'
import type { ControllerNames } from '../process/runtime-log.ts'

const RESOURCE = 'configurationstates.metallb.io'
const FILE = 'configuration_state_controller.go'
const NAME = 'ConfigurationStateReconciler'
const LATENCY = 6
export const STATE_NAMES: ControllerNames = {
  runtimeName: 'ConfigurationStateController',
  kind: { group: 'metallb.io', kind: 'ConfigurationState' },
}

export interface ConfigurationStateOptions {
  /** controller, or speaker-NODE. */
  name: string
  labels: Record<string, string>
  /** poolReconcilerValid or configReconcilerValid. */
  condition: string
}

/** Keeps the object; `report` tells it of a reconcile of the configuration: null, or what was wrong. `start` once the caches are filled. */
export function createConfigurationState(
  process: Process,
  { name, labels, condition }: ConfigurationStateOptions,
): { start(): void; report(error: string | null): void } {
  const { log } = process
  const { store, clock } = process.context
  const key = `${process.namespace}/${name}`
  let reported: string | null | undefined

  const create = (): number => {
    try {
      store.create(RESOURCE, {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'ConfigurationState',
        metadata: { name, namespace: process.namespace, labels },
      })
      log(`${FILE}:55`, { controller: NAME, error: 'ConfigurationState created', name })
      // what was to be said of the configuration before is said now, as the retry of a failed report does
      if (reported !== undefined) report(reported)
      return 56
    } catch (fault) {
      // a namespace that terminates takes no new objects
      if (!(fault instanceof ApiError)) throw fault
      log(`${FILE}:51`, { level: 'error', controller: NAME, error: fault.message })
      return 52
    }
  }

  const reconciler = createReconciler(process, {
    name: NAME,
    file: FILE,
    start: 37,
    ...STATE_NAMES,
    latency: LATENCY,
    reconcile() {
      if (!store.definition(RESOURCE)) return { line: 60 }
      const object = store.get(RESOURCE, process.namespace, name)
      if (!object) return { line: create() }
      const conditions: { status: string; reason: string; message: string }[] = object.status?.conditions ?? []
      const errors = conditions.flatMap(({ status, reason, message }) =>
        status === 'False' && reason === 'ConfigurationError' ? message : [],
      )
      const result = errors.length > 0 ? 'Invalid' : conditions.length > 0 ? 'Valid' : 'Unknown'
      store.mutate(
        RESOURCE,
        process.namespace,
        name,
        (copy) => {
          const { errorSummary: _, ...status } = copy.status ?? {}
          copy.status = { ...status, ...(errors.length > 0 ? { errorSummary: errors.join('\n') } : {}), result }
        },
        { subresource: 'status' },
      )
      return { line: 83 }
    },
  })

  const report = (error: string | null): void => {
    reported = error
    if (!store.definition(RESOURCE) || !store.get(RESOURCE, process.namespace, name)) return
    const written = {
      lastTransitionTime: rfc3339(clock.now()),
      message: error ?? '',
      reason: error === null ? 'Reconciled' : 'ConfigurationError',
      status: error === null ? 'True' : 'False',
      type: condition,
    }
    store.mutate(RESOURCE, process.namespace, name, (copy) => void (copy.status = { ...copy.status, conditions: [written] }), {
      subresource: 'status',
    })
  }
  return {
    start() {
      process.watch(RESOURCE, ({ object }) => {
        if (object.metadata.namespace === process.namespace && object.metadata.name === name) reconciler.add(key)
      })
      reconciler.add(key)
    },
    report,
  }
}
