import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expandVariables } from '../../../../server/lab/kubelet/pod-spec.ts'
import { startTestCluster, type TestCluster } from '../controllers/test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster('bare')))
afterEach(() => cluster.dispose())

/** What a command says in a container of the pod. */
function exec(pod: string, command: string[]): string {
  let text = ''
  const take = (data: string): void => void (text += data)
  const output = { stdout: take, stderr: take, exit: () => {}, fail: take }
  cluster.lab.runtime?.exec('default', pod, 'c', command, false, output)
  cluster.clock.forward(1000)
  return text
}

const sleeper = { name: 'c', image: 'busybox', command: ['sleep', '1000'] }

it('a container finds its config maps, secrets and its pod’s fields where they are mounted', () => {
  cluster.store.create('configmaps', { metadata: { name: 'conf', namespace: 'default' }, data: { a: 'one\n', b: 'two\n' } })
  cluster.store.create('secrets', { metadata: { name: 'sec', namespace: 'default' }, data: { pass: btoa('hidden') } })
  cluster.run('p', {
    containers: [
      {
        ...sleeper,
        volumeMounts: [
          { name: 'v', mountPath: '/conf' },
          { name: 's', mountPath: '/sec/' },
          { name: 'v', mountPath: '/etc/one', subPath: 'a' },
          { name: 'd', mountPath: '/down' },
        ],
      },
    ],
    volumes: [
      { name: 'v', configMap: { name: 'conf' } },
      { name: 's', secret: { secretName: 'sec', items: [{ key: 'pass', path: 'word' }] } },
      { name: 'd', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ],
  })
  cluster.clock.forward(5000)
  expect(exec('p', ['sh', '-c', 'ls /conf /sec; cat /conf/b /sec/word /etc/one /down/name'])).toBe(
    '/conf:\na\nb\n\n/sec:\nword\ntwo\nhiddenone\np',
  )
})

it('variables are put in, `$$` stands for one `$`, and a container learns its own limits', () => {
  expect(expandVariables('$(A)-$$(A)-$(B)-$A', { A: '1' })).toBe('1-$(A)-$(B)-$A')
  const resources = { limits: { cpu: '1500m', memory: '64Mi' } }
  const env = [
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
  ]
  cluster.run('p', { containers: [{ ...sleeper, resources, env }] })
  cluster.clock.forward(5000)
  expect(exec('p', ['sh', '-c', 'echo $CPU $MEM >&2'])).toBe('2 64\n')
})

it('a volume of the downward API has all labels and annotations, a line each', () => {
  const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }]
  cluster.run('p', {
    containers: [{ name: 'c', image: 'busybox', command: ['cat', '/info/labels'], volumeMounts: [{ name: 'v', mountPath: '/info' }] }],
    volumes: [{ name: 'v', downwardAPI: { items } }],
  })
  cluster.store.mutate('pods', 'default', 'p', (pod) => void (pod.metadata.labels = { b: 'two', a: '1' }))
  cluster.clock.forward(5000)
  expect(cluster.lab.runtime?.log('default', 'p', 'c', false)?.lines.map(({ text }) => text)).toEqual(['a="1"', 'b="two"'])
})

describe('a command that is not there', () => {
  it.each([
    ['nope', 'exec: "nope": executable file not found in $PATH'],
    ['/nope', 'exec: "/nope": stat /nope: no such file or directory'],
  ])('%s is told so in the runtime’s words', (command, words) => {
    cluster.run('p', { restartPolicy: 'Never', containers: [{ ...sleeper, command: [command] }] })
    cluster.clock.forward(5000)
    expect(cluster.pods()[0]?.status.containerStatuses[0].state.terminated.message).toContain(words)
  })
})

it('a pod whose activeDeadlineSeconds are over fails, and can still be deleted', () => {
  cluster.run('p', { activeDeadlineSeconds: 3, terminationGracePeriodSeconds: 1, containers: [sleeper] })
  cluster.clock.forward(10_000)
  expect(cluster.pods()[0]?.status).toMatchObject({
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
    containerStatuses: [{ ready: false, restartCount: 0, state: { terminated: { exitCode: 137 } } }],
  })
  expect(cluster.events('p')).toEqual(expect.arrayContaining(['Killing: Stopping container c']))
  cluster.store.delete('pods', 'default', 'p')
  cluster.clock.forward(10_000)
  expect(cluster.pods()).toEqual([])
})
