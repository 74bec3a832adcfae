import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
afterEach(() => cluster.dispose())

const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const autoscale = (name: string, spec: object = {}): void => {
  cluster.store.create('horizontalpodautoscalers.autoscaling', {
    metadata: { name, namespace: 'default' },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, ...spec },
  })
}
const status = (name: string) => cluster.store.get('horizontalpodautoscalers.autoscaling', 'default', name)?.['status']
const reasons = (name: string): Record<string, string> =>
  Object.fromEntries((status(name).conditions ?? []).map(({ type, reason }: { type: string; reason: string }) => [type, reason]))

describe('an autoscaler where nothing serves metrics', () => {
  beforeEach(() => {
    cluster = startTestCluster()
    cluster.deploy('web', 'nginx:1.25', 2)
    cluster.clock.forward(5_000)
  })

  test('says after its first period that it cannot reckon', () => {
    autoscale('a')
    cluster.clock.forward(14_000)
    expect(status('a').conditions).toBeUndefined()
    cluster.clock.forward(2_000)
    expect(reasons('a')).toEqual({ AbleToScale: 'SucceededGetScale', ScalingActive: 'FailedGetResourceMetric' })
    expect(status('a').currentReplicas).toBe(2)
    expect(cluster.events('a').map((each) => each.split(':')[0])).toEqual(['FailedGetResourceMetric', 'FailedComputeMetricsReplicas'])
  })

  test('holds its target within its bounds all the same', () => {
    autoscale('a', { minReplicas: 3, maxReplicas: 5 })
    cluster.clock.forward(16_000)
    expect(cluster.store.get('deployments.apps', 'default', 'web')?.['spec'].replicas).toBe(3)
    expect(cluster.events('a')).toEqual(['SuccessfulRescale: New size: 3; reason: Current number of replicas below Spec.MinReplicas'])
  })

  test('leaves a target alone that was scaled to zero', () => {
    cluster.store.mutate('deployments.apps', 'default', 'web', (web) => void (web.spec.replicas = 0))
    autoscale('a')
    cluster.clock.forward(16_000)
    expect(reasons('a')).toMatchObject({ ScalingActive: 'ScalingDisabled' })
  })

  test('names others that scale the same pods', () => {
    autoscale('a')
    cluster.clock.forward(100)
    autoscale('b')
    cluster.clock.forward(31_000)
    expect(status('a').conditions[1].message).toBe('pods by selector app=web are controlled by multiple HPAs: [default/a default/b]')
  })

  test.each<[string, object, string]>([
    ['is not there', { ...scaleTargetRef, name: 'nope' }, 'deployments.apps "nope" not found'],
    ['is of no known kind', { apiVersion: 'x/v1', kind: 'Foo', name: 'a' }, 'no matches for kind "Foo" in group "x"'],
    ['cannot be scaled', { apiVersion: 'v1', kind: 'Service', name: 'a' }, 'the server could not find the requested resource'],
  ])('fails to get the scale of a target that %s', (_name, reference, message) => {
    autoscale('a', { scaleTargetRef: reference })
    cluster.clock.forward(16_000)
    expect(cluster.events('a')).toEqual([`FailedGetScale: ${message}`])
    expect(reasons('a')).toEqual({ AbleToScale: 'FailedGetScale' })
  })
})

test('the autoscaler of a cluster of 2021 keeps its first version’s form', () => {
  cluster = startTestCluster('2021')
  cluster.deploy('web', 'nginx:1.25', 5)
  autoscale('a')
  cluster.clock.forward(16_000)
  expect(status('a')).toMatchObject({ currentReplicas: 5, desiredReplicas: 3 })
})
