/** Asks whether an object may be written that its kind allows: of the cluster's policies, and of the webhooks that its ValidatingWebhookConfigurations name. */
import type { KubeObject } from '../resources/definition.ts'
import { ApiError, internalError } from '../store/api-error.ts'
import type { WebhookService } from '../admission.ts'
import { checkEscalation } from './access/escalation.ts'
import type { Exchange } from './exchange.ts'
import { checkPolicies, type Operation, ruleApplies } from './policies.ts'
import type { Target } from './target.ts'

/** Throws what the server answers where a policy or a webhook says no or cannot be reached, or where a role gives more than its writer has. */
export function admit(
  exchange: Exchange,
  target: Target,
  operation: Operation,
  object: KubeObject | null,
  oldObject: KubeObject | null,
  dryRun: boolean,
): void {
  if (operation !== 'DELETE') checkEscalation(exchange, target, object, oldObject)
  checkPolicies(exchange, target, operation, object, oldObject, () => validateFirst(exchange, target, object, oldObject))
  for (const configuration of exchange.lab.store.list('validatingwebhookconfigurations.admissionregistration.k8s.io')) {
    for (const webhook of configuration.webhooks ?? []) {
      const rules: Parameters<typeof ruleApplies>[0][] = webhook.rules ?? []
      if (!rules.some((rule) => ruleApplies(rule, target, operation))) continue
      validateFirst(exchange, target, object, oldObject)
      call(exchange, target, webhook, operation, object, oldObject, dryRun)
    }
  }
}

/** An object that its kind's own rules refuse is not shown to a webhook: validation comes before validating admission. */
function validateFirst({ lab }: Exchange, target: Target, object: KubeObject | null, oldObject: KubeObject | null): void {
  if (object === null) return
  if (oldObject !== null) {
    lab.store.update(target.resource, object, { dryRun: true })
    return
  }
  try {
    lab.store.create(target.resource, target.toStored(object), { dryRun: true })
  } catch (error) {
    // whether the name is taken is found out at the very end
    if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) throw error
  }
}

interface Webhook {
  name: string
  failurePolicy?: string
  timeoutSeconds?: number
  clientConfig?: { service?: { namespace: string; name: string; path?: string; port?: number } }
}

function call(
  exchange: Exchange,
  target: Target,
  webhook: Webhook,
  operation: Operation,
  object: KubeObject | null,
  oldObject: KubeObject | null,
  dryRun: boolean,
): void {
  const { lab } = exchange
  const service = webhook.clientConfig?.service
  const failing = (why: string): void => {
    if (webhook.failurePolicy === 'Ignore') return
    throw internalError(`failed calling webhook "${webhook.name}": failed to call webhook: ${why}`)
  }
  if (!service) return failing('the lab calls webhooks by service only')
  const where: WebhookService = { namespace: service.namespace, name: service.name, path: service.path ?? '/' }
  const url = `https://${service.name}.${service.namespace}.svc:${service.port ?? 443}${where.path}?timeout=${webhook.timeoutSeconds ?? 10}s`
  const endpoint = readyEndpoint(exchange, where)
  if (endpoint === null) return failing(`Post ${JSON.stringify(url)}: ${missing(exchange, where)}`)
  const handler = lab.admission.handler(where)
  if (!handler) return failing(`Post ${JSON.stringify(url)}: dial tcp ${endpoint}: connect: connection refused`)
  const meta = (object ?? oldObject)?.metadata
  const answer = handler({
    operation,
    resource: { group: target.definition.group, version: target.definition.version, resource: target.definition.plural },
    namespace: meta?.namespace ?? '',
    name: meta?.name ?? '',
    object,
    oldObject,
    dryRun,
  })
  if (answer.allowed) {
    exchange.warnings.push(...(answer.warnings ?? []))
    return
  }
  throw new ApiError(403, 'Forbidden', `admission webhook "${webhook.name}" denied the request: ${answer.message}`)
}

function missing(exchange: Exchange, { namespace, name }: WebhookService): string {
  const service = exchange.lab.store.get('services', namespace, name)
  return service ? `no endpoints available for service "${name}"` : `service "${name}" not found`
}

/** The cluster address and port by which the service answers, or null where it has no ready endpoint. */
function readyEndpoint(exchange: Exchange, { namespace, name }: WebhookService): string | null {
  const { store } = exchange.lab
  const service = store.get('services', namespace, name)
  if (!service) return null
  for (const slice of store.list('endpointslices.discovery.k8s.io', namespace)) {
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== name) continue
    const endpoints: { addresses: string[]; conditions?: { ready?: boolean } }[] = slice.endpoints ?? []
    if (endpoints.some((endpoint) => endpoint.conditions?.ready !== false)) {
      return `${service.spec?.clusterIP}:${service.spec?.ports?.[0]?.port ?? 443}`
    }
  }
  return null
}
