/** The rules for autoscalers (apis/autoscaling/validation), of the metrics the resource kinds in full. */
import type { FieldError, KubeObject } from './definition.ts'
import { checkMaybeOneOf, checkRule } from './kit/checks.ts'
import { forbidden, invalid, notSupported, required } from './kit/field-errors.ts'
import { pathSegment } from './kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

const SOURCES: Record<string, string> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

export function validateAutoscaler({ spec = {} }: KubeObject): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics = [] } = spec
  const errors: FieldError[] = []
  if (typeof minReplicas === 'number' && minReplicas < 1) {
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (typeof minReplicas === 'number' && maxReplicas < minReplicas) {
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  for (const key of ['kind', 'name']) {
    const path = `spec.scaleTargetRef.${key}`
    errors.push(...(scaleTargetRef[key] ? checkRule(pathSegment, scaleTargetRef[key], path) : [required(path)]))
  }
  if (!String(scaleTargetRef.apiVersion ?? '').includes('/') && scaleTargetRef.apiVersion !== 'v1') {
    errors.push(invalid('spec.scaleTargetRef.apiVersion', scaleTargetRef.apiVersion ?? '', 'apiVersion must specify API group'))
  }
  for (const [index, metric] of metrics.entries()) errors.push(...checkMetric(metric, `spec.metrics[${index}]`))
  if (minReplicas === 0 && !metrics.some((each: any) => each.type === 'Object' || each.type === 'External')) {
    errors.push(forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'))
  }
  return [...errors, ...checkBehavior(spec.behavior)]
}

function checkBehavior(behavior: any): FieldError[] {
  return ['scaleUp', 'scaleDown'].flatMap((key) => (behavior?.[key] ? checkScaling(behavior[key], `spec.behavior.${key}`) : []))
}

function checkScaling(scaling: any, path: string): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = scaling
  const errors: FieldError[] = []
  const at = `${path}.stabilizationWindowSeconds`
  if (typeof window === 'number' && window < 0) errors.push(invalid(at, window, 'must be greater than or equal to zero'))
  if (typeof window === 'number' && window > 3600) errors.push(invalid(at, window, 'must be less than or equal to 3600'))
  errors.push(...checkMaybeOneOf(selectPolicy, ['Disabled', 'Max', 'Min'], `${path}.selectPolicy`))
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  for (const [index, { type, value = 0, periodSeconds = 0 }] of policies.entries()) {
    const each = `${path}.policies[${index}]`
    errors.push(...checkMaybeOneOf(type ?? '', ['Percent', 'Pods'], `${each}.type`))
    if (value <= 0) errors.push(invalid(`${each}.value`, value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(invalid(`${each}.periodSeconds`, periodSeconds, 'must be greater than zero'))
    if (periodSeconds > 1800) errors.push(invalid(`${each}.periodSeconds`, periodSeconds, 'must be less than or equal to 1800'))
  }
  return errors
}

function checkMetric(metric: any, path: string): FieldError[] {
  const errors: FieldError[] = []
  const expected = SOURCES[metric.type]
  if (!metric.type) errors.push(required(`${path}.type`, 'must specify a metric source type'))
  if (expected === undefined) {
    const unsupported = notSupported(`${path}.type`, metric.type ?? '', Object.keys(SOURCES))
    return [...errors, unsupported, unsupported]
  }
  const source = metric[expected]
  if (source === undefined) errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  else if (expected === 'resource' || expected === 'containerResource') errors.push(...checkResourceMetric(source, `${path}.${expected}`))
  const others = Object.values(SOURCES).filter((key) => key !== expected && metric[key])
  return [...errors, ...others.map((key) => forbidden(`${path}.${key}`, 'must populate the given metric source only'))]
}

function checkResourceMetric({ name, target = {} }: any, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`, 'must specify a resource name')]
  if (!target.type) errors.push(required(`${path}.target.type`, 'must specify a metric target type'))
  const supported = ['AverageValue', 'Utilization', 'Value']
  if (!supported.includes(target.type)) {
    errors.push(invalid(`${path}.target.type`, target.type ?? '', 'must be either Utilization, Value, or AverageValue'))
  }
  const { averageUtilization, averageValue } = target
  if (typeof averageUtilization === 'number' && averageUtilization < 1) {
    errors.push(invalid(`${path}.target.averageUtilization`, averageUtilization, 'must be greater than 0'))
  }
  if (averageUtilization === undefined && averageValue === undefined) {
    errors.push(required(`${path}.target.averageUtilization`, 'must set either a target raw value or a target utilization'))
  } else if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbidden(`${path}.target.averageValue`, 'may not set both a target raw value and a target utilization'))
  }
  return errors
}
