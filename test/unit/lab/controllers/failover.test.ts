import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conditions, startTestCluster, statusOf, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
let off = 0

beforeEach(() => {
  cluster = startTestCluster()
  cluster.deploy('echo', 'sysnet4admin/echo-hname', 6)
  cluster.store.create('services', {
    metadata: { name: 'echo', namespace: 'default' },
    spec: { selector: { app: 'echo' }, ports: [{ port: 80 }] },
  })
  cluster.clock.forward(10_000)
  // the plug is pulled 9 s after the last sign of life, so that the grace period ends about 41 s later at the earliest, 50 s at the latest
  off = cluster.clock.now()
  cluster.lab.power.set('w1-k8s', false)
})

afterEach(() => cluster.dispose())

const node = () => cluster.store.get('nodes', null, 'w1-k8s')
const taints = () => (node()?.spec.taints ?? []).map(({ key, effect }: { key: string; effect: string }) => `${key}:${effect}`)
const lost = () => cluster.pods().filter((pod) => pod.spec.nodeName === 'w1-k8s')
const endpoints = () =>
  cluster.store.list('endpointslices.discovery.k8s.io', 'default').find(({ metadata }) => metadata.generateName === 'echo-')?.[
    'endpoints'
  ] ?? []
const seconds = () => (cluster.clock.now() - off) / 1000

/** Steps the clock until the condition holds; returns the seconds since the node died. */
function until(holds: () => boolean, step = 10, limit = 500): number {
  while (!holds()) {
    if (seconds() > limit) throw new Error(`not within ${limit} s`)
    cluster.clock.forward(step)
  }
  return seconds()
}

describe('a node that dies', () => {
  it('stays Ready, with all of its pods, until the grace period of 50 s after its last heartbeat', () => {
    cluster.clock.forward(39_000)
    expect(conditions(node())['Ready']).toBe('True')
    expect(lost().every((pod) => conditions(pod)['Ready'] === 'True')).toBe(true)
    expect(endpoints().filter(({ conditions: { ready } }: { conditions: { ready: boolean } }) => ready)).toHaveLength(6)
  })

  it('then has all four conditions Unknown at once, and its pods are Ready False while their phase stays Running', () => {
    const at = until(() => conditions(node())['Ready'] === 'Unknown')
    expect(at).toBeGreaterThan(39)
    expect(at).toBeLessThan(56)
    expect(conditions(node())).toMatchObject({ MemoryPressure: 'Unknown', DiskPressure: 'Unknown', PIDPressure: 'Unknown' })
    expect(node()?.status.conditions.find(({ type }: { type: string }) => type === 'Ready').reason).toBe('NodeStatusUnknown')
    expect(lost()).toHaveLength(2)
    for (const pod of lost()) {
      expect(conditions(pod)['Ready']).toBe('False')
      expect(pod.status.phase).toBe('Running')
      expect(cluster.events(pod.metadata.name)).toContain('NodeNotReady: Node is not ready')
    }
    expect(cluster.events('w1-k8s')).toContain('NodeNotReady: Node w1-k8s status is now: NodeNotReady')
  })

  it('gets the taint NoSchedule at once and NoExecute some 60 ms later', () => {
    const notReady = until(() => conditions(node())['Ready'] === 'Unknown', 1)
    const noSchedule = until(() => taints().includes('node.kubernetes.io/unreachable:NoSchedule'), 1)
    expect(taints()).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
    const noExecute = until(() => taints().includes('node.kubernetes.io/unreachable:NoExecute'), 1)
    expect(noSchedule - notReady).toBeLessThanOrEqual(0.02)
    expect(noExecute - noSchedule).toBeGreaterThan(0.03)
    expect(noExecute - noSchedule).toBeLessThan(0.1)
  })

  it('keeps its endpoints in the slice, not ready and not serving, within 1.1 s', () => {
    const notReady = until(() => conditions(node())['Ready'] === 'Unknown')
    type Endpoint = { conditions: object; nodeName: string }
    const dead = (): Endpoint[] => endpoints().filter(({ nodeName }: Endpoint) => nodeName === 'w1-k8s')
    const done = until(() => dead().every(({ conditions: { ready } }: { conditions: { ready?: boolean } }) => ready === false))
    expect(done - notReady).toBeLessThan(1.1)
    expect(dead().map((endpoint) => endpoint.conditions)).toEqual([
      { ready: false, serving: false, terminating: false },
      { ready: false, serving: false, terminating: false },
    ])
  })

  it('has its pods marked for deletion 300 s after the taint, and replaced on the other workers within 3 s', () => {
    const tainted = until(() => taints().length === 2)
    const evicted = until(() => lost().every((pod) => pod.metadata.deletionTimestamp))
    expect(evicted - tainted).toBeGreaterThan(299.5)
    expect(evicted - tainted).toBeLessThan(300.5)
    expect(lost().map(statusOf)).toEqual(['Terminating', 'Terminating'])
    const name = lost()[0]?.metadata.name as string
    expect(cluster.events(name)).toContain(`TaintManagerEviction: Marking for deletion Pod default/${name}`)
    const running = () => cluster.pods().filter((pod) => pod.spec.nodeName !== 'w1-k8s' && conditions(pod)['Ready'] === 'True')
    expect(until(() => running().length === 6) - evicted).toBeLessThan(3)
    expect(running().every((pod) => ['w2-k8s', 'w3-k8s'].includes(pod.spec.nodeName))).toBe(true)
  })

  it('leaves daemon pods alone', () => {
    cluster.clock.forward(400_000)
    const daemons = cluster.pods('kube-system').filter((pod) => pod.spec.nodeName === 'w1-k8s')
    expect(daemons).toHaveLength(2)
    expect(daemons.some((pod) => pod.metadata.deletionTimestamp)).toBe(false)
  })

  it('is Ready within 0.6 s of power, loses its taints one after the other, and its marked pods end and disappear', () => {
    cluster.clock.forward(420_000)
    const phases: string[] = []
    cluster.store.watch('pods', { namespace: 'default' }, ({ type, object }) => {
      if (object.spec.nodeName === 'w1-k8s') phases.push(type === 'DELETED' ? 'DELETED' : object.status.phase)
    })
    off = cluster.clock.now()
    cluster.lab.power.set('w1-k8s', true)
    expect(until(() => conditions(node())['Ready'] === 'True', 1)).toBeLessThan(0.6)
    const first = until(() => taints().length === 1, 1)
    expect(taints()).toEqual(['node.kubernetes.io/unreachable:NoExecute'])
    expect(until(() => taints().length === 0, 1) - first).toBeLessThan(0.1)
    until(() => lost().length === 0)
    expect(phases).toEqual(expect.arrayContaining(['Failed', 'DELETED']))
    cluster.clock.forward(20_000)
    expect(cluster.pods('kube-system').every((pod) => conditions(pod)['Ready'] === 'True')).toBe(true)
  })
})
