/** The rules for webhooks and admission policies (apis/admissionregistration/validation). */
import type { FieldError, KubeObject } from '../definition.ts'
import { checkMaybeOneOf, checkRule, checkSelector } from '../kit/checks.ts'
import { duplicate, invalid, notSupported, required } from '../kit/field-errors.ts'
import { dnsSubdomain } from '../kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const REVIEWS = ['v1', 'v1beta1']

/** A domain of at least three segments (IsFullyQualifiedName). */
function checkQualified(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)]
  const errors = checkRule(dnsSubdomain, name, path)
  if (errors.length > 0 || name.split('.').length >= 3) return errors
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
}

function checkRules(rules: any[], path: string): FieldError[] {
  return rules.flatMap((rule, index) => {
    const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
    const at = `${path}[${index}]`
    const errors: FieldError[] = operations.length === 0 ? [required(`${at}.operations`)] : []
    if (operations.length > 1 && operations.includes('*')) {
      errors.push(invalid(`${at}.operations`, operations, "if '*' is present, must not specify other operations"))
    }
    for (const [i, each] of operations.entries()) {
      if (!OPERATIONS.includes(each)) errors.push(notSupported(`${at}.operations[${i}]`, each, OPERATIONS))
    }
    for (const [key, list] of Object.entries<string[]>({ apiGroups, apiVersions, resources })) {
      if (list.length === 0) errors.push(required(`${at}.${key}`))
      else if (list.length > 1 && list.includes('*')) {
        const what = key === 'apiGroups' ? 'groups' : key === 'apiVersions' ? 'versions' : 'resources'
        errors.push(
          invalid(`${at}.${key}`, list, `if '*' is present, must not specify other ${key === 'resources' ? 'resources' : `API ${what}`}`),
        )
      }
    }
    return [...errors, ...checkMaybeOneOf(scope, ['*', 'Cluster', 'Namespaced'], `${at}.scope`)]
  })
}

function checkClient({ url, service }: any, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(path, 'exactly one of url or service is required')]
  if (service === undefined) return []
  return [
    ...(service.name ? [] : [required(`${path}.service.name`)]),
    ...(service.namespace ? [] : [required(`${path}.service.namespace`)]),
  ]
}

export function validateWebhooks(object: KubeObject): FieldError[] {
  const webhooks: any[] = object['webhooks'] ?? []
  const names = new Set<string>()
  return webhooks.flatMap((webhook, index) => {
    const path = `webhooks[${index}]`
    const {
      name = '',
      rules = [],
      failurePolicy,
      matchPolicy,
      sideEffects,
      timeoutSeconds,
      clientConfig = {},
      admissionReviewVersions = [],
    } = webhook
    const errors = checkQualified(name, `${path}.name`)
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    errors.push(
      ...checkRules(rules, `${path}.rules`),
      ...checkMaybeOneOf(failurePolicy, ['Fail', 'Ignore'], `${path}.failurePolicy`),
      ...checkMaybeOneOf(matchPolicy, ['Equivalent', 'Exact'], `${path}.matchPolicy`),
    )
    const effects = ['None', 'NoneOnDryRun']
    if (sideEffects === undefined) errors.push(required(`${path}.sideEffects`, `must specify one of ${effects.join(', ')}`))
    else if (!effects.includes(sideEffects)) errors.push(notSupported(`${path}.sideEffects`, sideEffects, effects))
    if (typeof timeoutSeconds === 'number' && (timeoutSeconds > 30 || timeoutSeconds < 1)) {
      errors.push(invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'))
    }
    errors.push(
      ...checkSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
      ...checkSelector(webhook.objectSelector, `${path}.objectSelector`),
      ...checkClient(clientConfig, `${path}.clientConfig`),
    )
    if (admissionReviewVersions.length === 0) {
      errors.push(required(`${path}.admissionReviewVersions`, `must specify one of ${REVIEWS.join(', ')}`))
    } else if (!admissionReviewVersions.some((version: string) => REVIEWS.includes(version))) {
      errors.push(invalid(`${path}.admissionReviewVersions`, admissionReviewVersions, `must include at least one of ${REVIEWS.join(', ')}`))
    }
    return errors
  })
}

export function validatePolicy({ spec = {} }: KubeObject): FieldError[] {
  const { failurePolicy, paramKind, matchConstraints, validations = [], auditAnnotations = [] } = spec
  const errors = checkMaybeOneOf(failurePolicy, ['Fail', 'Ignore'], 'spec.failurePolicy')
  if (paramKind) {
    for (const key of ['apiVersion', 'kind']) if (!paramKind[key]) errors.push(required(`spec.paramKind.${key}`))
  }
  if (!matchConstraints) errors.push(required('spec.matchConstraints'))
  else if (!matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'))
  else errors.push(...checkRules(matchConstraints.resourceRules, 'spec.matchConstraints.resourceRules'))
  if (validations.length + auditAnnotations.length === 0) {
    const message = 'validations or auditAnnotations must contain at least one item'
    errors.push(required('spec.validations', message), required('spec.auditAnnotations', message))
  }
  for (const [index, { expression = '' }] of validations.entries()) {
    if (expression.trim() === '') errors.push(required(`spec.validations[${index}].expression`, 'expression is not specified'))
  }
  return errors
}

export function validatePolicyBinding({ spec = {} }: KubeObject): FieldError[] {
  const { policyName = '', validationActions = [] } = spec
  const errors = policyName === '' ? [required('spec.policyName')] : checkRule(dnsSubdomain, policyName, 'spec.policyName')
  const actions = ['Audit', 'Deny', 'Warn']
  if (validationActions.length === 0) errors.push(required('spec.validationActions', 'at least one validation action is required'))
  for (const [index, action] of validationActions.entries()) {
    if (!actions.includes(action)) errors.push(notSupported(`spec.validationActions[${index}]`, action, actions))
  }
  return errors
}
