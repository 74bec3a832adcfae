import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { conditions, startTestCluster, statusOf, type TestCluster } from '../controllers/test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster()))
afterEach(() => cluster.dispose())

const pod = (name = 'p') => cluster.store.get('pods', 'default', name)
const status = (name = 'p') => pod(name)?.status.containerStatuses?.[0]

describe('a pod', () => {
  it('is ContainerCreating at once, Running within 3 s, with the events and conditions of a real one', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'sysnet4admin/echo-hname' }] })
    cluster.clock.forward(60)
    expect(statusOf(pod())).toBe('ContainerCreating')
    expect(conditions(pod())).toEqual({
      PodReadyToStartContainers: 'False',
      Initialized: 'True',
      Ready: 'False',
      ContainersReady: 'False',
      PodScheduled: 'True',
    })
    cluster.clock.forward(3000)
    expect(statusOf(pod())).toBe('Running')
    expect(Object.values(conditions(pod()))).toEqual(['True', 'True', 'True', 'True', 'True'])
    expect(pod()?.status.podIP).toMatch(/^172\.16\.[123]\.2$/)
    expect(cluster.events('p').map((event) => event.replace(/\d+ms/g, 'Nms'))).toEqual([
      `Scheduled: Successfully assigned default/p to ${pod()?.spec.nodeName}`,
      'Pulling: Pulling image "sysnet4admin/echo-hname"',
      'Pulled: Successfully pulled image "sysnet4admin/echo-hname" in Nms (Nms including waiting). Image size: 4923000 bytes.',
      'Created: Container created',
      'Started: Container started',
    ])
  })

  it.each([
    {
      image: 'sysnet4admin/nope',
      soon: 'ErrImagePull',
      later: 'ImagePullBackOff',
      words: 'pull access denied, repository does not exist or may require authorization',
    },
    { image: 'nginx:1.99', soon: 'ErrImagePull', later: 'ImagePullBackOff', words: 'docker.io/library/nginx:1.99: not found' },
    { image: 'Bad/Name', soon: 'InvalidImageName', later: 'InvalidImageName', words: 'must be lowercase' },
  ])('of image $image is $soon, then $later', ({ image, soon, later, words }) => {
    cluster.run('p', { containers: [{ name: 'c', image }] })
    const seen = new Set<string>()
    for (let i = 0; i < 300; i++) {
      cluster.clock.forward(100)
      seen.add(statusOf(pod()))
    }
    expect([...seen]).toEqual(expect.arrayContaining([soon, later]))
    expect(JSON.stringify(cluster.events('p'))).toContain(words)
  })

  it('that ends with an error is restarted at once, then after 10 s, 20 s, 40 s ...', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'busybox', command: ['false'] }] })
    const starts: number[] = []
    let count = 0
    for (let i = 0; i < 1500; i++) {
      cluster.clock.forward(100)
      const restarts: number = status()?.restartCount ?? 0
      if (restarts > count) starts.push(cluster.clock.now())
      count = restarts
    }
    const waits = starts.slice(1).map((time, i) => (time - (starts[i] as number)) / 1000)
    expect(waits[0]).toBeGreaterThanOrEqual(10)
    expect(waits[0]).toBeLessThan(17)
    expect(waits[1]).toBeGreaterThanOrEqual(20)
    expect(waits[1]).toBeLessThan(32)
    expect(waits[2]).toBeGreaterThanOrEqual(40)
    // shown as Error at first, whenever it has just ended
    const shown = new Set<string>()
    for (let i = 0; i < 300; i++) {
      shown.add(statusOf(pod()))
      cluster.clock.forward(1000)
    }
    expect(shown).toContain('CrashLoopBackOff')
    expect(status()?.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' })
  })

  it.each([
    { restartPolicy: 'Never', command: ['true'], phase: 'Succeeded', reason: 'Completed', restarts: 0 },
    { restartPolicy: 'Never', command: ['false'], phase: 'Failed', reason: 'Error', restarts: 0 },
    { restartPolicy: 'OnFailure', command: ['true'], phase: 'Succeeded', reason: 'Completed', restarts: 0 },
  ])('with $restartPolicy whose container runs $command ends $phase', ({ restartPolicy, command, phase, reason, restarts }) => {
    cluster.run('p', { restartPolicy, containers: [{ name: 'c', image: 'busybox', command }] })
    cluster.clock.forward(4000)
    expect(pod()?.status.phase).toBe(phase)
    expect(status()).toMatchObject({ restartCount: restarts, state: { terminated: { reason } } })
    expect(conditions(pod())['Ready']).toBe('False')
  })

  it('runs its init containers first, one after the other', () => {
    const sleep = (name: string) => ({ name, image: 'busybox', command: ['sleep', '2'] })
    cluster.run('p', { initContainers: [sleep('one'), sleep('two')], containers: [{ name: 'c', image: 'nginx:1.25' }] })
    cluster.clock.forward(2000)
    expect(conditions(pod())['Initialized']).toBe('False')
    expect(status()?.state.waiting.reason).toBe('PodInitializing')
    cluster.clock.forward(8000)
    expect(statusOf(pod())).toBe('Running')
    const ends = pod()?.status.initContainerStatuses.map(
      ({ state }: { state: { terminated: { finishedAt: string } } }) => state.terminated.finishedAt,
    )
    expect(ends).toEqual(ends.toSorted())
  })

  it('waits for a Secret that is missing, and starts once it is there', () => {
    const env = [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'later', key: 'k' } } }]
    cluster.run('p', { containers: [{ name: 'c', image: 'nginx:1.25', env }] })
    cluster.clock.forward(4000)
    expect(statusOf(pod())).toBe('CreateContainerConfigError')
    expect(cluster.events('p')).toContain('Failed: Error: secret "later" not found')
    cluster.store.create('secrets', { metadata: { name: 'later', namespace: 'default' }, data: { k: 'dg==' } })
    cluster.clock.forward(20_000)
    expect(statusOf(pod())).toBe('Running')
  })

  it('whose readiness probe fails runs, and is not ready', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'nginx:1.25', readinessProbe: { httpGet: { port: 81 }, periodSeconds: 1 } }] })
    cluster.clock.forward(5000)
    expect(statusOf(pod())).toBe('Running')
    expect(conditions(pod())['Ready']).toBe('False')
    const ip = pod()?.status.podIP
    expect(cluster.events('p')).toContain(
      `Unhealthy: Readiness probe failed: Get "http://${ip}:81/": dial tcp ${ip}:81: connect: connection refused`,
    )
  })

  it('ends gracefully: Killing, Completed, gone', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'nginx:1.25' }] })
    cluster.clock.forward(4000)
    cluster.store.delete('pods', 'default', 'p')
    cluster.clock.forward(10)
    expect(statusOf(pod())).toBe('Terminating')
    cluster.clock.forward(200)
    expect(statusOf(pod())).toBe('Completed')
    expect(pod()?.status.phase).toBe('Succeeded')
    cluster.clock.forward(2000)
    expect(pod()).toBeUndefined()
    expect(cluster.events('p')).toContain('Killing: Stopping container c')
  })

  it('that ignores SIGTERM is killed when its grace is over', () => {
    cluster.run('p', { terminationGracePeriodSeconds: 5, containers: [{ name: 'c', image: 'busybox', command: ['sleep', '600'] }] })
    cluster.clock.forward(4000)
    cluster.store.delete('pods', 'default', 'p')
    cluster.clock.forward(4900)
    expect(statusOf(pod())).toBe('Terminating')
    cluster.clock.forward(300)
    expect(status()?.state.terminated).toMatchObject({ exitCode: 137, reason: 'Error' })
    cluster.clock.forward(2000)
    expect(pod()).toBeUndefined()
  })

  it('keeps the log of its container, and of the run before', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'echo one; sleep 4; echo two; exit 3'] }] })
    const log = (previous: boolean) => cluster.lab.runtime?.log('default', 'p', 'c', previous)
    const lines = (previous: boolean) => log(previous)?.lines.map(({ text }) => text)
    cluster.clock.forward(3000)
    expect([lines(false), log(true)]).toEqual([['one'], undefined])
    cluster.clock.forward(5000)
    expect(status()?.state.running).toBeDefined()
    expect([lines(false), lines(true)]).toEqual([['one'], ['one', 'two']])
  })

  it('loses the log of a run when the next one is over, until that is known as the last', () => {
    cluster.run('p', { containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'echo one; sleep 1; exit 3'] }] })
    const log = (previous: boolean) => cluster.lab.runtime?.log('default', 'p', 'c', previous)
    for (let i = 0; i < 100 && !(status()?.state.terminated && status()?.restartCount === 1); i++) cluster.clock.forward(100)
    expect(log(false)?.lines.map(({ text }) => text)).toEqual(['one'])
    expect(log(true)?.lost).toBe(`unable to retrieve container logs for ${status()?.lastState.terminated.containerID}`)
    for (let i = 0; i < 600 && !status()?.state.waiting; i++) cluster.clock.forward(100)
    expect(status()?.state.waiting.reason).toBe('CrashLoopBackOff')
    expect(log(true)?.lines.map(({ text }) => text)).toEqual(['one'])
  })

  it('whose image would run as root does not run where its pod forbids that', () => {
    const error = () => status()?.state.waiting
    cluster.run('p', { securityContext: { runAsNonRoot: true }, containers: [{ name: 'c', image: 'nginx' }] })
    cluster.run('q', {
      securityContext: { runAsNonRoot: true, runAsUser: 1000 },
      containers: [{ name: 'c', image: 'busybox', command: ['sleep', '9'] }],
    })
    cluster.run('r', { containers: [{ name: 'c', image: 'curlimages/curl', securityContext: { runAsNonRoot: true } }] })
    cluster.clock.forward(4000)
    expect(error()).toEqual({
      reason: 'CreateContainerConfigError',
      message: `container has runAsNonRoot and image will run as root (pod: "p_default(${pod()?.metadata.uid})", container: c)`,
    })
    expect(statusOf(pod('q'))).toBe('Running')
    expect(status('r')?.state.waiting.message).toMatch(
      /^container has runAsNonRoot and image has non-numeric user \(curl_user\), cannot verify/,
    )
  })

  it('of the control plane comes back when its mirror is deleted, and never stops', () => {
    const before = cluster.store.get('pods', 'kube-system', 'etcd-m-k8s')
    cluster.store.delete('pods', 'kube-system', 'etcd-m-k8s')
    cluster.clock.forward(2000)
    const after = cluster.store.get('pods', 'kube-system', 'etcd-m-k8s')
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid)
    expect(after?.status.containerStatuses).toEqual(before?.status.containerStatuses)
  })
})
