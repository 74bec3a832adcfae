/** The autoscaler's first version, which knows one metric: the use of cpu. All others travel in annotations there; the lab leaves them out. */
import type { KubeObject } from './definition.ts'

/* oxlint-disable typescript/no-explicit-any */

const isCpu = (metric: any): boolean =>
  metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target?.averageUtilization !== undefined

export function toVersion1(object: KubeObject): KubeObject {
  const { metrics = [], behavior: _behavior, ...spec } = object['spec'] ?? {}
  const { currentMetrics, conditions: _conditions, ...status } = object['status'] ?? {}
  const target = metrics.find(isCpu)?.resource.target.averageUtilization
  const current = currentMetrics?.find((each: any) => each.resource?.name === 'cpu')?.resource.current.averageUtilization
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: { currentReplicas: 0, ...status, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) },
  }
}

export function fromVersion1(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = object['spec'] ?? {}
  const metric = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }
  return { ...object, apiVersion: 'autoscaling/v2', spec: target === undefined ? spec : { ...spec, metrics: [metric] } }
}
