import { describe, expect, it } from 'vitest'
import { announcedBy, metallbVersion, nodeEntity } from '../../../server/topology/entities.ts'
import { podStatus } from '../../../server/topology/pod-status.ts'
import type { KubernetesObject } from '../../../server/topology/reflector.ts'

const metadata = (name: string, extra: object = {}) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-11-25T00:00:00Z',
  ...extra,
})

function pod(status: object, spec: object = {}, extra: object = {}): KubernetesObject {
  return { metadata: metadata('p', extra), spec, status }
}

const gone = { deletionTimestamp: '2026-11-25T00:00:00Z' }
const waiting = (reason: string) => ({ containerStatuses: [{ name: 'c', state: { waiting: { reason } } }] })
const terminated = (state: object) => ({ containerStatuses: [{ name: 'c', state: { terminated: state } }] })
const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const initContainers = { initContainers: [{ name: 'i' }, { name: 'j' }] }

describe('the status of a pod', () => {
  it.each<[string, KubernetesObject]>([
    ['Pending', pod({ phase: 'Pending' })],
    ['ContainerCreating', pod({ phase: 'Pending', ...waiting('ContainerCreating') })],
    ['ErrImagePull', pod({ phase: 'Pending', ...waiting('ErrImagePull') })],
    ['Running', pod({ phase: 'Running', containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }] })],
    ['CrashLoopBackOff', pod({ phase: 'Running', ...waiting('CrashLoopBackOff') })],
    ['Completed', pod({ phase: 'Succeeded', ...terminated({ reason: 'Completed', exitCode: 0 }) })],
    ['ExitCode:3', pod({ phase: 'Failed', ...terminated({ exitCode: 3 }) })],
    ['Signal:9', pod({ phase: 'Failed', ...terminated({ exitCode: 137, signal: 9 }) })],
    ['Evicted', pod({ phase: 'Failed', reason: 'Evicted' })],
    ['Terminating', pod({ phase: 'Running' }, {}, gone)],
    ['Unknown', pod({ phase: 'Running', reason: 'NodeLost' }, {}, gone)],
    ['Completed', pod({ phase: 'Succeeded', ...terminated({ reason: 'Completed', exitCode: 0 }) }, {}, gone)],
    ['SchedulingGated', pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
    ['Init:0/2', pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { running: {} } }] }, initContainers)],
    [
      'Init:1/2',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [
            { name: 'i', state: { terminated: { exitCode: 0 } } },
            { name: 'j', state: { waiting: { reason: 'PodInitializing' } } },
          ],
        },
        initContainers,
      ),
    ],
    [
      'Init:CrashLoopBackOff',
      pod({ phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }, initContainers),
    ],
    [
      'Init:Error',
      pod(
        { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 1, reason: 'Error' } } }] },
        initContainers,
      ),
    ],
    [
      'NotReady',
      pod({
        phase: 'Running',
        containerStatuses: [
          { name: 'a', ready: true, state: { running: {} } },
          { name: 'b', state: { terminated: { reason: 'Completed', exitCode: 0 } } },
        ],
      }),
    ],
    [
      'Running',
      pod({
        phase: 'Running',
        ...ready,
        containerStatuses: [
          { name: 'a', ready: true, state: { running: {} } },
          { name: 'b', state: { terminated: { reason: 'Completed', exitCode: 0 } } },
        ],
      }),
    ],
    [
      'Running',
      pod(
        {
          phase: 'Running',
          initContainerStatuses: [{ name: 'i', started: true, state: { running: {} } }],
          containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }],
        },
        { initContainers: [{ name: 'i', restartPolicy: 'Always' }] },
      ),
    ],
  ])('is %s', (status, object) => {
    expect(podStatus(object)).toBe(status)
  })
})

