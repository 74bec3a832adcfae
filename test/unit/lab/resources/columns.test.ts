import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import { humanDuration } from '../../../../server/lab/resources/kit/duration.ts'
import { definitionOf, NOW, settings } from './context.ts'

const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString()

function cells(apiVersion: string, kind: string, object: object): Record<string, unknown> {
  const full = { apiVersion, kind, metadata: { name: 'x', creationTimestamp: ago(60) }, ...object } as KubeObject
  return Object.fromEntries(definitionOf(apiVersion, kind).columns.map((column) => [column.name, column.cell(full, { now: NOW })]))
}

describe('ages have two or three significant figures', () => {
  test.each([
    [0, '0s'],
    [-1, '0s'],
    [-3, '<invalid>'],
    [119, '119s'],
    [120, '2m'],
    [121, '2m1s'],
    [599, '9m59s'],
    [600, '10m'],
    [179 * 60, '179m'],
    [180 * 60, '3h'],
    [181 * 60, '3h1m'],
    [8 * 3600, '8h'],
    [47 * 3600, '47h'],
    [48 * 3600, '2d'],
    [49 * 3600, '2d1h'],
    [8 * 86_400, '8d'],
    [729 * 86_400, '729d'],
    [730 * 86_400, '2y'],
    [731 * 86_400, '2y1d'],
    [3000 * 86_400, '8y'],
  ])('%i seconds: %s', (seconds, text) => expect(humanDuration(seconds * 1000)).toBe(text))
})

const container = (state: object, more: object = {}) => ({ name: 'a', state, restartCount: 0, lastState: {}, ready: false, ...more })
const running = container({ running: {} }, { ready: true })
const ended = (exitCode: number, reason = '') => container({ terminated: { exitCode, reason } })
const ready = [{ type: 'Ready', status: 'True' }]
const two = { containers: [{ name: 'a' }, { name: 'b' }] }

