import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyChange, emptyTopology, type Topology, type TopologyChange } from '../../../server/protocol/topology.ts'
import { connect } from '../../../server/topology/api.ts'
import { createTopologySource, versionOf, type TopologySource } from '../../../server/topology/source.ts'
import { poll } from '../support/poll.ts'
import { kubeconfigFor, startFakeApiServer, type FakeApiServer, type FakeObject } from './fake-api-server.ts'

const NODES = '/api/v1/nodes'
const PODS = '/api/v1/pods'
const SERVICES = '/api/v1/services'
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices'
const EVENTS = '/api/v1/events'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/metallb-system/deployments'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const STATUSES = '/apis/metallb.io/v1beta1/servicel2statuses'

let server: FakeApiServer
let folder: string
let source: TopologySource
let topology: Topology
let heard: TopologyChange[]
let reachable: boolean[]

const created = '2026-11-25T00:00:00Z'

function node(name: string, ready = 'True'): FakeObject {
  return {
    metadata: { name, uid: `node-${name}`, creationTimestamp: created, labels: {} },
    spec: {},
    status: {
      addresses: [{ type: 'InternalIP', address: '192.168.1.101' }],
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime: created }],
    },
  }
}

function pod(name: string, extra: Record<string, unknown> = {}): FakeObject {
  return {
    metadata: { name, namespace: 'default', uid: `pod-${name}`, creationTimestamp: created, ...(extra.metadata as object) },
    spec: { nodeName: 'w1-k8s' },
    status: { phase: 'Running', podIP: '172.16.1.2', conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

function service(extra: Record<string, unknown> = {}): FakeObject {
  return {
    metadata: { name: 'lb', namespace: 'default', uid: 'svc-lb', creationTimestamp: created },
    spec: { type: 'LoadBalancer', clusterIP: '10.96.1.1', ports: [{ port: 80, nodePort: 30_080 }], externalTrafficPolicy: 'Cluster' },
    status: { loadBalancer: { ingress: [{ ip: '192.168.1.11' }] } },
    ...extra,
  }
}

beforeEach(async () => {
  server = await startFakeApiServer()
  folder = await mkdtemp(join(tmpdir(), 'topology-test-'))
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, kubeconfigFor(server.url))
  for (const collection of [NODES, PODS, SERVICES, SLICES, EVENTS, DEPLOYMENTS, DEFINITIONS]) {
    server.silently(() => {
      server.put(collection, { metadata: { name: 'x', uid: 'x' } })
      server.remove(collection, 'x')
    })
  }
  topology = emptyTopology()
  heard = []
  reachable = []
  const api = await connect(kubeconfig)
  source = createTopologySource(api, await versionOf(api))
  source.listen((changes) => {
    heard.push(...changes)
    topology = changes.reduce(applyChange, topology)
  })
  source.onState((is) => void reachable.push(is))
})

afterEach(async () => {
  source.dispose()
  await server.close()
  await rm(folder, { recursive: true })
})

const watched = (): Promise<unknown> =>
  poll(() => [NODES, PODS, SERVICES, SLICES, EVENTS].every((one) => server.watches(one) === 1), 'all watches')

describe('the topology of a cluster', () => {
  it('shows what is there, then what changes, then what goes', async () => {
    server.put(NODES, node('w1-k8s'))
    source.start()
    await poll(() => topology.nodes['w1-k8s'])
    expect(topology.software).toEqual({ kubernetes: 'v1.35.4', metallb: null })
    await watched()
    server.put(PODS, pod('a'))
    await poll(() => topology.pods['pod-a']?.status === 'Running')
    server.remove(PODS, 'pod-a')
    await poll(() => topology.pods['pod-a'] === undefined)
  })

  it('tells a change once, and nothing where only what is not drawn has changed', async () => {
    server.put(PODS, pod('a'))
    source.start()
    await watched()
    await poll(() => topology.pods['pod-a'])
    server.put(PODS, { ...pod('a'), metadata: { ...pod('a').metadata, annotations: { touched: 'yes' } } })
    server.put(PODS, pod('b'))
    await poll(() => topology.pods['pod-b'])
    expect(heard.filter((change) => change.op === 'pod' && change.pod.name === 'a')).toHaveLength(1)
  })

  it('draws a service from itself, its EndpointSlices and who announces it', async () => {
    source.start()
    await watched()
    server.put(SERVICES, service())
    server.put(SLICES, {
      metadata: { name: 'lb-1', namespace: 'default', uid: 'slice', labels: { 'kubernetes.io/service-name': 'lb' } },
      endpoints: [
        { targetRef: { kind: 'Pod', name: 'b' }, conditions: { ready: true } },
        { targetRef: { kind: 'Pod', name: 'a' }, conditions: { ready: true } },
        { targetRef: { kind: 'Pod', name: 'c' }, conditions: { ready: false } },
      ],
    })
    server.put(EVENTS, {
      metadata: { name: 'e', namespace: 'default', uid: 'e', creationTimestamp: created },
      reason: 'nodeAssigned',
      message: 'announcing from node "w1-k8s" with protocol "layer2"',
      involvedObject: { kind: 'Service', namespace: 'default', name: 'lb' },
      lastTimestamp: created,
    })
    await poll(() => topology.services['svc-lb']?.announcedBy === 'w1-k8s')
    expect(topology.services['svc-lb']).toMatchObject({ endpoints: ['a', 'b'], notReadyEndpoints: 1, externalAddresses: ['192.168.1.11'] })
  })

  it('watches ServiceL2Status once the kind is there', async () => {
    source.start()
    await watched()
    server.put(SERVICES, service())
    await poll(() => topology.services['svc-lb'])
    server.silently(() =>
      server.put(STATUSES, {
        metadata: { name: 'l2', uid: 'l2', creationTimestamp: created },
        status: { node: 'w2-k8s', serviceName: 'lb', serviceNamespace: 'default' },
      }),
    )
    expect(server.requests.some((request) => request.includes('servicel2statuses?'))).toBe(false)
    server.put(DEFINITIONS, {
      metadata: { name: 'servicel2statuses.metallb.io', uid: 'd' },
      status: { conditions: [{ type: 'Established', status: 'True' }] },
    })
    await poll(() => topology.services['svc-lb']?.announcedBy === 'w2-k8s')
  })

  it('goes on to show who came back, where its stand-in takes their status away', async () => {
    const assigned = (name: string, second: number): void =>
      server.put(EVENTS, {
        metadata: { name, namespace: 'default', uid: name, creationTimestamp: created },
        reason: 'nodeAssigned',
        message: `announcing from node "${name}" with protocol "layer2"`,
        involvedObject: { kind: 'Service', namespace: 'default', name: 'lb' },
        lastTimestamp: new Date(Date.parse(created) + second * 1000).toISOString(),
      })
    source.start()
    await watched()
    server.put(SERVICES, service())
    server.put(DEFINITIONS, {
      metadata: { name: 'servicel2statuses.metallb.io', uid: 'd' },
      status: { conditions: [{ type: 'Established', status: 'True' }] },
    })
    assigned('w3-k8s', 0)
    server.put(STATUSES, {
      metadata: { name: 'l2', uid: 'l2', creationTimestamp: created, labels: { 'metallb.io/node': 'w3-k8s' } },
      status: { node: 'w1-k8s', serviceName: 'lb', serviceNamespace: 'default' },
    })
    assigned('w1-k8s', 5)
    await poll(() => topology.services['svc-lb']?.announcedBy === 'w1-k8s')
    server.remove(STATUSES, 'l2')
    server.put(PODS, pod('b'))
    await poll(() => topology.pods['pod-b'])
    expect(heard.flatMap((change) => (change.op === 'service' ? [change.service.announcedBy] : [])).at(-1)).toBe('w1-k8s')
  })

  it('shows a speaker as part of its node', async () => {
    server.put(NODES, node('w1-k8s'))
    source.start()
    await watched()
    await poll(() => topology.nodes['w1-k8s']?.speaker === 'none')
    server.put(PODS, pod('speaker', { metadata: { namespace: 'metallb-system', labels: { app: 'metallb', component: 'speaker' } } }))
    await poll(() => topology.nodes['w1-k8s']?.speaker === 'running')
    server.remove(PODS, 'pod-speaker')
    await poll(() => topology.nodes['w1-k8s']?.speaker === 'none')
  })

  it('goes on from the last version when the server ends a watch', async () => {
    server.put(PODS, pod('a'))
    source.start()
    await watched()
    server.put(PODS, pod('b'))
    await poll(() => topology.pods['pod-b'])
    const lists = (): number => server.requests.filter((request) => request === `GET ${PODS}`).length
    const before = lists()
    server.endWatches('end')
    await watched()
    server.put(PODS, pod('c'))
    await poll(() => topology.pods['pod-c'])
    expect(lists()).toBe(before)
  })

  it.each(['error', 'cut'] as const)('finds out what it missed when a watch ends with %s', async (how) => {
    server.put(PODS, pod('a'))
    server.put(PODS, pod('b'))
    source.start()
    await watched()
    await poll(() => topology.pods['pod-b'])
    server.silently(() => {
      server.remove(PODS, 'pod-a')
      server.put(PODS, pod('c'))
    })
    server.endWatches(how)
    await poll(() => topology.pods['pod-c'] && topology.pods['pod-a'] === undefined)
    expect(heard.filter((change) => change.op === 'pod' && change.pod.name === 'b')).toHaveLength(1)
  })

  it('tries again when the server fails, and says when it is gone and when it is back', async () => {
    server.failNext(NODES, 500)
    server.failNext(NODES, 503)
    source.start()
    await poll(() => reachable.at(-1) === true)
    expect(reachable).toEqual([false, true])
  })

  it('tells everything anew after a reset', async () => {
    server.put(PODS, pod('a'))
    source.start()
    await watched()
    await poll(() => topology.pods['pod-a'])
    topology = emptyTopology()
    server.silently(() => server.remove(PODS, 'pod-a'))
    server.silently(() => server.put(PODS, pod('b')))
    source.restart()
    await poll(() => topology.pods['pod-b'] && topology.pods['pod-a'] === undefined)
    await watched()
  })

  it('ends all watches when it is done', async () => {
    source.start()
    await watched()
    source.dispose()
    await poll(() => [NODES, PODS, SERVICES, SLICES, EVENTS].every((one) => server.watches(one) === 0))
  })

  it('takes EndpointSlices from v1beta1 of a cluster that has no v1 yet', async () => {
    source.dispose()
    const kubeconfig = join(folder, 'kubeconfig')
    source = createTopologySource(await connect(kubeconfig), 'v1.20.1')
    source.start()
    await poll(() => server.requests.some((request) => request.startsWith('GET /apis/discovery.k8s.io/v1beta1/endpointslices')))
  })
})

describe('checks against a cluster', () => {
  const subject = { resource: 'svc', name: 'lb' as string | null, namespace: 'default', selector: null }
  const path = '/api/v1/namespaces/default/services'

  it('find an object by any name of its kind', async () => {
    server.put(path, service())
    for (const resource of ['svc', 'service', 'services', 'Service'.toLowerCase()]) {
      const check = { kind: 'existence', subject: { ...subject, resource }, exists: true, text: '' } as const
      expect(await source.evaluate(check)).toEqual({ holds: true, found: { kind: 'exists', name: `${resource}/lb` } })
    }
  })

  it('take an object and a kind that are not there for absent', async () => {
    const absent = { kind: 'existence', subject, exists: false, text: '' } as const
    expect((await source.evaluate(absent)).holds).toBe(true)
    expect((await source.evaluate({ ...absent, subject: { ...subject, resource: 'ipaddresspool' } })).holds).toBe(true)
  })

  it('do not hold, and say why, where the server fails', async () => {
    server.put(path, service())
    server.failNext(`${path}/lb`, 500)
    const check = { kind: 'existence', subject, exists: true, text: '' } as const
    expect(await source.evaluate(check)).toEqual({ holds: false, found: { kind: 'unknown', text: 'made to fail with 500' } })
  })
})
