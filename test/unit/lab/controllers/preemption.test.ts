import { afterEach, beforeEach, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  for (const [name, value] of Object.entries({ low: 10, mid: 100, high: 1000 })) {
    cluster.store.create('priorityclasses.scheduling.k8s.io', { metadata: { name }, value })
  }
  cluster.clock.forward(2_000)
})
afterEach(() => cluster.dispose())

const run = (name: string, priorityClassName: string, cpu: string, node = 'w1-k8s', labels: Record<string, string> = {}): KubeObject =>
  cluster.store.create('pods', {
    metadata: { name, namespace: 'default', labels },
    spec: {
      priorityClassName,
      nodeSelector: { 'kubernetes.io/hostname': node },
      containers: [{ name: 'c', image: 'nginx:1.25', resources: { requests: { cpu } } }],
    },
  })
/** As much of a node's cores as leaves no room for another half. */
const most = (node = 'w1-k8s'): string =>
  `${Math.floor(Number(cluster.store.get('nodes', null, node)?.['status'].allocatable.cpu) * 1000) - 400}m`
const names = (): string[] => cluster.pods().map(({ metadata }) => metadata.name)

test('a pod of higher priority takes the place of others, which are told', () => {
  run('victim', 'low', most())
  cluster.clock.forward(5_000)
  const { uid } = run('taker', 'high', '1').metadata
  cluster.clock.forward(20)
  expect(cluster.store.get('pods', 'default', 'taker')?.['status'].nominatedNodeName).toBe('w1-k8s')
  expect(cluster.store.get('pods', 'default', 'victim')?.['status'].conditions).toContainEqual(
    expect.objectContaining({ type: 'DisruptionTarget', reason: 'PreemptionByScheduler' }),
  )
  cluster.clock.forward(60_000)
  expect(names()).toEqual(['taker'])
  expect(cluster.store.get('pods', 'default', 'taker')).toMatchObject({ spec: { nodeName: 'w1-k8s' } })
  expect(cluster.store.get('pods', 'default', 'taker')?.['status'].nominatedNodeName).toBeUndefined()
  expect(cluster.events('victim')).toContain(`Preempted: Preempted by pod ${uid} on node w1-k8s`)
  expect(cluster.events('taker')[0]).not.toContain('preemption:')
})

test('the least important go, and no more than have to', () => {
  run('small', 'low', '200m')
  run('kept', 'mid', '100m')
  run('large', 'low', '1')
  cluster.clock.forward(5_000)
  run('taker', 'high', most())
  cluster.clock.forward(60_000)
  expect(names()).toContain('kept')
  expect(names()).not.toContain('large')
})

test('nobody goes for a pod of the same priority', () => {
  run('first', 'low', most())
  cluster.clock.forward(5_000)
  run('second', 'low', '1')
  cluster.clock.forward(30_000)
  expect(names()).toEqual(['first', 'second'])
  expect(cluster.events('second')[0]).toContain('No preemption victims found for incoming pod')
})

test('a node without budgets in the way is chosen', () => {
  run('guarded', 'low', most('w1-k8s'), 'w1-k8s', { app: 'g' })
  run('free', 'mid', most('w2-k8s'), 'w2-k8s')
  run('busy', 'high', most('w3-k8s'), 'w3-k8s')
  cluster.store.create('poddisruptionbudgets.policy', {
    metadata: { name: 'b', namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'g' } } },
  })
  cluster.clock.forward(5_000)
  cluster.store.create('pods', {
    metadata: { name: 'taker', namespace: 'default' },
    spec: { priorityClassName: 'high', containers: [{ name: 'c', image: 'nginx:1.25', resources: { requests: { cpu: '1' } } }] },
  })
  cluster.clock.forward(60_000)
  expect(names()).toEqual(['busy', 'guarded', 'taker'])
})
