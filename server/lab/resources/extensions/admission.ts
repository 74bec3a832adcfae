import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { fill } from '../kit/fill.ts'
import { minorVersion } from '../kit/version.ts'
import { validatePolicy, validatePolicyBinding, validateWebhooks } from './validate-admission.ts'

/* oxlint-disable typescript/no-explicit-any */

const group = 'admissionregistration.k8s.io'

function webhookDefaults(webhook: any, mutating: boolean): void {
  fill(webhook, 'failurePolicy', 'Fail')
  fill(webhook, 'matchPolicy', 'Equivalent')
  fill(webhook, 'namespaceSelector', {})
  fill(webhook, 'objectSelector', {})
  fill(webhook, 'timeoutSeconds', 10)
  if (mutating) fill(webhook, 'reinvocationPolicy', 'Never')
  for (const rule of webhook.rules ?? []) fill(rule, 'scope', '*')
  if (webhook.clientConfig?.service) fill(webhook.clientConfig.service, 'port', 443)
}

function webhookConfiguration(kind: string, settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind,
    categories: minorVersion(settings) >= 22 ? ['api-extensions'] : [],
    namespaced: false,
    hasGeneration: true,
    columns: [column('Webhooks', (object) => (object['webhooks'] ?? []).length, 'integer')],
    strategy: {
      validate: validateWebhooks,
      setDefaults(object) {
        for (const webhook of object['webhooks'] ?? []) webhookDefaults(webhook, kind.startsWith('Mutating'))
      },
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

export const mutatingWebhooks = (settings: ClusterSettings): ResourceDefinition =>
  webhookConfiguration('MutatingWebhookConfiguration', settings)
export const validatingWebhooks = (settings: ClusterSettings): ResourceDefinition =>
  webhookConfiguration('ValidatingWebhookConfiguration', settings)

function matchDefaults(match: any): void {
  if (!match) return
  fill(match, 'matchPolicy', 'Equivalent')
  fill(match, 'namespaceSelector', {})
  fill(match, 'objectSelector', {})
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) fill(rule, 'scope', '*')
}

function parameterName({ spec }: KubeObject): string {
  const reference = spec?.paramRef
  if (!reference) return '<unset>'
  return reference.name ? `${reference.namespace || '*'}/${reference.name}` : '<unset>'
}

/** Admission by expressions, from 1.30 on; api/policies.ts evaluates them. */
export function validatingPolicies(): ResourceDefinition[] {
  const common = { group, categories: ['api-extensions'], namespaced: false, hasGeneration: true }
  return [
    defineResource({
      ...common,
      kind: 'ValidatingAdmissionPolicy',
      plural: 'validatingadmissionpolicies',
      subresources: ['status'],
      columns: [
        column('Validations', ({ spec }) => (spec?.validations ?? []).length, 'integer'),
        column('ParamKind', ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>')),
      ],
      strategy: {
        validate: validatePolicy,
        setDefaults(policy) {
          const spec = (policy['spec'] ??= {})
          fill(spec, 'failurePolicy', 'Fail')
          matchDefaults(spec.matchConstraints)
        },
      },
    }),
    defineResource({
      ...common,
      kind: 'ValidatingAdmissionPolicyBinding',
      columns: [column('PolicyName', ({ spec }) => spec?.policyName ?? ''), column('ParamRef', parameterName)],
      strategy: {
        validate: validatePolicyBinding,
        setDefaults({ spec }) {
          matchDefaults(spec?.matchResources)
        },
      },
    }),
  ]
}