describe('a pod’s READY, STATUS and RESTARTS', () => {
  test.each<[string, object, [string, string, string]]>([
    ['nothing known yet', { status: { phase: 'Pending' } }, ['0/1', 'Pending', '0']],
    [
      'creating',
      { status: { phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } })] } },
      ['0/1', 'ContainerCreating', '0'],
    ],
    ['running', { status: { phase: 'Running', containerStatuses: [running] } }, ['1/1', 'Running', '0']],
    ['not ready', { status: { phase: 'Running', containerStatuses: [container({ running: {} })] } }, ['0/1', 'Running', '0']],
    ['completed', { status: { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] } }, ['0/1', 'Completed', '0']],
    ['failed', { status: { phase: 'Failed', containerStatuses: [ended(2, 'Error')] } }, ['0/1', 'Error', '0']],
    ['failed without reason', { status: { phase: 'Failed', containerStatuses: [ended(137)] } }, ['0/1', 'ExitCode:137', '0']],
    [
      'ended by a signal',
      { status: { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, signal: 9 } })] } },
      ['0/1', 'Signal:9', '0'],
    ],
    ['evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, ['0/1', 'Evicted', '0']],
    [
      'restarted a while ago',
      {
        status: {
          phase: 'Running',
          containerStatuses: [{ ...running, restartCount: 3, lastState: { terminated: { finishedAt: ago(5) } } }],
        },
      },
      ['1/1', 'Running', '3 (5s ago)'],
    ],
    [
      'in a crash loop',
      {
        status: {
          phase: 'Running',
          containerStatuses: [
            container({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 2, lastState: { terminated: { finishedAt: ago(1) } } }),
          ],
        },
      },
      ['0/1', 'CrashLoopBackOff', '2 (1s ago)'],
    ],
    [
      'one of two done, one running',
      { spec: two, status: { phase: 'Running', conditions: ready, containerStatuses: [ended(0, 'Completed'), running] } },
      ['1/2', 'Running', '0'],
    ],
    [
      'the same, not ready',
      { spec: two, status: { phase: 'Running', containerStatuses: [ended(0, 'Completed'), running] } },
      ['1/2', 'NotReady', '0'],
    ],
    [
      'one of two done, one failed',
      { spec: two, status: { phase: 'Running', containerStatuses: [ended(0, 'Completed'), ended(1, 'Error')] } },
      ['0/2', 'Error', '0'],
    ],
    [
      'first of two init containers',
      {
        spec: { initContainers: [{}, {}], containers: [{}] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [container({ running: {} }), container({ waiting: { reason: 'PodInitializing' } })],
        },
      },
      ['0/1', 'Init:0/2', '0'],
    ],
    [
      'an init container failed',
      { spec: { initContainers: [{}], containers: [{}] }, status: { phase: 'Pending', initContainerStatuses: [ended(1, 'Error')] } },
      ['0/1', 'Init:Error', '0'],
    ],
    [
      'an init container that waits',
      {
        spec: { initContainers: [{}], containers: [{}] },
        status: { phase: 'Pending', initContainerStatuses: [container({ waiting: { reason: 'ImagePullBackOff' } })] },
      },
      ['0/1', 'Init:ImagePullBackOff', '0'],
    ],
    [
      'a sidecar counts among the containers',
      {
        spec: { initContainers: [{ name: 's', restartPolicy: 'Always' }], containers: [{ name: 'a' }] },
        status: { phase: 'Running', initContainerStatuses: [{ ...running, name: 's', started: true }], containerStatuses: [running] },
      },
      ['2/2', 'Running', '0'],
    ],
    [
      'being deleted',
      { metadata: { name: 'x', deletionTimestamp: ago(1) }, status: { phase: 'Running', containerStatuses: [running] } },
      ['1/1', 'Terminating', '0'],
    ],
    [
      'deleted when done',
      { metadata: { name: 'x', deletionTimestamp: ago(1) }, status: { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] } },
      ['0/1', 'Completed', '0'],
    ],
    [
      'lost with its node',
      { metadata: { name: 'x', deletionTimestamp: ago(1) }, status: { phase: 'Running', reason: 'NodeLost' } },
      ['0/1', 'Unknown', '0'],
    ],
    [
      'gated',
      { status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } },
      ['0/1', 'SchedulingGated', '0'],
    ],
  ])('%s', (_name, object, expected) => {
    const { Ready, Status, Restarts } = cells('v1', 'Pod', { spec: { containers: [{ name: 'a' }] }, ...object })
    expect([Ready, Status, Restarts]).toEqual(expected)
  })
})

describe('a service’s EXTERNAL-IP and PORT(S)', () => {
  test.each<[string, object, object, string, string]>([
    ['inside only', { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] }, {}, '<none>', '80/TCP'],
    ['a node port', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }] }, {}, '<none>', '80:30080/TCP'],
    [
      'a balancer without address',
      { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 31000, protocol: 'TCP' }] },
      {},
      '<pending>',
      '80:31000/TCP',
    ],
    ['a balancer with an address', { type: 'LoadBalancer' }, { ingress: [{ ip: '192.168.1.11' }] }, '192.168.1.11', '<none>'],
    [
      'several, sorted and in full',
      { type: 'LoadBalancer' },
      { ingress: [{ hostname: 'b.example.com' }, { ip: '192.168.1.12' }] },
      '192.168.1.12,b.example.com',
      '<none>',
    ],
    [
      'addresses of its own',
      { type: 'LoadBalancer', externalIPs: ['1.2.3.4'] },
      { ingress: [{ ip: '5.6.7.8' }] },
      '5.6.7.8,1.2.3.4',
      '<none>',
    ],
    ['another name', { type: 'ExternalName', externalName: 'example.com' }, {}, 'example.com', '<none>'],
  ])('%s', (_name, spec, loadBalancer, external, ports) => {
    const row = cells('v1', 'Service', { spec, status: { loadBalancer } })
    expect([row['External-IP'], row['Port(s)']]).toEqual([external, ports])
  })
})

