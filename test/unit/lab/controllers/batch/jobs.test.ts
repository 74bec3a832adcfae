import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from '../test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster('bare')))
afterEach(() => cluster.dispose())

const template = (command: string[]): object => ({
  spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command }] },
})
const create = (name: string, spec: object) => cluster.store.create('jobs.batch', { metadata: { name, namespace: 'default' }, spec })
const status = (name: string) => cluster.store.get('jobs.batch', 'default', name)?.['status']

describe('podFailurePolicy', () => {
  const fails = template(['sh', '-c', 'exit 42'])

  it('fails the job at the first pod where a rule says so, in the words of the rule', () => {
    const rules = [{ action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } }]
    create('j', { backoffLimit: 6, podFailurePolicy: { rules }, template: fails })
    cluster.clock.forward(20_000)
    const pod = cluster.pods()[0]?.metadata.name
    const message = `Container c for pod default/${pod} failed with exit code 42 matching FailJob rule at index 0`
    expect(status('j')).toMatchObject({ failed: 1 })
    expect(status('j').conditions.map(({ type, reason, message: words }: Record<string, string>) => [type, reason, words])).toEqual([
      ['FailureTarget', 'PodFailurePolicy', message],
      ['Failed', 'PodFailurePolicy', message],
    ])
    expect(cluster.events('j')).toContain(`PodFailurePolicy: ${message}`)
  })

  it('does not count what a rule ignores', () => {
    const rules = [{ action: 'Ignore', onExitCodes: { operator: 'NotIn', values: [1] } }]
    create('j', { backoffLimit: 0, podFailurePolicy: { rules }, template: fails })
    cluster.clock.forward(20_000)
    expect(status('j').failed).toBeUndefined()
    expect(status('j').conditions).toBeUndefined()
  })
})

it('a job that is suspended takes its pods back without counting them as failed, and keeps its start', () => {
  create('j', { template: template(['sleep', '1000']) })
  cluster.clock.forward(5_000)
  expect(status('j').active).toBe(1)
  const suspend = (value: boolean) => cluster.store.mutate('jobs.batch', 'default', 'j', (job) => void (job.spec.suspend = value))
  suspend(true)
  cluster.clock.forward(5_000)
  expect(status('j')).toMatchObject({ ready: 0, startTime: expect.any(String) })
  expect(status('j').failed).toBeUndefined()
  suspend(false)
  cluster.clock.forward(5_000)
  expect(cluster.events('j').map((event) => event.split(':')[0])).toEqual([
    'SuccessfulCreate',
    'SuccessfulDelete',
    'Suspended',
    'SuccessfulCreate',
    'Resumed',
  ])
})

it('a cron job tells of a job that carries its name and that it did not make', () => {
  const jobTemplate = { spec: { template: template(['sleep', '1000']) } }
  const spec = { schedule: '0 0 1 1 *', jobTemplate }
  const { uid } = cluster.store.create('cronjobs.batch', { metadata: { name: 'cj', namespace: 'default' }, spec }).metadata
  cluster.store.create('jobs.batch', {
    metadata: {
      name: 'manual',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'cj', uid, controller: true }],
    },
    spec: jobTemplate.spec,
  })
  cluster.clock.forward(2_000)
  expect(cluster.events('cj')).toEqual(['UnexpectedJob: Saw a job that the controller did not create or forgot: manual'])
  expect(cluster.store.get('cronjobs.batch', 'default', 'cj')?.['status'].active).toBeUndefined()
})
