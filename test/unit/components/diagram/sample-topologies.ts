import fc from 'fast-check'
import { emptyTopology, type Topology, type TopologyChange, type TopologyPod } from '../../../../server/protocol/topology.ts'
import { balancer, bareCluster, echo, HELD, known, sixPods } from '../../../../components/scenes/echo-cluster.ts'
import { ADDRESS, controller, fold, metallb, node, nodes, pod, service } from '../../../../components/scenes/scene-parts.ts'

/** When the samples begin, ms since the epoch. */
export const T0 = Date.UTC(2026, 10, 24, 1)

const LONG = 'ap-northeast-2.compute.internal'
const running = [...nodes('running'), metallb(), ...sixPods(), controller('w2-k8s', '172.16.2.2'), balancer(HELD), known()]
const off: TopologyChange = { op: 'power', node: 'w1-k8s', on: false, at: T0 }
const moved: TopologyChange = { op: 'gratuitous-arp', address: ADDRESS, host: 'w3-k8s', at: T0 + 7_200 }
const held: TopologyChange = { op: 'gratuitous-arp', address: ADDRESS, host: 'w1-k8s', at: T0 - 60_000 }

function many(count: number, on: (index: number) => string): TopologyChange[] {
  return Array.from({ length: count }, (_, i) =>
    pod('lb-hname-pods', `abc${String.fromCharCode(97 + (i % 26))}${i % 10}`, on(i), `172.16.123.${100 + i}`, i, { uid: `pod-${i}` }),
  )
}

/** Clusters as the talk meets them, and as real ones may be. */
export const SAMPLES: Record<string, Topology> = {
  'nothing yet': emptyTopology(),
  'a bare cluster': fold(bareCluster()),
  pending: fold([...bareCluster(), balancer()]),
  NodePort: fold([
    ...bareCluster(),
    service('np-svc', 'NodePort', { ports: [{ name: null, port: 80, targetPort: '80', nodePort: 30080, protocol: 'TCP' }] }),
  ]),
  'an address that somebody holds': fold([
    ...running,
    { op: 'request', request: { ...echo(`http://${ADDRESS}`, 'w1-k8s', 'dct2x'), at: T0 } },
  ]),
  'an address that nobody answers for': fold([...running, balancer({ externalAddresses: [ADDRESS] })]),
  'the holder is off': fold([...running, held, off]),
  'the address has moved': fold([...running, held, off, moved]),
  'the cluster has noticed': fold([...running, held, off, moved, node('w1-k8s', { ready: 'Unknown', readySince: T0 + 50_000 })]),
  'a cordoned node and pods in trouble': fold([
    ...running,
    node('w2-k8s', { schedulable: false, speaker: 'starting' }),
    pod('lb-hname-pods', 'zzzz1', 'w3-k8s', '172.16.3.9', 20, { status: 'ImagePullBackOff', ready: false }),
    pod('lb-hname-pods', 'zzzz2', 'w3-k8s', '172.16.3.8', 21, { status: 'CreateContainerConfigError', ready: false, address: null }),
    pod('lb-hname-pods', 'zzzz3', 'w1-k8s', '172.16.1.9', 22, { status: 'Terminating', terminating: true }),
    { op: 'pod', pod: { ...unscheduled('zzzz4'), createdAt: T0 } },
  ]),
  'thirty pods': fold([...nodes('running'), metallb(), ...many(30, (i) => `w${1 + (i % 3)}-k8s`), balancer(HELD)]),
  'one node': fold([
    node('kind-control-plane', { controlPlane: true, address: '172.18.0.2' }),
    ...many(9, () => 'kind-control-plane'),
    balancer(),
  ]),
  'eight nodes with long names': fold([
    ...Array.from({ length: 8 }, (_, i) => node(`ip-192-168-121-10${i}.${LONG}`, { address: `192.168.121.10${i}`, speaker: 'running' })),
    metallb(),
    ...many(30, (i) => `ip-192-168-121-10${i % 8}.${LONG}`),
    service('a-service-with-quite-a-long-name-for-a-card', 'LoadBalancer', {
      externalAddresses: ['192.168.121.211'],
      announcedBy: `ip-192-168-121-103.${LONG}`,
      ports: [80, 443, 8080].map((port) => ({ name: `p${port}`, port, targetPort: '80', nodePort: 30000 + port, protocol: 'TCP' })),
      endpoints: Array.from({ length: 28 }, (_, i) => `pod-${i}`),
      notReadyEndpoints: 2,
    }),
  ]),
  'an IPv6 address': fold([
    ...nodes('running'),
    metallb(),
    service('six', 'LoadBalancer', { externalAddresses: ['2001:0db8:85a3:0000:0000:8a2e:0370:7334'], announcedBy: 'w2-k8s' }),
    {
      op: 'neighbours',
      neighbours: [{ address: '2001:0db8:85a3:0000:0000:8a2e:0370:7334', host: 'w2-k8s', mac: null, state: 'reachable' }],
    },
  ]),
}

export const HEIGHTS = [388, 400, 412, 512, 640, 760]

export function unscheduled(name: string): TopologyPod {
  return {
    uid: name,
    name,
    namespace: 'default',
    labels: {},
    node: null,
    address: null,
    status: 'Pending',
    ready: false,
    terminating: false,
    createdAt: T0,
  }
}

/** A history of pods that come, are moved away and go: at each step the pods that there are. */
export const podHistories = fc
  .array(fc.tuple(fc.constantFrom('add', 'remove'), fc.nat(40), fc.constantFrom('w1', 'w2', 'w3')), { maxLength: 60 })
  .map((steps) => {
    const present = new Map<string, TopologyPod>()
    return steps.map(([step, number, on], index) => {
      const uid = `pod-${number}`
      if (step === 'remove') present.delete(uid)
      else if (!present.has(uid)) present.set(uid, { ...unscheduled(uid), node: on, createdAt: T0 + index })
      return [...present.values()]
    })
  })