describe('who announces an address', () => {
  const service: KubernetesObject = { metadata: metadata('lb'), status: { loadBalancer: { ingress: [{ ip: '192.168.1.11' }] } } }
  const event = (node: string, second: number, version = '1', era = '" with protocol "layer2"'): KubernetesObject => ({
    metadata: { ...metadata(`e-${node}-${second}`), resourceVersion: version },
    message: `announcing from node "${node}${era}`,
    lastTimestamp: `2026-11-25T00:00:0${second}Z`,
  })
  const status = (node: string, second: number): KubernetesObject => ({
    metadata: metadata(`s-${node}`, { creationTimestamp: `2026-11-25T00:00:0${second}Z` }),
    status: { node },
  })

  it.each<[string, string | null, KubernetesObject[], KubernetesObject[] | null, string?]>([
    ['nobody without a word', null, [], null],
    ['the last event', 'w2', [event('w1', 1), event('w2', 2)], null],
    ['an event of MetalLB 0.9', 'w1', [event('w1', 1, '1', '"')], null],
    ['the event that was stored last within a second', 'w3', [event('w3', 1, '9'), event('w1', 1, '8')], null],
    ['nobody, where the statuses are gone', null, [event('w1', 1)], []],
    ['nobody, where its own speaker took the status away', null, [event('w1', 1)], [], 'w1'],
    ['the one that came back, where its stand-in took the shared status away', 'w1', [event('w3', 1), event('w1', 2)], [], 'w3'],
    ['the status, where events have expired', 'w1', [], [status('w1', 1)]],
    [
      'the event of the two statuses, of which one is of a dead node',
      'w1',
      [event('w3', 2), event('w1', 4)],
      [status('w1', 1), status('w3', 2)],
    ],
    ['the event that is newer than every status', 'w3', [event('w3', 5)], [status('w1', 1)]],
    ['the newest status, where the event is older', 'w2', [event('w3', 1)], [status('w1', 2), status('w2', 3)]],
  ])('is %s', (_what, node, events, statuses, removedBy = undefined) => {
    expect(announcedBy(service, { events, statuses, removedBy: removedBy ?? null })).toBe(node)
  })

  it('is nobody for a service without an address', () => {
    expect(announcedBy({ metadata: metadata('lb'), status: {} }, { events: [event('w1', 1)], statuses: null, removedBy: null })).toBeNull()
  })
})

describe('a node', () => {
  const node = (isReady: string): KubernetesObject => ({
    metadata: metadata('w1', { labels: { 'node-role.kubernetes.io/control-plane': '' } }),
    spec: { unschedulable: true },
    status: {
      addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
      conditions: [{ type: 'Ready', status: isReady, lastTransitionTime: '1970-01-01T00:00:05Z' }],
    },
  })
  const speaker = (status: object): KubernetesObject => ({ metadata: metadata('s'), spec: { nodeName: 'w1' }, status })

  it('is drawn with its role, its address and what the cluster believes of it', () => {
    expect(nodeEntity(node('True'), [])).toEqual({
      name: 'w1',
      address: '10.0.0.1',
      controlPlane: true,
      ready: 'True',
      readySince: 5_000,
      schedulable: false,
      speaker: 'none',
    })
  })

  it.each<[string, string, object]>([
    ['running', 'True', ready],
    ['starting', 'True', waiting('ContainerCreating')],
    ['down', 'True', { containerStatuses: [{ name: 's', state: { running: {} } }] }],
    ['down', 'Unknown', {}],
  ])('has a speaker that is %s', (state, isReady, status) => {
    expect(nodeEntity(node(isReady), [speaker(status)]).speaker).toBe(state)
  })
})

describe("MetalLB's version", () => {
  it.each([
    ['quay.io/metallb/controller:v0.15.3', 'v0.15.3'],
    ['registry:5000/metallb/controller:v0.9.6@sha256:abc', 'v0.9.6'],
    ['registry:5000/metallb/controller', null],
  ])('of %s', (image, version) => {
    const deployment: KubernetesObject = { metadata: metadata('controller'), spec: { template: { spec: { containers: [{ image }] } } } }
    expect(metallbVersion(deployment)).toBe(version)
  })
})
