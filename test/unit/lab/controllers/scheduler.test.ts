import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Rejection, unschedulableMessage } from '../../../../server/lab/controllers/scheduler/filter.ts'
import { topOfHeap } from '../../../../server/lab/controllers/scheduler/node-order.ts'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster()))
afterEach(() => cluster.dispose())

const cordon = (name: string, value: boolean) =>
  cluster.store.mutate('nodes', null, name, (node) => {
    if (value) node.spec.unschedulable = true
    else delete node.spec.unschedulable
  })
const TAIL = 'no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.'
const container = { name: 'c', image: 'nginx' }

describe('a pod that fits nowhere', () => {
  it.each([
    {
      why: 'all workers are cordoned',
      prepare: () => ['w1-k8s', 'w2-k8s', 'w3-k8s'].forEach((name) => cordon(name, true)),
      spec: { containers: [container] },
      message: `0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) were unschedulable. ${TAIL}`,
    },
    {
      why: 'it asks for more than a node has',
      prepare: () => {},
      spec: { containers: [{ ...container, resources: { requests: { cpu: '64' } } }] },
      message: `0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 Insufficient cpu. ${TAIL}`,
    },
    {
      why: 'no node has its label',
      prepare: () => {},
      spec: { containers: [container], nodeSelector: { disk: 'nvme' } },
      message: `0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) didn't match Pod's node affinity/selector. ${TAIL}`,
    },
  ])('is told why: $why', ({ prepare, spec, message }) => {
    prepare()
    cluster.run('p', spec)
    cluster.clock.forward(500)
    expect(cluster.events('p')).toEqual([`FailedScheduling: ${message}`])
    const condition = cluster.pods()[0]?.status.conditions[0]
    expect(condition).toMatchObject({ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message })
  })

  it('is scheduled once a node takes pods again', () => {
    for (const name of ['w1-k8s', 'w2-k8s', 'w3-k8s']) cordon(name, true)
    cluster.run('p', { containers: [container] })
    cluster.clock.forward(2000)
    cordon('w2-k8s', false)
    cluster.clock.forward(4000)
    expect(cluster.pods()[0]?.spec.nodeName).toBe('w2-k8s')
  })
})

it('a pod with gates says so and is left alone until they are gone', () => {
  cluster.run('p', { schedulingGates: [{ name: 'example.com/wait' }], containers: [{ name: 'c', image: 'nginx' }] })
  cluster.clock.forward(5000)
  const pod = () => cluster.store.get('pods', 'default', 'p')
  expect(pod()?.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }])
  expect(cluster.events('p')).toEqual([])
  cluster.store.mutate('pods', 'default', 'p', (copy) => void delete copy.spec.schedulingGates)
  cluster.clock.forward(5000)
  expect(pod()?.status.phase).toBe('Running')
})

describe('a pod that waits', () => {
  const attempts = (name: string): number => {
    const event = cluster.store
      .list('events')
      .find(({ involvedObject, reason }) => involvedObject.name === name && reason === 'FailedScheduling')
    return event?.['series']?.count ?? (event ? 1 : 0)
  }
  const cpu = (amount: string) => ({ containers: [{ ...container, resources: { requests: { cpu: amount } } }] })

  it('is tried once after its back-off, however much changes before that, and later and later', () => {
    cluster.run('p', cpu('64'))
    cluster.clock.forward(500)
    expect(attempts('p')).toBe(1)
    for (let i = 0; i < 5; i++) {
      cluster.run(`other-${i}`, { containers: [container] })
      cluster.clock.forward(50)
      cluster.store.delete('pods', 'default', `other-${i}`, { gracePeriodSeconds: 0 })
    }
    expect(attempts('p')).toBe(1)
    cluster.clock.forward(1000)
    expect(attempts('p')).toBe(2)
    cordon('w1-k8s', true)
    cluster.clock.forward(1000)
    expect(attempts('p')).toBe(2)
    cluster.clock.forward(1000)
    expect(attempts('p')).toBe(3)
  })

  it('is left alone by what cannot help it, and tried after five minutes all the same', () => {
    cluster.run('p', { containers: [container], nodeSelector: { disk: 'nvme' } })
    cluster.run('other', { containers: [container] })
    cluster.clock.forward(5000)
    cluster.store.delete('pods', 'default', 'other', { gracePeriodSeconds: 0 })
    cluster.clock.forward(290_000)
    expect(attempts('p')).toBe(1)
    cluster.clock.forward(10_000)
    expect(attempts('p')).toBe(2)
  })

  it('goes where the pod comes that it wants to be with', () => {
    const wanted = { labelSelector: { matchLabels: { app: 'base' } }, topologyKey: 'kubernetes.io/hostname' }
    cluster.run('p', { containers: [container], affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [wanted] } } })
    cluster.clock.forward(3000)
    expect(cluster.pods()[0]?.spec.nodeName).toBeUndefined()
    cluster.deploy('base', 'nginx', 1)
    cluster.clock.forward(3000)
    const [base, p] = [cluster.pods()[0], cluster.store.get('pods', 'default', 'p')]
    expect(p?.spec.nodeName).toBe(base?.spec.nodeName)
    expect(p?.spec.nodeName).toBeDefined()
  })

  it('gets the room that another pod leaves', () => {
    for (const name of ['w2-k8s', 'w3-k8s']) cordon(name, true)
    cluster.run('first', cpu('1500m'))
    cluster.clock.forward(1000)
    cluster.run('p', cpu('1500m'))
    cluster.clock.forward(3000)
    expect(cluster.store.get('pods', 'default', 'p')?.spec.nodeName).toBeUndefined()
    cluster.store.delete('pods', 'default', 'first', { gracePeriodSeconds: 0 })
    cluster.clock.forward(3000)
    expect(cluster.store.get('pods', 'default', 'p')?.spec.nodeName).toBe('w1-k8s')
  })
})

