import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster('bare')))
afterEach(() => cluster.dispose())

const namespace = () => cluster.store.get('namespaces', null, 'team')

it('a namespace is emptied five seconds after it was last heard of before its deletion', () => {
  cluster.store.create('namespaces', { metadata: { name: 'team' } })
  cluster.clock.forward(3_000)
  cluster.store.create('configmaps', { metadata: { name: 'c', namespace: 'team' } })
  cluster.store.delete('namespaces', null, 'team')
  cluster.clock.forward(1_900)
  expect(namespace()?.status).toEqual({ phase: 'Terminating' })
  cluster.clock.forward(500)
  expect(namespace()).toBeUndefined()
  expect(cluster.store.list('configmaps', 'team')).toEqual([])
})

it('an old namespace stays five seconds after its deletion, and longer for what has finalizers', () => {
  cluster.store.create('namespaces', { metadata: { name: 'team' } })
  cluster.store.create('configmaps', { metadata: { name: 'c', namespace: 'team', finalizers: ['example.com/x'] } })
  cluster.clock.forward(60_000)
  cluster.store.delete('namespaces', null, 'team')
  cluster.clock.forward(4_900)
  expect(namespace()?.status.conditions).toBeUndefined()
  cluster.clock.forward(500)
  const remaining = namespace()?.status.conditions.find(({ type }: { type: string }) => type === 'NamespaceFinalizersRemaining')
  expect(remaining).toMatchObject({ status: 'True', reason: 'SomeFinalizersRemain' })
  cluster.store.mutate('configmaps', 'team', 'c', (copy) => void delete copy.metadata.finalizers)
  cluster.clock.forward(10_000)
  expect(namespace()).toBeUndefined()
})
