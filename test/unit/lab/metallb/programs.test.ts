import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { startCustomResources } from '../../../../server/lab/api/custom-resources.ts'
import { metallbImages } from '../../../../server/lab/metallb/images.ts'
import type { ContainerImage } from '../../../../server/lab/kubelet/image.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { FakeLab } from '../fake-lab.ts'

const image = (name: string): ContainerImage => metallbImages.find(({ names }) => names[0] === name) as ContainerImage
const NODES = ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s']
const ENDPOINTS = [
  { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' },
  { pod: 'p2', node: 'w2-k8s', address: '172.16.2.2' },
]

/** MetalLB as its manifest leaves it: resource kinds, one controller, a speaker on every node, the control plane excluded. */
function installed(version: string): FakeLab {
  const fake = new FakeLab(3)
  startCustomResources(fake.lab)
  const { store } = fake.lab
  const current = version === 'v0.15.3'
  if (current)
    for (const document of parseAllDocuments(
      readFileSync(new URL('../../../../public/manifests/metallb-native.yaml', import.meta.url), 'utf8'),
    )) {
      const object = document.toJS() as KubeObject | null
      if (object?.kind === 'CustomResourceDefinition') store.create('customresourcedefinitions.apiextensions.k8s.io', object)
    }
  store.mutate(
    'nodes',
    null,
    'm-k8s',
    (node) => void (node.metadata.labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }),
  )
  const repository = current ? 'quay.io/metallb/' : 'metallb/'
  fake.start(image(`${repository}controller`), 'controller', 'w2-k8s', version)
  for (const node of NODES) fake.start(image(`${repository}speaker`), `speaker-${node}`, node, version)
  fake.clock.forward(5_000)
  return fake
}

function create(fake: FakeLab, kind: 'IPAddressPool' | 'L2Advertisement', name: string, spec: object): void {
  const resource = kind === 'IPAddressPool' ? 'ipaddresspools.metallb.io' : 'l2advertisements.metallb.io'
  fake.lab.store.create(resource, { apiVersion: 'metallb.io/v1beta1', kind, metadata: { name, namespace: 'metallb-system' }, spec })
  fake.clock.forward(1_000)
}

const statuses = (fake: FakeLab): string[] =>
  fake.lab.store.list('servicel2statuses.metallb.io').map(({ status }) => `${status?.serviceName} ${status?.node}`)
const addressOf = (fake: FakeLab, service: string): string | undefined =>
  fake.lab.store.get('services', 'default', service)?.status?.loadBalancer?.ingress?.[0]?.ip

