import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conditions, startTestCluster, type TestCluster } from '../controllers/test-cluster.ts'

describe('a node that somebody has deleted', () => {
  let cluster: TestCluster
  beforeEach(() => {
    cluster = startTestCluster()
    cluster.deploy('echo', 'sysnet4admin/echo-hname', 6)
    cluster.clock.forward(10_000)
    cluster.store.mutate('nodes', null, 'w1-k8s', (node) => {
      node.metadata.labels = { ...node.metadata.labels, disk: 'ssd' }
      node.spec.unschedulable = true
    })
    cluster.store.delete('nodes', null, 'w1-k8s')
    cluster.clock.forward(120_000)
  })
  afterEach(() => cluster.dispose())
  const node = () => cluster.store.get('nodes', null, 'w1-k8s')
  const restart = (): void => {
    cluster.lab.power.set('w1-k8s', false)
    cluster.clock.forward(5_000)
    cluster.lab.power.set('w1-k8s', true)
    cluster.clock.forward(10_000)
  }

  it('stays away while its kubelet runs, and its pods are made anew elsewhere', () => {
    expect(node()).toBeUndefined()
    expect(cluster.pods().map((pod) => pod.spec.nodeName)).not.toContain('w1-k8s')
    expect(cluster.pods()).toHaveLength(6)
  })

  it('registers again when its kubelet starts again, without what others had put on it', () => {
    restart()
    expect(conditions(node()!)['Ready']).toBe('True')
    expect(node()!.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'w1-k8s' })
    expect(node()!.metadata.labels).not.toHaveProperty('disk')
    expect(node()!.spec.unschedulable).toBeUndefined()
    expect(cluster.events('w1-k8s').at(-1)).toMatch(/RegisteredNode|NodeReady/)
  })

  it('takes the pods of daemon sets, and new ones, again', () => {
    restart()
    cluster.deploy('more', 'sysnet4admin/echo-hname', 6)
    cluster.clock.forward(20_000)
    expect(cluster.pods().map((pod) => pod.spec.nodeName)).toContain('w1-k8s')
    const daemons = cluster.pods('kube-system').filter((pod) => pod.spec.nodeName === 'w1-k8s')
    expect(daemons.map((pod) => pod.metadata.generateName).toSorted()).toEqual(['calico-node-', 'kube-proxy-'])
    expect(daemons.every((pod) => pod.status.phase === 'Running')).toBe(true)
  })
})

describe('a node that somebody gave an extended resource', () => {
  it('lets pods have it once its kubelet has looked, and no longer when it is taken away', () => {
    const cluster = startTestCluster()
    const node = () => cluster.store.get('nodes', null, 'w2-k8s')
    const give = (capacity: Record<string, string>) =>
      cluster.store.mutate('nodes', null, 'w2-k8s', (copy) => void (copy.status.capacity = capacity), { subresource: 'status' })
    const { capacity, allocatable } = node()!.status
    give({ ...capacity, 'example.com/dongle': '4' })
    const resources = { requests: { 'example.com/dongle': '1' }, limits: { 'example.com/dongle': '1' } }
    cluster.run('p', { containers: [{ name: 'c', image: 'nginx', resources }] })
    cluster.clock.forward(15_000)
    expect(node()!.status.allocatable).toEqual({ ...allocatable, 'example.com/dongle': '4' })
    expect(cluster.pods()[0]?.spec.nodeName).toBe('w2-k8s')
    give(capacity)
    cluster.clock.forward(15_000)
    expect(node()!.status.allocatable).toEqual(allocatable)
    cluster.dispose()
  })
})
