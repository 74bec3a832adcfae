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

describe('an Indexed job', () => {
  const script = (text: string) => template(['sh', '-c', text])

  it('gives its pods their index as name, host name, label and variable', () => {
    create('j', { completionMode: 'Indexed', completions: 2, parallelism: 2, template: script('sleep 100') })
    cluster.clock.forward(3_000)
    const made = cluster
      .pods()
      .map(({ metadata, spec }) => [metadata.generateName, spec.hostname, metadata.labels?.['batch.kubernetes.io/job-completion-index']])
    expect(made.toSorted()).toEqual([
      ['j-0-', 'j-0', '0'],
      ['j-1-', 'j-1', '1'],
    ])
  })

  it('writes two indexes that follow each other with a comma, three with a dash', () => {
    create('two', { completionMode: 'Indexed', completions: 2, parallelism: 2, template: script('true') })
    create('three', { completionMode: 'Indexed', completions: 3, parallelism: 3, template: script('true') })
    cluster.clock.forward(10_000)
    expect(status('two')).toMatchObject({ completedIndexes: '0,1', succeeded: 2 })
    expect(status('three')).toMatchObject({ completedIndexes: '0-2', succeeded: 3 })
  })

  it('with a limit per index lets one index fail and finishes the others', () => {
    const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1 }
    create('j', { ...spec, template: script('test $JOB_COMPLETION_INDEX != 1') })
    cluster.clock.forward(5_000)
    // the failed pod stays uncounted until it is replaced
    expect(status('j')).toMatchObject({ completedIndexes: '0,2', succeeded: 2, failedIndexes: '' })
    expect(status('j').failed).toBeUndefined()
    cluster.clock.forward(20_000)
    expect(status('j')).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', succeeded: 2, failed: 2 })
    expect(status('j').conditions.map(({ type, reason }: Record<string, string>) => [type, reason])).toEqual([
      ['FailureTarget', 'FailedIndexes'],
      ['Failed', 'FailedIndexes'],
    ])
    const counts = cluster.pods().map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'])
    expect(counts.toSorted()).toEqual(['0', '0', '0', '1'])
  })

  it('ends when more indexes have failed than may', () => {
    const spec = { completionMode: 'Indexed', completions: 4, parallelism: 2, backoffLimitPerIndex: 0, maxFailedIndexes: 0 }
    create('j', { ...spec, template: script('exit 1') })
    cluster.clock.forward(10_000)
    expect(status('j').conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'MaxFailedIndexesExceeded' })
  })

  it('is done once a rule of its success policy is met, and ends what still runs', () => {
    const successPolicy = { rules: [{ succeededIndexes: '1-2', succeededCount: 2 }, { succeededIndexes: '0' }] }
    const spec = { completionMode: 'Indexed', completions: 3, parallelism: 3, successPolicy }
    create('j', { ...spec, template: script('test $JOB_COMPLETION_INDEX = 0 || sleep 100') })
    cluster.clock.forward(15_000)
    expect(status('j')).toMatchObject({ completedIndexes: '0', succeeded: 1, terminating: 0 })
    expect(status('j').failed).toBeUndefined()
    expect(status('j').conditions.map(({ type, reason, message }: Record<string, string>) => [type, reason, message])).toEqual([
      ['SuccessCriteriaMet', 'SuccessPolicy', 'Matched rules at index 1'],
      ['Complete', 'SuccessPolicy', 'Matched rules at index 1'],
    ])
  })
})

describe('a pod of a job that is deleted', () => {
  const remove = () => cluster.store.delete('pods', 'default', cluster.pods()[0]?.metadata.name ?? '', {})

  it('counts as failed, and its successor waits for the back-off', () => {
    create('j', { template: template(['sleep', '1000']) })
    cluster.clock.forward(5_000)
    remove()
    cluster.clock.forward(1_000)
    expect(status('j')).toMatchObject({ failed: 1, terminating: 1 })
    expect(cluster.events('j')).toHaveLength(1)
    cluster.clock.forward(15_000)
    expect(status('j')).toMatchObject({ failed: 1, active: 1 })
    expect(cluster.events('j')).toHaveLength(2)
  })

  it('counts only once it has gone where only failed pods are replaced', () => {
    create('j', { podReplacementPolicy: 'Failed', template: template(['sleep', '1000']) })
    cluster.clock.forward(5_000)
    remove()
    cluster.clock.forward(200)
    expect(status('j').failed).toBeUndefined()
    cluster.clock.forward(8_000)
    expect(status('j').failed).toBe(1)
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
