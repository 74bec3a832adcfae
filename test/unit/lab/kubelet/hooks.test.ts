import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from '../controllers/test-cluster.ts'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster()))
afterEach(() => cluster.dispose())

const pod = () => cluster.store.get('pods', 'default', 'p')
const status = () => pod()?.status.containerStatuses?.[0]
const seen = () => cluster.events('p').filter((event) => !/^(Scheduled|Pull)/.test(event))
const remove = () => cluster.store.delete('pods', 'default', 'p', {})

const busybox = (name: string, script: string, more: object = {}) => ({ name, image: 'busybox', command: ['sh', '-c', script], ...more })

describe('a postStart hook', () => {
  it('holds back that the container has started until it has run', () => {
    const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'sleep 5'] } } }
    cluster.run('p', { containers: [busybox('c', 'sleep 100', { lifecycle })] })
    cluster.clock.forward(4000)
    expect(status()?.state.waiting?.reason).toBe('ContainerCreating')
    cluster.clock.forward(5000)
    expect(status()?.state.running).toBeDefined()
  })

  it('that fails stops the container again and says why', () => {
    const lifecycle = { postStart: { exec: { command: ['sh', '-c', 'echo no luck; echo bad >&2; exit 5'] } } }
    cluster.run('p', { containers: [busybox('c', 'sleep 100', { lifecycle })], terminationGracePeriodSeconds: 1 })
    cluster.clock.forward(8000)
    expect(seen().slice(0, 4)).toEqual([
      'Created: Container created',
      'Started: Container started',
      'FailedPostStartHook: PostStartHook failed',
      'Killing: FailedPostStartHook',
    ])
    expect(status()).toMatchObject({ ready: false, lastState: { terminated: { exitCode: 137, reason: 'Error' } } })
    expect(status().state.waiting.reason).toMatch(/PostStartHookError|CrashLoopBackOff/)
  })

  it('is content with any answer to its request, but not with none', () => {
    const lifecycle = (port: number) => ({ postStart: { httpGet: { path: '/x', port } } })
    cluster.run('p', { containers: [{ name: 'c', image: 'nginx:1.25', lifecycle: lifecycle(80) }] })
    cluster.run('q', { containers: [{ name: 'c', image: 'nginx:1.25', lifecycle: lifecycle(81) }] })
    cluster.clock.forward(5000)
    expect(status()?.ready).toBe(true)
    expect(cluster.events('q')).toContain('FailedPostStartHook: PostStartHook failed')
  })
})

describe('a preStop hook', () => {
  it('that fails is told and does not keep the container', () => {
    const lifecycle = { preStop: { exec: { command: ['false'] } } }
    cluster.run('p', { containers: [busybox('c', 'sleep 100', { lifecycle })], terminationGracePeriodSeconds: 3 })
    cluster.clock.forward(4000)
    remove()
    cluster.clock.forward(1000)
    expect(seen().slice(2)).toEqual(['Killing: Stopping container c', 'FailedPreStopHook: PreStopHook failed'])
    cluster.clock.forward(6000)
    expect(pod()).toBeUndefined()
  })

  it('that outlasts the grace leaves the process 2 s more', () => {
    const lifecycle = { preStop: { sleep: { seconds: 5 } } }
    cluster.run('p', { containers: [busybox('c', 'sleep 100', { lifecycle })], terminationGracePeriodSeconds: 5 })
    cluster.clock.forward(4000)
    remove()
    cluster.clock.forward(6500)
    expect(status()?.state.running).toBeDefined()
    cluster.clock.forward(4000)
    expect(pod()).toBeUndefined()
  })
})

describe('a sidecar', () => {
  const side = busybox('side', 'trap "exit 0" TERM; while true; do sleep 1; done', { restartPolicy: 'Always' })

  it('is ended when the work of its pod is done', () => {
    cluster.run('p', { initContainers: [side], containers: [busybox('c', 'sleep 4')], restartPolicy: 'Never' })
    cluster.clock.forward(3000)
    expect(pod()?.status.phase).toBe('Running')
    cluster.clock.forward(8000)
    expect(pod()?.status.phase).toBe('Succeeded')
    expect(seen()).toContain('Killing: Stopping container side')
    expect(pod()?.status.initContainerStatuses[0].state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  })

  it('outlives the containers that it serves when the pod is deleted', () => {
    const main = busybox('c', 'trap "sleep 3; exit 0" TERM; while true; do sleep 1; done')
    cluster.run('p', { initContainers: [side], containers: [main] })
    cluster.clock.forward(5000)
    remove()
    for (let i = 0; i < 100 && !status()?.state.terminated; i++) cluster.clock.forward(100)
    const sidecar = pod()?.status.initContainerStatuses[0].state.terminated
    expect(sidecar.exitCode).toBe(0)
    expect(Date.parse(sidecar.finishedAt)).toBeGreaterThanOrEqual(Date.parse(status().state.terminated.finishedAt))
    expect(
      seen()
        .filter((event) => event.startsWith('Killing'))
        .toSorted(),
    ).toEqual(['Killing: Stopping container c', 'Killing: Stopping container side'])
  })
})

describe('a liveness probe that fails in a pod that is not restarted', () => {
  const failing = { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 2 }

  it('ends the pod where the container is its last', () => {
    cluster.run('p', { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx:1.25', livenessProbe: failing }] })
    cluster.clock.forward(10_000)
    expect(seen()).toContain('Killing: Stopping container c')
    expect(pod()?.status.phase).toBe('Succeeded')
  })

  it('ends the container alone where others run on', () => {
    const containers = [{ name: 'c', image: 'nginx:1.25', livenessProbe: failing }, busybox('d', 'sleep 100')]
    cluster.run('p', { restartPolicy: 'Never', containers })
    cluster.clock.forward(10_000)
    expect(seen()).toContain('Killing: Container c failed liveness probe')
    expect(pod()?.status.phase).toBe('Running')
  })

  it('has its own grace where the probe gives one', () => {
    const livenessProbe = { ...failing, terminationGracePeriodSeconds: 2 }
    cluster.run('p', { containers: [busybox('c', 'sleep 100', { livenessProbe })] })
    cluster.clock.forward(12_000)
    expect(status()?.restartCount).toBeGreaterThan(0)
  })
})
