import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fenceposts } from '../../../../server/lab/controllers/deployment/util.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { conditions, startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster()))
afterEach(() => cluster.dispose())

const deployment = (name = 'r') => cluster.store.get('deployments.apps', 'default', name) as KubeObject
const sets = () => cluster.store.list('replicasets.apps', 'default')
const setImage = (image: string) =>
  cluster.store.mutate('deployments.apps', 'default', 'r', (copy) => void (copy.spec.template.spec.containers[0].image = image))
const ready = () => cluster.pods().filter((pod) => conditions(pod)['Ready'] === 'True' && !pod.metadata.deletionTimestamp).length

describe('a rollout', () => {
  it.each([
    { replicas: 3, maxSurge: '25%', maxUnavailable: '25%', surge: 1, unavailable: 0 },
    { replicas: 10, maxSurge: '25%', maxUnavailable: '25%', surge: 3, unavailable: 2 },
    { replicas: 4, maxSurge: 0, maxUnavailable: 0, surge: 0, unavailable: 1 },
    { replicas: 1, maxSurge: 0, maxUnavailable: '50%', surge: 0, unavailable: 1 },
  ])('of $replicas with maxSurge $maxSurge and maxUnavailable $maxUnavailable may add $surge and miss $unavailable', (row) => {
    const spec = {
      replicas: row.replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: row.maxSurge, maxUnavailable: row.maxUnavailable } },
    }
    expect(fenceposts({ spec } as unknown as KubeObject)).toEqual({ surge: row.surge, unavailable: row.unavailable })
  })

  it('never has fewer ready pods nor more pods than the strategy allows, and ends with new ones alone', () => {
    cluster.deploy('r', 'nginx:1.25', 6)
    cluster.clock.forward(5000)
    expect(ready()).toBe(6)
    setImage('nginx:1.27')
    for (let i = 0; i < 2000; i++) {
      cluster.clock.forward(10)
      expect(ready()).toBeGreaterThanOrEqual(5)
      expect(cluster.pods().filter((pod) => !pod.metadata.deletionTimestamp).length).toBeLessThanOrEqual(8)
    }
    expect(cluster.pods().map((pod) => pod.spec.containers[0].image)).toEqual(Array.from({ length: 6 }, () => 'nginx:1.27'))
    expect(
      sets()
        .map(({ spec }) => spec.replicas)
        .toSorted(),
    ).toEqual([0, 6])
    expect(deployment().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
  })

  it('says in events and conditions what a real one says', () => {
    cluster.deploy('r', 'nginx:1.25', 3)
    cluster.clock.forward(5000)
    const [set] = sets()
    expect(cluster.events('r')).toEqual([`ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 3`])
    const told = deployment().status.conditions.map(({ type, status, reason, message }: Record<string, string>) => [
      type,
      status,
      reason,
      message,
    ])
    expect(told).toEqual([
      ['Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'],
      ['Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet "${set?.metadata.name}" has successfully progressed.`],
    ])
  })

  it('that goes back to an older template takes the old replica set again, with a new revision', () => {
    cluster.deploy('r', 'nginx:1.25', 1)
    cluster.clock.forward(5000)
    setImage('nginx:1.27')
    cluster.clock.forward(8000)
    setImage('nginx:1.25')
    cluster.clock.forward(8000)
    expect(sets()).toHaveLength(2)
    const old = sets().find(({ spec }) => spec.template.spec.containers[0].image === 'nginx:1.25')
    expect(old?.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
  })

  it('that gets nowhere exceeds its progress deadline, and the old pods stay', () => {
    cluster.deploy('r', 'nginx:1.25', 3, { progressDeadlineSeconds: 60 })
    cluster.clock.forward(5000)
    setImage('nginx:1.99')
    cluster.clock.forward(90_000)
    const progressing = deployment().status.conditions.find(({ type }: { type: string }) => type === 'Progressing')
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
    expect(ready()).toBe(3)
  })

  it('with strategy Recreate starts new pods only after the last old one is gone', () => {
    cluster.deploy('r', 'nginx:1.25', 2, { strategy: { type: 'Recreate' } })
    cluster.clock.forward(5000)
    setImage('nginx:1.27')
    for (let i = 0; i < 500; i++) {
      cluster.clock.forward(20)
      const live = cluster.pods().filter((pod) => pod.status.phase === 'Running' || pod.status.phase === 'Pending')
      expect(new Set(live.map((pod) => pod.spec.containers[0].image)).size).toBeLessThanOrEqual(1)
    }
    expect(ready()).toBe(2)
  })

  it('goes away with all that it made', () => {
    cluster.deploy('r', 'nginx:1.25', 3)
    cluster.clock.forward(5000)
    cluster.store.delete('deployments.apps', 'default', 'r', { propagationPolicy: 'Background' })
    cluster.clock.forward(5000)
    expect([...sets(), ...cluster.pods()]).toEqual([])
  })

  it('leaves its replica set behind when it is orphaned', () => {
    cluster.deploy('r', 'nginx:1.25', 2)
    cluster.clock.forward(5000)
    cluster.store.delete('deployments.apps', 'default', 'r', { propagationPolicy: 'Orphan' })
    cluster.clock.forward(3000)
    expect(deployment()).toBeUndefined()
    expect(sets().map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined])
    expect(ready()).toBe(2)
  })
})