describe('MetalLB 0.15', () => {
  it('gives an address as soon as there is a pool, and announces it as soon as there is an advertisement', () => {
    const fake = installed('v0.15.3')
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    expect(fake.eventsOn('a')).toEqual([])
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11-192.168.1.12'] })
    expect(fake.lab.store.get('services', 'default', 'a')).toMatchObject({
      metadata: { annotations: { 'metallb.io/ip-allocated-from-pool': 'p' } },
      status: { loadBalancer: { ingress: [{ ip: '192.168.1.11', ipMode: 'VIP' }] } },
    })
    expect(fake.eventsOn('a')).toEqual(['Normal IPAllocated metallb-controller Assigned IP ["192.168.1.11"] x1'])
    expect(statuses(fake)).toEqual([])
    create(fake, 'L2Advertisement', 'l2', {})
    expect(fake.eventsOn('a')[1]).toBe('Normal nodeAssigned metallb-speaker announcing from node "w1-k8s" with protocol "layer2" x1')
    expect(statuses(fake)).toEqual(['a w1-k8s'])
    expect(fake.lab.store.get('ipaddresspools.metallb.io', 'metallb-system', 'p')?.status).toMatchObject({
      assignedIPv4: 1,
      availableIPv4: 1,
    })
    expect(fake.faults).toEqual([])
  })

  it('ignores the ConfigMap of earlier versions, without a word', () => {
    const fake = installed('v0.15.3')
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    fake.lab.store.create('configmaps', {
      metadata: { name: 'config', namespace: 'metallb-system' },
      data: { config: 'address-pools:\n- name: a\n  protocol: layer2\n  addresses: [192.168.1.11-192.168.1.19]\n' },
    })
    fake.clock.forward(60_000)
    expect([addressOf(fake, 'a'), fake.eventsOn('a')]).toEqual([undefined, []])
  })

  it('hands a freed address to a service that waits for one', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    fake.service('b', { type: 'LoadBalancer' }, ENDPOINTS)
    expect(fake.eventsOn('b')[0]).toContain(
      'Warning AllocationFailed metallb-controller Failed to allocate IP for "default/b": no available IPs',
    )
    fake.lab.store.delete('services', 'default', 'a')
    fake.clock.forward(1_000)
    expect(addressOf(fake, 'b')).toBe('192.168.1.11')
  })

  it('takes the address away with its pool', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    fake.lab.store.delete('ipaddresspools.metallb.io', 'metallb-system', 'p')
    fake.clock.forward(2_000)
    expect([addressOf(fake, 'a'), statuses(fake)]).toEqual([undefined, []])
    expect(fake.lab.store.get('services', 'default', 'a')?.metadata.annotations ?? {}).toEqual({})
  })

  it('announces under policy Local only from a node with an endpoint, and from nowhere without one', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    fake.service('a', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }, [ENDPOINTS[1] as never])
    expect(statuses(fake)).toEqual(['a w2-k8s'])
    fake.setEndpoints('a', [])
    expect(statuses(fake)).toEqual([])
  })

  it('hands the status over with the address, however often it goes from node to node', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    fake.service('a', { type: 'LoadBalancer' }, [{ pod: 'p2', node: 'w2-k8s', address: '172.16.2.2' }])
    const seen: string[][] = []
    for (let turn = 0; turn < 40; turn++) {
      const externalTrafficPolicy = turn % 2 === 0 ? 'Local' : 'Cluster'
      fake.lab.store.mutate('services', 'default', 'a', (service) => Object.assign(service.spec, { externalTrafficPolicy }))
      fake.clock.forward(2_000)
      seen.push(statuses(fake))
    }
    expect(seen).toEqual(seen.map((_, turn) => [turn % 2 === 0 ? 'a w2-k8s' : 'a w1-k8s']))
  })

  it('announces from the nodes that an advertisement selects', () => {
    const fake = installed('v0.15.3')
    fake.lab.store.mutate('nodes', null, 'w2-k8s', (node) => void (node.metadata.labels = { zone: 'b' }))
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', { nodeSelectors: [{ matchLabels: { zone: 'b' } }] })
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    expect(statuses(fake)).toEqual(['a w2-k8s'])
  })

  it('moves an address at once when its speaker says goodbye', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    const left = installedSpeaker(fake)
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    left.terminate()
    fake.clock.forward(500)
    expect(fake.eventsOn('a').at(-1)).toContain('announcing from node "w3-k8s"')
  })

  it('leaves the ServiceL2Status of a dead node as it was: its status is immutable', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    fake.lab.power.set('w1-k8s', false)
    fake.clock.forward(15_000)
    expect(fake.eventsOn('a').at(-1)).toContain('announcing from node "w3-k8s"')
    expect(statuses(fake)).toEqual(['a w1-k8s'])
    expect(fake.logs.some((line) => line.includes('status.node: Invalid value: \\"w3-k8s\\": Value is immutable'))).toBe(true)
    expect(fake.logs.some((line) => line.includes('Marking w1-k8s as failed, suspect timeout reached'))).toBe(true)
  })

  it.each([
    [
      'overlap',
      { addresses: ['192.168.1.12-192.168.1.20'] },
      'CIDR "192.168.1.12/30" in pool "x" overlaps with already defined CIDR "192.168.1.12/32"',
    ],
    ['nothing', { addresses: [] }, 'parsing address pool x: pool has no prefixes defined'],
    [
      'no range',
      { addresses: ['192.168.3.20-192.168.3.10'] },
      'parsing address pool x: invalid CIDR "192.168.3.20-192.168.3.10" in pool "x": invalid IP range "192.168.3.20-192.168.3.10": start IP "192.168.3.20" is after the end IP "192.168.3.10"',
    ],
  ])('denies a pool with %s', (_what, spec, message) => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p1', { addresses: ['192.168.1.11-192.168.1.12'] })
    expect(admit(fake, { metadata: { name: 'x', namespace: 'metallb-system' }, spec } as never)).toEqual({ allowed: false, message })
  })

  it('denies a pool elsewhere', () => {
    const fake = installed('v0.15.3')
    const object = { metadata: { name: 'x', namespace: 'default' }, spec: { addresses: ['192.168.2.0/24'] } } as never
    expect(admit(fake, object)).toEqual({ allowed: false, message: 'resource must be created in metallb-system namespace' })
  })

  it('says of each service that has an address, at every look, that it updated it: the API server adds the ipMode', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    const updated = fake.logs.filter((line) => line.includes('updated service object'))
    expect(updated.map((line) => JSON.parse(line).caller)).toEqual(['main.go:136', 'main.go:136'])
  })

  it('logs the service that it could not give an address, as Go writes it', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    fake.service('a', { type: 'LoadBalancer', loadBalancerIP: '10.0.0.9' }, ENDPOINTS)
    const line = fake.logs.map((each) => JSON.parse(each)).find(({ event }) => event === 'failed to handle service')
    expect(line).toMatchObject({ caller: 'service_controller.go:112', endpoints: '[]', level: 'error', name: 'default/a' })
    expect(line.service).toMatch(/^\{"kind":"Service","apiVersion":"v1","metadata":\{"name":"a","namespace":"default","uid":/)
  })

  it('announces to BGP peers from every node, and names them in each node’s status', () => {
    const fake = installed('v0.15.3')
    const { store } = fake.lab
    const metadata = { name: 'r', namespace: 'metallb-system' }
    const spec = { myASN: 64_500, peerASN: 64_501, peerAddress: '192.168.1.250' }
    store.create('bgppeers.metallb.io', { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata, spec })
    store.create('bgpadvertisements.metallb.io', { apiVersion: 'metallb.io/v1beta1', kind: 'BGPAdvertisement', metadata, spec: {} })
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    // the sessions are locked for the ten seconds in which they find out that nobody answers
    fake.clock.forward(20_000)
    expect(
      store
        .list('servicebgpstatuses.metallb.io')
        .map(({ status }) => `${status?.node} ${status?.peers}`)
        .toSorted(),
    ).toEqual(['w1-k8s r', 'w2-k8s r', 'w3-k8s r'])
    expect(fake.eventsOn('a').filter((event) => event.includes('with protocol "bgp"'))).toHaveLength(3)
    expect(fake.logs.some((line) => line.includes('"error":"dial \\"192.168.1.250\\": timeout"'))).toBe(true)
    store.delete('bgpadvertisements.metallb.io', 'metallb-system', 'r')
    fake.clock.forward(20_000)
    expect(store.list('servicebgpstatuses.metallb.io')).toEqual([])
    expect(fake.faults).toEqual([])
  })

  it('makes its status again where somebody deletes it', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', {})
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    for (const { metadata } of fake.lab.store.list('servicel2statuses.metallb.io'))
      fake.lab.store.delete('servicel2statuses.metallb.io', 'metallb-system', metadata.name)
    fake.clock.forward(1_000)
    expect(statuses(fake)).toEqual(['a w1-k8s'])
  })

  it('cannot announce on an interface that no node has', () => {
    const fake = installed('v0.15.3')
    create(fake, 'IPAddressPool', 'p', { addresses: ['192.168.1.11/32'] })
    create(fake, 'L2Advertisement', 'l2', { interfaces: ['ens99'] })
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    expect(fake.eventsOn('a').some((event) => event.startsWith('Warning announceFailed metallb-speaker the interfaces specified by'))).toBe(
      true,
    )
    expect(statuses(fake)).toEqual([])
  })

  it('reports a configuration that it cannot read', () => {
    const fake = installed('v0.15.3')
    const metadata = { name: 'fast', namespace: 'metallb-system' }
    fake.lab.store.create('bfdprofiles.metallb.io', { apiVersion: 'metallb.io/v1beta1', kind: 'BFDProfile', metadata, spec: {} })
    fake.clock.forward(1_000)
    const told = fake.lab.store.list('configurationstates.metallb.io').map(({ status }) => status?.errorSummary ?? '')
    expect(told).toEqual(['', ...NODES.map(() => 'configuration error: bfd profiles section set')])
  })

  it('reports its configuration', () => {
    const fake = installed('v0.15.3')
    expect(
      fake.lab.store.list('configurationstates.metallb.io').map(({ metadata, status }) => `${metadata.name} ${status.result}`),
    ).toEqual(['controller Valid', ...NODES.map((node) => `speaker-${node} Valid`)])
  })
})

