/**
 * Validating webhooks whose servers live in this process. Which requests they see is decided by the ValidatingWebhookConfiguration objects of the
 * cluster, as in a real one; here only stands who answers at which service and path. A container registers when it starts to listen and disposes
 * of that when it ends: nobody registered means a refused connection.
 */
import type { KubeObject } from './resources/definition.ts'
import type { Disposable } from './store/store.ts'

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE'
  resource: { group: string; version: string; resource: string }
  namespace: string
  name: string
  /** null for DELETE. */
  object: KubeObject | null
  /** null for CREATE. */
  oldObject: KubeObject | null
  dryRun: boolean
}

export type AdmissionAnswer = { allowed: true; warnings?: string[] } | { allowed: false; message: string }

export type AdmissionHandler = (request: AdmissionRequest) => AdmissionAnswer

/** Where a webhook is served: `clientConfig.service` of its configuration. */
export interface WebhookService {
  namespace: string
  name: string
  path: string
}

export interface AdmissionRegistry {
  register(service: WebhookService, handler: AdmissionHandler): Disposable
  handler(service: WebhookService): AdmissionHandler | undefined
}

export function createAdmissionRegistry(): AdmissionRegistry {
  const handlers = new Map<string, AdmissionHandler>()
  const keyOf = ({ namespace, name, path }: WebhookService): string => `${namespace}/${name}${path}`
  return {
    register(service, handler) {
      const key = keyOf(service)
      handlers.set(key, handler)
      return {
        dispose: () => {
          if (handlers.get(key) === handler) handlers.delete(key)
        },
      }
    },
    handler: (service) => handlers.get(keyOf(service)),
  }
}