describe('a node’s STATUS and ROLES', () => {
  test.each<[string, object, object, object[], string, string]>([
    ['ready', {}, {}, [{ type: 'Ready', status: 'True' }], 'Ready', '<none>'],
    ['not ready', {}, {}, [{ type: 'Ready', status: 'Unknown' }], 'NotReady', '<none>'],
    ['nothing known', {}, {}, [], 'Unknown', '<none>'],
    ['cordoned', {}, { unschedulable: true }, [{ type: 'Ready', status: 'True' }], 'Ready,SchedulingDisabled', '<none>'],
    [
      'two roles',
      { 'node-role.kubernetes.io/master': '', 'node-role.kubernetes.io/control-plane': '' },
      {},
      [{ type: 'Ready', status: 'True' }],
      'Ready',
      'control-plane,master',
    ],
  ])('%s', (_name, labels, spec, conditions, status, roles) => {
    const row = cells('v1', 'Node', { metadata: { name: 'x', labels }, spec, status: { conditions } })
    expect([row['Status'], row['Roles']]).toEqual([status, roles])
  })
})

describe('lists are cut after three', () => {
  const addresses = ['1', '2', '3', '4', '5'].map((each) => ({ ip: `10.0.0.${each}` }))
  test('of endpoints', () => {
    expect(cells('v1', 'Endpoints', { subsets: [{ addresses, ports: [{ port: 80 }] }] })['Endpoints']).toBe(
      '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...',
    )
    expect(cells('v1', 'Endpoints', {})['Endpoints']).toBe('<none>')
  })
  test('of slices', () => {
    const row = cells('discovery.k8s.io/v1', 'EndpointSlice', {
      addressType: 'IPv4',
      ports: [{ port: 80 }],
      endpoints: addresses.map(({ ip }) => ({ addresses: [ip] })),
    })
    expect([row['Ports'], row['Endpoints']]).toEqual(['80', '10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...'])
    expect(cells('discovery.k8s.io/v1', 'EndpointSlice', {})['Endpoints']).toBe('<unset>')
  })
})

describe('workloads', () => {
  test.each<[string, string, object, Record<string, unknown>]>([
    [
      'apps/v1',
      'Deployment',
      { spec: { replicas: 3 }, status: { readyReplicas: 2, updatedReplicas: 1 } },
      { Ready: '2/3', 'Up-to-date': 1, Available: 0 },
    ],
    [
      'apps/v1',
      'DaemonSet',
      { spec: { template: { spec: { nodeSelector: { b: '1', a: '2' } } } }, status: { desiredNumberScheduled: 4 } },
      { Desired: 4, 'Node Selector': 'a=2,b=1' },
    ],
    [
      'batch/v1',
      'Job',
      { spec: { completions: 3 }, status: { succeeded: 1, startTime: ago(90) } },
      { Status: 'Running', Completions: '1/3', Duration: '90s' },
    ],
    [
      'batch/v1',
      'Job',
      { spec: {}, status: { conditions: [{ type: 'Complete', status: 'True' }] } },
      { Status: 'Complete', Completions: '0/1', Duration: '' },
    ],
    [
      'batch/v1',
      'CronJob',
      { spec: { schedule: '* * * * *', suspend: false } },
      { Timezone: '<none>', Suspend: 'False', Active: 0, 'Last Schedule': '<none>' },
    ],
    [
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      {
        spec: {
          maxReplicas: 3,
          scaleTargetRef: { kind: 'Deployment', name: 'web' },
          metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 50 } } }],
        },
      },
      { Reference: 'Deployment/web', Targets: 'cpu: <unknown>/50%', MinPods: '<unset>' },
    ],
  ])('%s %s', (apiVersion, kind, object, expected) => expect(cells(apiVersion, kind, object)).toMatchObject(expected))
})

test('every column has a description, as Tables carry it', () => {
  for (const { columns, plural } of builtinResources(settings())) {
    // The server has none for a runtime class' handler.
    for (const { name, description } of columns) if (name !== 'Handler') expect(description, `${plural} ${name}`).not.toBe('')
  }
})