describe('the message where no node fits', () => {
  const reject = (reason: string): Rejection => ({ plugin: 'TaintToleration', reasons: [reason], preemptable: false })
  it.each([
    { version: 'v1.20.1', taint: "node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate", end: '.' },
    {
      version: 'v1.29.0',
      taint: 'node(s) had untolerated taint {a: }',
      end: '. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    },
  ])('is that of $version', ({ version, taint, end }) => {
    expect(unschedulableMessage([reject(taint)], { version } as never, 'no help')).toBe(`0/1 nodes are available: 1 ${taint}${end}`)
  })
})

it('replicas are spread over the workers, two on each of three', () => {
  for (const seed of [1, 2, 3]) {
    const other = startTestCluster('today', seed)
    other.deploy('e', 'sysnet4admin/echo-hname', 1)
    other.clock.forward(3000)
    other.store.mutate('deployments.apps', 'default', 'e', (copy) => void (copy.spec.replicas = 6))
    other.clock.forward(3000)
    expect(
      other
        .pods()
        .map((pod) => pod.spec.nodeName)
        .toSorted(),
    ).toEqual(['w1-k8s', 'w1-k8s', 'w2-k8s', 'w2-k8s', 'w3-k8s', 'w3-k8s'])
    other.dispose()
  }
})

describe('among nodes that are equally good', () => {
  const nodesOf = (name: string): string[] =>
    cluster
      .pods()
      .filter(({ metadata }) => metadata.name.startsWith(name))
      .map(({ spec }) => spec.nodeName)
  const bare = (): void => {
    cluster.dispose()
    cluster = startTestCluster('bare')
  }

  it.each([
    { scores: [7, 7, 7], top: 0 },
    { scores: [1, 7, 7], top: 1 },
    { scores: [7, 7, 8], top: 2 },
    // as container/heap leaves them
    { scores: [1, 2, 2, 7, 7], top: 3 },
  ])('the top of the heap of $scores is taken', ({ scores, top }) => {
    expect(topOfHeap(scores)).toBe(top)
  })

  it('1.35 goes by the order of their coming: two replicas are always on w1-k8s and w2-k8s', () => {
    bare()
    cluster.deploy('web', 'nginx', 2)
    cluster.clock.forward(500)
    expect(nodesOf('web').toSorted()).toEqual(['w1-k8s', 'w2-k8s'])
    for (const name of ['a', 'b', 'c', 'd']) {
      cluster.run(name, { containers: [container] })
      cluster.clock.forward(200)
    }
    // where least is asked for, w3-k8s first
    expect(['a', 'b', 'c', 'd'].flatMap(nodesOf)).toEqual(['w3-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'])
  })

  it('the search begins where pods of daemon sets, which name their nodes, have left off', () => {
    bare()
    const affinity = (node: string): object => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
        },
      },
    })
    for (const node of ['w1-k8s', 'w2-k8s', 'w3-k8s']) cluster.run(`d-${node}`, { containers: [container], affinity: affinity(node) })
    cluster.clock.forward(500)
    cluster.deploy('web', 'nginx', 1)
    cluster.clock.forward(500)
    expect(nodesOf('web')).toEqual(['w3-k8s'])
  })

  it('zones take turns', () => {
    bare()
    const zones = { 'w1-k8s': 'a', 'w2-k8s': 'a', 'w3-k8s': 'b' }
    for (const [name, zone] of Object.entries(zones)) {
      cluster.store.mutate('nodes', null, name, ({ metadata }) =>
        Object.assign(metadata.labels ?? {}, { 'topology.kubernetes.io/zone': zone }),
      )
    }
    cluster.deploy('web', 'nginx', 2)
    cluster.clock.forward(500)
    expect(nodesOf('web').toSorted()).toEqual(['w1-k8s', 'w3-k8s'])
  })
})
