import { expect, it } from 'vitest'
import { presetNames } from '../../../../server/lab/presets/index.ts'
import { conditions, startTestCluster } from '../controllers/test-cluster.ts'

it.each(presetNames())('preset %s starts settled: all ready, and no controller finds anything to do', (name) => {
  const cluster = startTestCluster(name)
  const names = () => cluster.store.list('pods').map(({ metadata, status }) => [metadata.uid, status])
  const before = names()
  expect(cluster.store.list('nodes').every((node) => conditions(node)['Ready'] === 'True')).toBe(true)
  expect(cluster.pods('kube-system')).toHaveLength(15)
  expect(cluster.pods('kube-system').every((pod) => conditions(pod)['Ready'] === 'True')).toBe(true)
  cluster.clock.forward(120_000)
  expect(names()).toEqual(before)
  expect(cluster.store.list('events')).toEqual([])
  expect(cluster.faults).toEqual([])
  cluster.dispose()
})

it('a quiet hour costs heartbeats alone', () => {
  const cluster = startTestCluster()
  cluster.clock.forward(10_000)
  const from = cluster.store.revision()
  cluster.clock.forward(3600_000)
  // four Leases every 10 s, four statuses every 5 minutes
  expect(cluster.store.revision() - from).toBeLessThan(4 * 360 + 4 * 12 + 20)
  cluster.dispose()
})
