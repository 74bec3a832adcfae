/** ValidatingAdmissionPolicies: which of them a write has to keep, and what the first one that it breaks says (admission/plugin/policy/validating). */
import { matchesSelector } from '../machinery/selectors.ts'
import { type KubeObject, resourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import { evaluate, type Outcome } from './custom/policy-language.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'

/* oxlint-disable typescript/no-explicit-any */

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

interface Rule {
  apiGroups?: string[]
  apiVersions?: string[]
  operations?: string[]
  resources?: string[]
  resourceNames?: string[]
}

/** A write as rules and expressions see it. */
interface Write {
  target: Target
  operation: Operation
  name: string
  object: KubeObject | null
  oldObject: KubeObject | null
  namespace: KubeObject | undefined
}

function covers(list: string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value))
}

export function ruleApplies(rule: Rule, target: Target, operation: Operation): boolean {
  const { group, version, plural } = target.definition
  return (
    covers(rule.apiGroups, group) &&
    covers(rule.apiVersions, version) &&
    covers(rule.operations, operation) &&
    covers(rule.resources, plural)
  )
}

function selects(selector: any, object: KubeObject | null | undefined): boolean {
  const isEmpty = !selector || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
  return isEmpty || matchesSelector(selector, object?.metadata.labels)
}

/** matchConstraints of a policy, matchResources of a binding. */
function matches(constraints: any, write: Write): boolean {
  if (!constraints) return true
  const applies = (rule: Rule): boolean =>
    ruleApplies(rule, write.target, write.operation) && (!rule.resourceNames?.length || rule.resourceNames.includes(write.name))
  const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector } = constraints
  if (write.namespace && !selects(namespaceSelector, write.namespace)) return false
  if (!selects(objectSelector, write.object) && !selects(objectSelector, write.oldObject)) return false
  if ((excludeResourceRules as Rule[]).some(applies)) return false
  return resourceRules.length === 0 || (resourceRules as Rule[]).some(applies)
}

/** Throws what the server answers where a policy that is bound denies the write; adds the warnings of those that only warn. `validate`: what comes before policies. */
export function checkPolicies(
  exchange: Exchange,
  target: Target,
  operation: Operation,
  object: KubeObject | null,
  oldObject: KubeObject | null,
  validate: () => void,
): void {
  const { store } = exchange.lab
  // they are not held to themselves
  if (target.definition.group === 'admissionregistration.k8s.io') return
  const bindings = store.list('validatingadmissionpolicybindings.admissionregistration.k8s.io')
  if (bindings.length === 0) return
  const { name = '', namespace } = (object ?? oldObject)?.metadata ?? {}
  const write: Write = {
    target,
    operation,
    name,
    object,
    oldObject,
    namespace: namespace ? store.get('namespaces', null, namespace) : undefined,
  }
  for (const binding of bindings) {
    const policy = store.get('validatingadmissionpolicies.admissionregistration.k8s.io', null, binding['spec']?.policyName ?? '')
    if (!policy || !matches(policy['spec'].matchConstraints, write) || !matches(binding['spec'].matchResources, write)) continue
    validate()
    for (const { reason, message } of broken(exchange, policy, binding, write)) act(exchange, write, policy, binding, reason, message)
  }
}

/** What a policy has against a write. */
function* broken(
  exchange: Exchange,
  policy: KubeObject,
  binding: KubeObject,
  write: Write,
): Generator<{ reason: string; message: string }> {
  const { spec } = policy
  const fails = (outcome: Outcome): { reason: string; message: string }[] =>
    'error' in outcome && spec.failurePolicy !== 'Ignore' ? [{ reason: 'Invalid', message: outcome.error }] : []
  const scope = scopeOf(exchange, policy, binding, write)
  for (const { expression } of spec.matchConditions ?? []) {
    const outcome = evaluate(expression, scope)
    if ('error' in outcome) return yield* fails(outcome)
    if (outcome.value !== true) return
  }
  for (const { expression, message, messageExpression, reason = 'Invalid' } of spec.validations ?? []) {
    const outcome = evaluate(expression, scope)
    if ('error' in outcome) yield* fails(outcome)
    else if (outcome.value !== true) {
      const made = messageExpression ? evaluate(messageExpression, scope) : null
      const text = made && 'value' in made && typeof made.value === 'string' && !made.value.includes('\n') ? made.value.trim() : ''
      yield { reason, message: text || (message ?? '').trim() || `failed expression: ${String(expression).trim()}` }
    }
  }
}

function scopeOf(exchange: Exchange, policy: KubeObject, binding: KubeObject, write: Write): Record<string, unknown> {
  const { group, version, plural: resource, kind } = write.target.definition
  const { name, operation, object, oldObject, namespace } = write
  const reference = binding['spec'].paramRef
  const kindOf = policy['spec'].paramKind?.kind
  const params = exchange.lab.store.definitions().find((each) => each.kind === kindOf)
  const scope: Record<string, unknown> = {
    object,
    oldObject,
    namespaceObject: namespace ?? null,
    request: {
      kind: { group, version, kind },
      resource: { group, version, resource },
      name,
      namespace: namespace?.metadata.name ?? '',
      operation,
    },
    params:
      reference?.name && params
        ? (exchange.lab.store.get(
            resourceName(params),
            params.namespaced ? (reference.namespace ?? namespace?.metadata.name ?? null) : null,
            reference.name,
          ) ?? null)
        : null,
  }
  const variables: Record<string, unknown> = {}
  scope['variables'] = variables
  for (const { name: variable, expression } of policy['spec'].variables ?? []) {
    const outcome = evaluate(expression, scope)
    if ('value' in outcome && outcome.value !== undefined) variables[variable] = outcome.value
  }
  return scope
}

const CODES: Record<string, number> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

function act(exchange: Exchange, write: Write, policy: KubeObject, binding: KubeObject, reason: string, message: string): void {
  const actions: string[] = binding['spec'].validationActions ?? []
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  if (actions.includes('Warn')) exchange.warnings.push(`Validation failed for ${names}: ${message}`)
  if (!actions.includes('Deny')) return
  const { group, plural } = write.target.definition
  const words = `${names} denied request: ${message}`
  const about = `${resourceName(write.target.definition)}${write.name ? ` ${JSON.stringify(write.name)}` : ''}`
  throw new ApiError(CODES[reason] ?? 422, reason, `${about} is forbidden: ${words}`, {
    ...(write.name ? { name: write.name } : {}),
    ...(group === '' ? {} : { group }),
    kind: plural,
    causes: [{ message: words }],
  })
}
