import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  cluster.clock.forward(1_000)
})
afterEach(() => cluster.dispose())

const quota = (name: string, spec: object) => cluster.store.create('resourcequotas', { metadata: { name, namespace: 'default' }, spec })
const statusOf = (name: string) => cluster.store.get('resourcequotas', 'default', name)?.['status']
const container = (resources: object) => ({ containers: [{ name: 'c', image: 'nginx', resources }] })
const refusal = (run: () => unknown): string => {
  try {
    run()
    return 'stored'
  } catch (error) {
    return (error as Error).message
  }
}
const small = { requests: { cpu: '600m', memory: '256Mi' }, limits: { cpu: '1', memory: '512Mi' } }

describe('a quota', () => {
  test('counts what is there once it is made, every kind in its way', () => {
    cluster.run('ended', container(small))
    cluster.store.create('services', { metadata: { name: 's', namespace: 'default' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } })
    quota('all', { hard: { 'requests.cpu': '2', pods: '3', services: '9', 'services.nodeports': '9', 'count/configmaps': '7' } })
    cluster.clock.forward(100)
    expect(statusOf('all').used).toEqual({
      'count/configmaps': '1',
      pods: '1',
      'requests.cpu': '600m',
      services: '1',
      'services.nodeports': '1',
    })
  })

  test('is charged at once, and refuses what goes beyond it', () => {
    quota('compute', { hard: { 'requests.cpu': '1', 'limits.memory': '2Gi' } })
    cluster.clock.forward(100)
    cluster.run('a', container(small))
    expect(statusOf('compute').used).toEqual({ 'limits.memory': '512Mi', 'requests.cpu': '600m' })
    expect(refusal(() => cluster.run('b', container(small)))).toBe(
      'pods "b" is forbidden: exceeded quota: compute, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    expect(refusal(() => cluster.run('b', container({ requests: { cpu: '1m' } })))).toBe(
      'pods "b" is forbidden: failed quota: compute: must specify limits.memory for: c',
    )
  })

  test('asks only for pods in its scopes', () => {
    quota('best', { hard: { pods: '1' }, scopes: ['BestEffort'] })
    cluster.clock.forward(100)
    cluster.run('asks', container(small))
    cluster.run('idle', container({}))
    expect(refusal(() => cluster.run('idle2', container({})))).toContain(
      'exceeded quota: best, requested: pods=1, used: pods=1, limited: pods=1',
    )
  })

  test('gets room when something goes', () => {
    quota('few', { hard: { pods: '1' } })
    cluster.clock.forward(100)
    cluster.run('a', container({}))
    cluster.store.delete('pods', 'default', 'a', { gracePeriodSeconds: 0 })
    cluster.clock.forward(60_000)
    expect(statusOf('few').used).toEqual({ pods: '0' })
    expect(refusal(() => cluster.run('b', container({})))).toBe('stored')
  })

  test('is not charged for a dry run', () => {
    quota('few', { hard: { configmaps: '2' } })
    cluster.clock.forward(100)
    cluster.store.create('configmaps', { metadata: { name: 'a', namespace: 'default' } }, { dryRun: true })
    expect(statusOf('few').used).toEqual({ configmaps: '1' })
  })

  test('makes a replica set tell why it has too few pods', () => {
    quota('few', { hard: { pods: '1' } })
    cluster.clock.forward(100)
    cluster.deploy('web', 'nginx', 2)
    cluster.clock.forward(5_000)
    const [set] = cluster.store.list('replicasets.apps', 'default')
    expect(set?.['status'].conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }])
    expect(cluster.events(set?.metadata.name ?? '').at(-1)).toMatch(
      /^FailedCreate: .*Error creating: pods ".*" is forbidden: exceeded quota: few/,
    )
  })
})

describe('a limit range', () => {
  const range = (limit: object) =>
    cluster.store.create('limitranges', { metadata: { name: 'r', namespace: 'default' }, spec: { limits: [limit] } })

  test('gives containers what they leave open, and says so', () => {
    range({ type: 'Container', default: { cpu: '200m' }, defaultRequest: { cpu: '100m' } })
    const pod = cluster.run('a', container({}))
    expect(pod['spec'].containers[0].resources).toEqual({ limits: { cpu: '200m' }, requests: { cpu: '100m' } })
    expect(pod.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    })
    expect(pod['status'].qosClass).toBe('Burstable')
  })

  test.each<[string, object, object, string]>([
    ['too little', { min: { cpu: '50m' } }, { requests: { cpu: '10m' } }, 'minimum cpu usage per Container is 50m, but request is 10m'],
    ['too much', { max: { cpu: '1' } }, { limits: { cpu: '2' } }, 'maximum cpu usage per Container is 1, but limit is 2'],
    ['nothing of what is bounded', { min: { memory: '1Mi' } }, {}, 'stored'],
    [
      'too wide a ratio',
      { maxLimitRequestRatio: { cpu: '4' } },
      { requests: { cpu: '100m' }, limits: { cpu: '1' } },
      'cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000',
    ],
  ])('refuses %s', (_name, limit, resources, words) => {
    range({ type: 'Container', ...limit })
    expect(refusal(() => cluster.run('a', container(resources)))).toBe(words === 'stored' ? words : `pods "a" is forbidden: ${words}`)
  })

  test('bounds what a claim asks for', () => {
    range({ type: 'PersistentVolumeClaim', max: { storage: '2Gi' } })
    const claim = {
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } },
    }
    expect(refusal(() => cluster.store.create('persistentvolumeclaims', claim))).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
  })
})
