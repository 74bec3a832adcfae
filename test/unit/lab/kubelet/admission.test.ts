import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestCluster, statusOf, type TestCluster } from '../controllers/test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  cluster.run('first', {
    nodeName: 'w3-k8s',
    containers: [{ name: 'c', image: 'sysnet4admin/echo-hname', ports: [{ containerPort: 80, hostPort: 8088 }] }],
  })
  cluster.clock.forward(4000)
})
afterEach(() => cluster.dispose())

describe('a pod bound to a node by name', () => {
  it.each([
    {
      refused: 'NodePorts',
      spec: { containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80, hostPort: 8088 }] }] },
      words: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    },
    {
      refused: 'NodeAffinity',
      spec: { nodeSelector: { x: 'y' }, containers: [{ name: 'c', image: 'nginx' }] },
      words: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
    {
      refused: 'OutOfcpu',
      spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '900' } } }] },
      words: "Node didn't have enough resource: cpu, requested: 900000, used: 250, capacity: 2000",
    },
  ])('is refused there as $refused, in the words of a real kubelet', ({ refused, spec, words }) => {
    cluster.run('p', { nodeName: 'w3-k8s', ...spec })
    cluster.clock.forward(1000)
    const pod = cluster.store.get('pods', 'default', 'p')
    expect(pod?.status).toMatchObject({
      phase: 'Failed',
      reason: refused,
      message: `Pod was rejected: ${words}`,
      qosClass: expect.any(String),
    })
    expect(cluster.events('p')).toEqual([`${refused}: ${words}`])
    expect(statusOf(cluster.store.get('pods', 'default', 'first'))).toBe('Running')
  })

  it('runs where only the scheduler would have kept it away', () => {
    cluster.run('p', { nodeName: 'm-k8s', containers: [{ name: 'c', image: 'sysnet4admin/echo-hname' }] })
    cluster.clock.forward(4000)
    expect(statusOf(cluster.store.get('pods', 'default', 'p'))).toBe('Running')
  })
})