describe('MetalLB 0.9', () => {
  it('reads the ConfigMap, and elects among the nodes that have an endpoint', () => {
    const fake = installed('v0.9.6')
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    fake.lab.store.create('endpoints', {
      metadata: { name: 'a', namespace: 'default' },
      subsets: [
        { addresses: ENDPOINTS.map(({ address, node }) => ({ ip: address, nodeName: node })), ports: [{ port: 80, protocol: 'TCP' }] },
      ],
    })
    fake.lab.store.create('configmaps', {
      metadata: { name: 'config', namespace: 'metallb-system' },
      data: { config: 'address-pools:\n- name: a\n  protocol: layer2\n  addresses: [192.168.1.11-192.168.1.19]\n' },
    })
    fake.clock.forward(2_000)
    expect(addressOf(fake, 'a')).toBe('192.168.1.11')
    expect(fake.eventsOn('a')[0]).toBe('Normal IPAllocated metallb-controller Assigned IP "192.168.1.11" x1')
    expect(fake.eventsOn('a')[1]).toMatch(/^Normal nodeAssigned metallb-speaker announcing from node "w[12]-k8s" x1$/)
    expect(fake.faults).toEqual([])
  })
})

describe('the log of MetalLB 0.9', () => {
  const logged = (fake: FakeLab, caller: string): Record<string, unknown>[] =>
    fake.logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['caller'] === caller)
  const configure = (fake: FakeLab, config: string): void => {
    const object = { metadata: { name: 'config', namespace: 'metallb-system' }, data: { config } }
    if (fake.lab.store.get('configmaps', 'metallb-system', 'config'))
      fake.lab.store.mutate('configmaps', 'metallb-system', 'config', (copy) => void (copy['data'] = object.data))
    else fake.lab.store.create('configmaps', object)
    fake.clock.forward(1_000)
  }
  const POOL = 'address-pools:\n- name: a\n  protocol: layer2\n  addresses: [192.168.1.11/32]\n'

  it('says what it cannot read, and that it goes on with what it had', () => {
    const fake = installed('v0.9.6')
    configure(fake, POOL.replace('addresses', 'adresses'))
    expect(logged(fake, 'k8s.go:388')[0]).toMatchObject({
      configmap: 'metallb-system/config',
      error: 'could not parse config: yaml: unmarshal errors:\n  line 4: field adresses not found in type config.addressPool',
      event: 'configStale',
      msg: 'config (re)load failed, config marked stale',
    })
    configure(fake, POOL)
    // the controller and four speakers
    expect(logged(fake, 'k8s.go:403')).toHaveLength(5)
  })

  it('refuses a configuration that would take an address away', () => {
    const fake = installed('v0.9.6')
    configure(fake, POOL)
    fake.service('a', { type: 'LoadBalancer' }, ENDPOINTS)
    configure(fake, POOL.replace('192.168.1.11', '192.168.1.12'))
    expect(logged(fake, 'main.go:117')[0]).toMatchObject({
      error: 'new config not compatible with assigned IPs: service "default/a" cannot own "192.168.1.11" under new config',
      op: 'setConfig',
    })
    expect(addressOf(fake, 'a')).toBe('192.168.1.11')
  })

  it('looks for a configuration that is gone again and again', () => {
    const fake = installed('v0.9.6')
    configure(fake, POOL)
    fake.lab.store.delete('configmaps', 'metallb-system', 'config')
    fake.clock.forward(1_000)
    expect(logged(fake, 'main.go:112').length).toBeGreaterThan(5)
  })
})

function installedSpeaker(fake: FakeLab): { terminate(): void } {
  return fake.containerOn('speaker-w1-k8s', 'w1-k8s')
}

function admit(fake: FakeLab, object: KubeObject): unknown {
  const handler = fake.lab.admission.handler({
    namespace: 'metallb-system',
    name: 'metallb-webhook-service',
    path: '/validate-metallb-io-v1beta1-ipaddresspool',
  })
  return handler?.({
    operation: 'CREATE',
    resource: { group: 'metallb.io', version: 'v1beta1', resource: 'ipaddresspools' },
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    object,
    oldObject: null,
    dryRun: false,
  })
}
