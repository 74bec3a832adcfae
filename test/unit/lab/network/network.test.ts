import { describe, expect, it } from 'vitest'
import { FakeLab } from '../fake-lab.ts'

const P1 = { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' }
const P2 = { pod: 'p2', node: 'w2-k8s', address: '172.16.2.2' }

function twoPods(spec: Record<string, unknown>, ingress: string[] = []): FakeLab {
  const fake = new FakeLab()
  fake.pod('p1', P1.node, P1.address)
  fake.pod('p2', P2.node, P2.address)
  fake.service('web', spec, [P1, P2], ingress)
  return fake
}

const bodies = (fake: FakeLab, count: number, host: string, port = 80): string[] =>
  Array.from({ length: count }, () => {
    const { outcome } = fake.request(host, { port })
    return outcome?.outcome === 'answered' ? outcome.response.body.trim() : String(outcome?.outcome ?? 'lost')
  })

describe('a NodePort', () => {
  const nodePort = { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }

  it('is open on every node, and any pod may answer', () => {
    const fake = twoPods(nodePort)
    for (const host of ['192.168.1.10', '192.168.1.101', '192.168.1.103'])
      expect(new Set(bodies(fake, 20, host, 30080))).toEqual(new Set(['p1', 'p2']))
  })

  it('shows its way hop by hop, the extra hop too', () => {
    const fake = twoPods({ ...nodePort, selector: { app: 'web' } })
    fake.setEndpoints('web', [P2])
    fake.request('192.168.1.101', { port: 30080 })
    expect(fake.events.at(-1)).toMatchObject({
      op: 'request',
      request: {
        url: 'http://192.168.1.101:30080',
        outcome: 'answered',
        pod: 'p2',
        hops: [
          { hop: 'arp', address: '192.168.1.101', answeredBy: 'w1-k8s' },
          { hop: 'frame', from: 'client', to: 'w1-k8s', alive: true },
          { hop: 'proxy', node: 'w1-k8s', service: 'web', pod: 'p2', sourceRewritten: true },
          { hop: 'frame', from: 'w1-k8s', to: 'w2-k8s', alive: true },
          { hop: 'pod', node: 'w2-k8s', pod: 'p2', answered: true },
        ],
      },
    })
  })

  it('asks by ARP once, and knows the neighbour afterwards', () => {
    const fake = twoPods(nodePort)
    bodies(fake, 3, '192.168.1.101', 30080)
    expect(
      fake.events
        .filter(({ op }) => op === 'request')
        .map((event) => (event as never as { request: { hops: { hop: string }[] } }).request.hops[0]?.hop),
    ).toEqual(['arp', 'frame', 'frame'])
    expect(fake.lab.network?.neighbours()).toEqual([
      { address: '192.168.1.101', host: 'w1-k8s', mac: '08:00:27:f2:5b:3f', state: 'reachable' },
    ])
  })

  it('refuses at a port that no service has, and where a service has no endpoints', () => {
    const fake = twoPods(nodePort)
    expect(fake.request('192.168.1.101', { port: 30081 }).outcome).toEqual({ outcome: 'refused' })
    fake.setEndpoints('web', [])
    expect(fake.request('192.168.1.101', { port: 30080 }).outcome).toEqual({ outcome: 'refused' })
  })

  it('is silent under policy Local on a node without an endpoint, and keeps the source address on one with', () => {
    const fake = twoPods({ ...nodePort, externalTrafficPolicy: 'Local' })
    expect(fake.request('192.168.1.103', { port: 30080 })).toEqual({ outcome: null, after: 3_000 })
    expect(fake.request('192.168.1.101', { port: 30080 }).outcome).toMatchObject({
      response: { body: 'p1\n', headers: { from: '192.168.1.1' } },
    })
  })

  it('rewrites the source address under policy Cluster', () => {
    const fake = twoPods(nodePort)
    fake.setEndpoints('web', [P2])
    expect(fake.request('192.168.1.101', { port: 30080 }).outcome).toMatchObject({ response: { headers: { from: '192.168.1.101' } } })
    expect(fake.request('192.168.1.102', { port: 30080 }).outcome).toMatchObject({ response: { headers: { from: '172.16.2.1' } } })
  })

  it('answers again from a pod that is left, a moment after the endpoints have changed', () => {
    const fake = twoPods(nodePort)
    fake.setEndpoints('web', [P1])
    expect(new Set(bodies(fake, 10, '192.168.1.102', 30080))).toEqual(new Set(['p1']))
  })

  it('leads to a machine where somebody wrote its address as an endpoint', () => {
    const fake = new FakeLab()
    fake.pod('h', 'w2-k8s', '192.168.1.102', { hostNetwork: true, port: 8080 })
    fake.service('web', nodePort, [])
    const endpoints = (port: number): void => {
      fake.lab.store.mutate('endpointslices.discovery.k8s.io', 'default', 'web-slice', (slice) => {
        Object.assign(slice, { ports: [{ name: '', port, protocol: 'TCP' }], endpoints: [{ addresses: ['192.168.1.102'] }] })
      })
      fake.clock.forward(2_000)
    }
    endpoints(8080)
    expect(bodies(fake, 1, '192.168.1.101', 30080)).toEqual(['h'])
    endpoints(81)
    expect(fake.request('192.168.1.101', { port: 30080 }).outcome).toEqual({ outcome: 'refused' })
    expect([...fake.lab.network!.foresee('192.168.1.101', 30080)]).toEqual(['refused'])
  })

  it('keeps a client with its pod under session affinity', () => {
    const fake = twoPods({ ...nodePort, sessionAffinity: 'ClientIP' })
    expect(new Set(bodies(fake, 20, '192.168.1.103', 30080)).size).toBe(1)
  })
})

describe('an address of a load balancer', () => {
  const balancer = { type: 'LoadBalancer' }

  it('is unreachable while nobody announces it: silence for three seconds, then no route to host', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    expect(fake.request('192.168.1.11')).toEqual({ outcome: null, after: 3_000 })
    expect(fake.request('192.168.1.11', { patience: 10_000 })).toMatchObject({ outcome: { outcome: 'unreachable', why: 'no-route' } })
  })

  it('is answered for by the node that announces it, whichever pod then answers', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    fake.lab.network?.lan('w3-k8s').announce('192.168.1.11')
    expect(new Set(bodies(fake, 20, '192.168.1.11'))).toEqual(new Set(['p1', 'p2']))
    expect(fake.lab.network?.neighbours()[0]).toMatchObject({ address: '192.168.1.11', host: 'w3-k8s' })
  })

  it('is unreachable at a port that its service does not have', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    fake.lab.network?.lan('w3-k8s').announce('192.168.1.11')
    expect(fake.request('192.168.1.11', { port: 81, patience: 10_000 })).toMatchObject({ outcome: { outcome: 'unreachable' } })
  })

  it('is silent where its service has no endpoints, though somebody still remembers who held it', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    fake.lab.network?.lan('w3-k8s').announce('192.168.1.11')
    bodies(fake, 1, '192.168.1.11')
    fake.setEndpoints('web', [])
    expect(fake.request('192.168.1.11')).toEqual({ outcome: null, after: 3_000 })
  })

  it('is a short cut from inside, announced or not', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    const source = { from: 'pod', node: 'w1-k8s', namespace: 'default', pod: 'p1', address: '172.16.1.2' } as const
    expect(fake.request('192.168.1.11', { source }).outcome).toMatchObject({ outcome: 'answered' })
  })

  it('goes on to the dead machine until a gratuitous ARP tells of another one', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    const { network, power } = fake.lab
    network?.lan('w1-k8s').announce('192.168.1.11')
    bodies(fake, 1, '192.168.1.11')
    power.set('w1-k8s', false)
    expect(bodies(fake, 2, '192.168.1.11')).toEqual(['lost', 'lost'])
    expect(fake.events.at(-1)).toMatchObject({ request: { outcome: 'lost', hops: [{ hop: 'frame', to: 'w1-k8s', alive: false }] } })
    fake.setEndpoints('web', [P2])
    network?.lan('w3-k8s').announce('192.168.1.11')
    network?.lan('w3-k8s').gratuitousArp('192.168.1.11')
    expect(bodies(fake, 2, '192.168.1.11')).toEqual(['p2', 'p2'])
  })

  it('is found anew when the neighbour has been dead for so long that its entry fails', () => {
    const fake = twoPods(balancer, ['192.168.1.11'])
    const { network, power } = fake.lab
    network?.lan('w1-k8s').announce('192.168.1.11')
    bodies(fake, 1, '192.168.1.11')
    power.set('w1-k8s', false)
    network?.lan('w1-k8s').withdraw('192.168.1.11')
    fake.setEndpoints('web', [P2])
    network?.lan('w3-k8s').announce('192.168.1.11')
    const outcomes = bodies(fake, 25, '192.168.1.11')
    expect(outcomes[0]).toBe('lost')
    expect(outcomes.at(-1)).toBe('p2')
  })
})

