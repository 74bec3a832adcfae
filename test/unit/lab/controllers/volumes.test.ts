import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  cluster.clock.forward(2_000)
})
afterEach(() => cluster.dispose())

const volume = (name: string, storage: string, extra: object = {}): void => {
  cluster.store.create('persistentvolumes', {
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'manual',
      hostPath: { path: `/tmp/${name}` },
      ...extra,
    },
  })
  cluster.clock.forward(100)
}
const claim = (name: string, extra: object = {}): void => {
  cluster.store.create('persistentvolumeclaims', {
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'manual', resources: { requests: { storage: '1Gi' } }, ...extra },
  })
  cluster.clock.forward(100)
}
const storageClass = (name: string, extra: object): void => {
  cluster.store.create('storageclasses.storage.k8s.io', { metadata: { name }, provisioner: 'kubernetes.io/no-provisioner', ...extra })
}
const claimed = (name: string): KubeObject | undefined => cluster.store.get('persistentvolumeclaims', 'default', name)
const volumeNamed = (name: string): KubeObject | undefined => cluster.store.get('persistentvolumes', null, name)
const podWith = (name: string, claimName: string): void => {
  cluster.run(name, { containers: [{ name: 'c', image: 'nginx:1.25' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName } }] })
}

describe('a claim', () => {
  test('gets the smallest volume that fits', () => {
    volume('large', '9Gi')
    volume('fits', '2Gi')
    volume('small', '1Mi')
    claim('data')
    expect(claimed('data')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { volumeName: 'fits' },
      status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
    })
    expect(volumeNamed('fits')).toMatchObject({ spec: { claimRef: { name: 'data', namespace: 'default' } }, status: { phase: 'Bound' } })
  })

  test.each<[string, object, string[]]>([
    ['no class', { storageClassName: '' }, ['FailedBinding: no persistent volumes available for this claim and no storage class is set']],
    ['a class that is not there', {}, ['ProvisioningFailed: storageclass.storage.k8s.io "manual" not found']],
    ['a volume that is not there', { volumeName: 'nope', storageClassName: '' }, []],
  ])('with %s waits, and says why', (_name, extra, events) => {
    claim('data', extra)
    expect(claimed('data')?.['status'].phase).toBe('Pending')
    expect(cluster.events('data')).toEqual(events)
  })

  test('that waits finds a volume when everything is looked at again', () => {
    claim('data')
    volume('late', '2Gi')
    expect(claimed('data')?.['status'].phase).toBe('Pending')
    cluster.clock.forward(15_000)
    expect(claimed('data')?.['status'].phase).toBe('Bound')
  })

  test('is lost with its volume', () => {
    volume('disk', '2Gi')
    claim('data')
    cluster.store.mutate('persistentvolumes', null, 'disk', (copy) => void delete copy.metadata.finalizers)
    cluster.store.delete('persistentvolumes', null, 'disk')
    cluster.clock.forward(100)
    expect(claimed('data')?.['status'].phase).toBe('Lost')
    expect(cluster.events('data')).toEqual(['ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!'])
  })

  test('stays while a pod uses it', () => {
    volume('disk', '2Gi')
    claim('data')
    podWith('user', 'data')
    cluster.clock.forward(5_000)
    cluster.store.delete('persistentvolumeclaims', 'default', 'data')
    cluster.clock.forward(5_000)
    expect(claimed('data')?.metadata.deletionTimestamp).toBeDefined()
    cluster.store.delete('pods', 'default', 'user', { gracePeriodSeconds: 0 })
    cluster.clock.forward(5_000)
    expect(claimed('data')).toBeUndefined()
  })
})

test.each<[string, object, string]>([
  ['kept', { persistentVolumeReclaimPolicy: 'Retain' }, 'Released'],
  ['deleted', { persistentVolumeReclaimPolicy: 'Delete' }, 'gone'],
  [
    'not deleted where nobody knows how',
    {
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: undefined,
      local: { path: '/x' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'x', operator: 'Exists' }] }] } },
    },
    'Failed',
  ],
])('a volume whose claim is gone is %s', (_name, extra, phase) => {
  volume('disk', '2Gi', extra)
  claim('data')
  cluster.store.delete('persistentvolumeclaims', 'default', 'data')
  cluster.clock.forward(5_000)
  expect(volumeNamed('disk')?.['status'].phase ?? 'gone').toBe(phase)
})

describe('a pod', () => {
  test('waits for a claim that is not there, then for its volume', () => {
    podWith('user', 'data')
    cluster.clock.forward(1_000)
    expect(cluster.events('user')).toEqual(['FailedScheduling: 0/4 nodes are available: persistentvolumeclaim "data" not found. not found'])
    claim('data')
    volume('disk', '2Gi')
    cluster.clock.forward(30_000)
    expect(cluster.pods().find(({ metadata }) => metadata.name === 'user')?.['status'].phase).toBe('Running')
  })

  test('takes its volume along where the class waits for it', () => {
    storageClass('local', { volumeBindingMode: 'WaitForFirstConsumer' })
    claim('data', { storageClassName: 'local' })
    expect(cluster.events('data')).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding'])
    podWith('user', 'data')
    cluster.clock.forward(1_000)
    expect(cluster.events('user')[0]).toContain("3 node(s) didn't find available persistent volumes to bind.")
    const on = (node: string) => ({
      storageClassName: 'local',
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] },
      },
    })
    volume('there', '2Gi', on('w2-k8s'))
    cluster.clock.forward(10_000)
    expect(cluster.pods().find(({ metadata }) => metadata.name === 'user')?.['spec'].nodeName).toBe('w2-k8s')
    expect(claimed('data')?.['status'].phase).toBe('Bound')
  })
})

test('the default class is given to claims that name none', () => {
  storageClass('usual', { provisioner: 'x.io/disk' })
  cluster.store.mutate('storageclasses.storage.k8s.io', null, 'usual', (copy) => {
    copy.metadata.annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  })
  claim('data', { storageClassName: undefined })
  expect(claimed('data')?.['spec'].storageClassName).toBe('usual')
  expect(cluster.events('data')[0]).toMatch(
    /^ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'x.io\/disk'/,
  )
})
