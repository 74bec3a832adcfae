import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  cluster.deploy('web', 'nginx:1.25', 4)
  cluster.clock.forward(10_000)
})
afterEach(() => cluster.dispose())

const selector = { matchLabels: { app: 'web' } }
const budget = (name: string, spec: object): KubeObject['status'] => {
  cluster.store.create('poddisruptionbudgets.policy', { metadata: { name, namespace: 'default' }, spec })
  cluster.clock.forward(100)
  return cluster.store.get('poddisruptionbudgets.policy', 'default', name)?.['status']
}

test.each<[string, object, object]>([
  ['pods that have to be there', { minAvailable: 3 }, { desiredHealthy: 3, disruptionsAllowed: 1 }],
  ['a share of them, rounded up', { minAvailable: '60%' }, { desiredHealthy: 3, disruptionsAllowed: 1 }],
  ['pods that may be away', { maxUnavailable: 3 }, { desiredHealthy: 1, disruptionsAllowed: 3 }],
  ['more than there are', { minAvailable: 9 }, { desiredHealthy: 9, disruptionsAllowed: 0 }],
])('a budget reckons with %s', (_name, spec, numbers) => {
  const status = budget('b', { selector, ...spec })
  const allowed = (numbers as { disruptionsAllowed: number }).disruptionsAllowed > 0
  expect(status).toMatchObject({ ...numbers, currentHealthy: 4, expectedPods: 4, observedGeneration: 1 })
  expect(status.conditions).toMatchObject([
    allowed ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' },
  ])
})

test('a budget that selects nothing says so', () => {
  expect(budget('none', { selector: { matchLabels: { app: 'x' } }, maxUnavailable: 1 })).toMatchObject({
    disruptionsAllowed: 0,
    expectedPods: 0,
  })
  expect(cluster.events('none')).toEqual(['NoPods: No matching pods found'])
})

test('a budget follows its pods', () => {
  budget('b', { selector, minAvailable: 2 })
  cluster.store.mutate('deployments.apps', 'default', 'web', (web) => void (web.spec.replicas = 2))
  cluster.clock.forward(40_000)
  expect(cluster.store.get('poddisruptionbudgets.policy', 'default', 'b')?.['status']).toMatchObject({
    currentHealthy: 2,
    disruptionsAllowed: 0,
  })
})

test('a share of pods that nobody manages cannot be reckoned, and the budget warns', () => {
  cluster.store.create('pods', {
    metadata: { name: 'bare', namespace: 'default', labels: { app: 'bare' } },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  })
  cluster.clock.forward(10_000)
  expect(budget('b', { selector: { matchLabels: { app: 'bare' } }, maxUnavailable: 1 })).toMatchObject({
    expectedPods: 0,
    disruptionsAllowed: 0,
  })
  expect(cluster.events('b')[0]).toMatch(/^UnmanagedPods: .*selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: bare,\},/)
})

test('pods of an owner that has no scale make the sync fail, and nothing may be evicted', () => {
  cluster.store.create('daemonsets.apps', {
    metadata: { name: 'each', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'each' } },
      template: { metadata: { labels: { app: 'each' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } },
    },
  })
  cluster.clock.forward(10_000)
  const status = budget('b', { selector: { matchLabels: { app: 'each' } }, maxUnavailable: 1 })
  expect(status.conditions).toMatchObject([{ reason: 'SyncFailed', message: 'daemonsets.apps does not implement the scale subresource' }])
})