describe('a port of the machine that a pod asks for', () => {
  it('leads to the pod from outside, on its node alone', () => {
    const fake = new FakeLab()
    const { store } = fake.lab
    fake.pod('p1', 'w1-k8s', '172.16.1.2')
    store.delete('pods', 'default', 'p1', { gracePeriodSeconds: 0 })
    store.create('pods', {
      metadata: { name: 'p1', namespace: 'default' },
      spec: { nodeName: 'w1-k8s', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 8088 }] }] },
    })
    store.mutate('pods', 'default', 'p1', (pod) => void (pod.status = { phase: 'Running', podIP: '172.16.1.2' }), { subresource: 'status' })
    expect(bodies(fake, 1, '192.168.1.101', 8088)).toEqual(['p1'])
    expect(fake.request('192.168.1.102', { port: 8088 }).outcome).toEqual({ outcome: 'refused' })
    expect(fake.lab.network?.doors().find(({ host }) => host === '192.168.1.101')?.ports).toContain(8088)
  })
})

describe('what kube-proxy tells of itself', () => {
  it('is JSON, with the local endpoints of a service under policy Local', () => {
    const fake = twoPods({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31160, ports: [{ port: 80 }] })
    const ask = (host: string, port: number, path = '/'): { status: number; headers: object; body: string } | undefined => {
      const { outcome } = fake.request(host, { port, path })
      return outcome?.outcome === 'answered' ? outcome.response : undefined
    }
    expect(ask('192.168.1.101', 31160)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'x-load-balancing-endpoint-weight': '1' },
      body: '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
    })
    expect(ask('192.168.1.103', 31160)).toMatchObject({ status: 503, headers: { 'x-load-balancing-endpoint-weight': '0' } })
    expect(JSON.parse(ask('192.168.1.103', 10256, '/healthz')?.body ?? '')).toMatchObject({
      nodeEligible: true,
      healthy: true,
      status: { IPv4: { healthy: true } },
    })
  })
})

