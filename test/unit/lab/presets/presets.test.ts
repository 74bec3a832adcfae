import { expect, it } from 'vitest'
import { PRESET_NAMES } from '../../../../server/protocol/lab-control.ts'
import { startLabServer } from '../../../../server/lab/lab-server.ts'
import { presetNames } from '../../../../server/lab/presets/index.ts'
import { conditions, startTestCluster } from '../controllers/test-cluster.ts'

it.each(['today', '2021'])('preset %s starts settled: all ready, and no controller finds anything to do', (name) => {
  const cluster = startTestCluster(name)
  const names = () => cluster.store.list('pods').map(({ metadata, status }) => [metadata.uid, status])
  const before = names()
  expect(cluster.store.list('nodes').every((node) => conditions(node)['Ready'] === 'True')).toBe(true)
  expect(cluster.pods('kube-system')).toHaveLength(15)
  expect(cluster.pods('kube-system').every((pod) => conditions(pod)['Ready'] === 'True')).toBe(true)
  cluster.clock.forward(120_000)
  expect(names()).toEqual(before)
  expect(cluster.store.list('events')).toEqual([])
  cluster.dispose()
})

it('every preset can be asked for by name', () => {
  expect(presetNames()).toEqual(PRESET_NAMES)
})

it('preset bare has just started: nodes and their first events, no add-ons, and Leases when the kubelets come back to them', () => {
  const cluster = startTestCluster('bare')
  const { store, clock } = cluster
  expect(store.list('nodes').map((node) => [node.metadata.name, conditions(node)['Ready'], node.spec.podCIDR])).toEqual(
    ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'].map((name) => [name, 'True', undefined]),
  )
  expect(store.list('pods')).toEqual([])
  expect(store.list('services')).toEqual([])
  expect(store.list('leases.coordination.k8s.io', 'kube-node-lease')).toEqual([])
  clock.forward(6_000)
  expect(cluster.events('w1-k8s').filter((event) => !event.startsWith('CgroupV1'))).toEqual([
    'Starting: Starting kubelet.',
    'NodeHasSufficientMemory: Node w1-k8s status is now: NodeHasSufficientMemory',
    'NodeHasNoDiskPressure: Node w1-k8s status is now: NodeHasNoDiskPressure',
    'NodeHasSufficientPID: Node w1-k8s status is now: NodeHasSufficientPID',
    'NodeReady: Node w1-k8s status is now: NodeReady',
    'Starting: undefined',
    'RegisteredNode: Node w1-k8s event: Registered Node w1-k8s in Controller',
  ])
  clock.forward(6_000)
  expect(store.list('leases.coordination.k8s.io', 'kube-node-lease')).toHaveLength(4)
  cluster.dispose()
})

it('a cluster may have more workers, which are as settled', () => {
  const cluster = startTestCluster('today', 1, 40)
  const nodes = cluster.store.list('nodes')
  expect(nodes).toHaveLength(41)
  expect(cluster.store.get('nodes', null, 'w40-k8s')).toMatchObject({
    spec: { podCIDR: '172.16.40.0/24' },
    status: { addresses: [{ address: '192.168.1.140', type: 'InternalIP' }, { address: 'w40-k8s' }] },
  })
  cluster.clock.forward(120_000)
  expect(cluster.store.list('nodes').every((node) => conditions(node)['Ready'] === 'True')).toBe(true)
  expect(cluster.store.list('events')).toEqual([])
  cluster.dispose()
})

it.each([0, 2.5, 155])('%s workers are refused with what would do', async (workers) => {
  await expect(startLabServer({ preset: 'today', port: 0, kubeconfig: null, speed: 1, seed: 1, workers })).rejects.toThrow(
    `--workers ${workers}: a cluster of preset today has 1 to 154 workers`,
  )
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
