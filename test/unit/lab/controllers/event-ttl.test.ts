import { expect, it } from 'vitest'
import { startTestCluster } from './test-cluster.ts'

it('keeps an event for an hour after it was written last', () => {
  const { store, clock, dispose } = startTestCluster()
  const write = (name: string) =>
    store.create('events', {
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      reason: 'Test',
    })
  const names = () => store.list('events').map(({ metadata }) => metadata.name)
  write('a')
  write('b')
  clock.forward(1_800_000)
  store.mutate('events', 'default', 'a', (event) => void (event['count'] = 2))
  expect(names()).toEqual(['a', 'b'])
  clock.forward(1_870_000)
  expect(names()).toEqual(['a'])
  clock.forward(1_800_000)
  expect(names()).toEqual([])
  dispose()
})