describe('from inside the cluster', () => {
  const source = { from: 'pod', node: 'w1-k8s', namespace: 'default', pod: 'p1', address: '172.16.1.2' } as const

  const withDns = (): FakeLab => {
    const fake = twoPods({})
    fake.dns()
    return fake
  }

  it.each(['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local', '172-16-2-2.default.pod.cluster.local'])(
    'resolves %s',
    (host) => {
      expect(withDns().request(host, { source }).outcome).toMatchObject({ outcome: 'answered' })
    },
  )

  it('knows no other names', () => {
    expect(withDns().request('nosuch', { source })).toMatchObject({ outcome: { outcome: 'unknown-host' }, after: expect.closeTo(1, 0) })
  })

  it('knows no names at all where no DNS runs, and waits for it', () => {
    expect(twoPods({}).request('web', { source, patience: 6000 })).toMatchObject({ outcome: { outcome: 'unknown-host' }, after: 5000 })
  })

  it('reaches cluster addresses, which a client outside has no route to', () => {
    const fake = twoPods({})
    const address = fake.lab.store.get('services', 'default', 'web')?.spec.clusterIP
    expect(fake.request(address, { source }).outcome).toMatchObject({ outcome: 'answered' })
    expect(fake.request(address).outcome).toEqual({ outcome: 'unreachable', why: 'no-network' })
  })

  it('reaches pods directly, and is refused where they do not listen', () => {
    const fake = twoPods({})
    expect(fake.request('172.16.2.2', { source }).outcome).toMatchObject({ pod: 'p2', response: { headers: { from: '172.16.1.2' } } })
    expect(fake.request('172.16.2.2', { source, port: 81 }).outcome).toEqual({ outcome: 'refused' })
  })

  it('finds ready pods of a headless service', () => {
    const fake = twoPods({ clusterIP: 'None' })
    fake.dns()
    expect(fake.request('web', { source }).outcome).toMatchObject({ outcome: 'answered' })
  })
})

describe('a machine that is off', () => {
  it('answers no ARP: no route to host after three seconds, once nobody remembers it', () => {
    const fake = new FakeLab()
    fake.lab.power.set('w2-k8s', false)
    const { outcome, after } = fake.request('192.168.1.102', { patience: 10_000 })
    expect(outcome).toEqual({ outcome: 'unreachable', why: 'no-route' })
    expect(after).toBeGreaterThanOrEqual(3_000)
    expect(after).toBeLessThan(3_100)
  })

  it('is foreseen without a packet being sent', () => {
    const fake = twoPods({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    const { network, power } = fake.lab
    expect(network?.foresee('192.168.1.103', 30080)).toEqual(new Set(['answered']))
    expect(network?.foresee('192.168.1.103', 30081)).toEqual(new Set(['refused']))
    power.set('w2-k8s', false)
    expect(network?.foresee('192.168.1.103', 30080)).toEqual(new Set(['answered', 'lost']))
    expect(network?.foresee('192.168.1.102', 30080)).toEqual(new Set(['unreachable']))
    expect(network?.foresee('192.168.1.12', 80)).toEqual(new Set(['unreachable']))
    expect(fake.events.filter(({ op }) => op === 'request')).toEqual([])
  })
})

it('sends requests over an open connection to the same pod', () => {
  const fake = twoPods({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
  const { outcome } = fake.request('192.168.1.103', { port: 30080, connectOnly: true })
  if (outcome?.outcome !== 'answered' || !outcome.exchange) throw new Error('not connected')
  const answers = Array.from({ length: 8 }, () => outcome.exchange?.({ method: 'GET', path: '/x', headers: {}, body: '' }))
  expect(new Set(answers.map((answer) => (answer as { body: string }).body)).size).toBe(1)
  expect(fake.events.at(-1)).toMatchObject({ request: { url: 'http://192.168.1.103:30080/x', pod: outcome.pod } })
  expect(fake.faults).toEqual([])
})

it('tells once of a request that is lost, however often its packets are sent again', () => {
  const fake = twoPods({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }], externalTrafficPolicy: 'Local' })
  fake.request('192.168.1.103', { port: 30080, patience: 6_000 })
  expect(fake.events.filter(({ op }) => op === 'request')).toHaveLength(1)
})
