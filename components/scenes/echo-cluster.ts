/** The cluster of the talk's own labs: four nodes, the deployment lb-hname-pods, its Service. Places and names agree with the labs' pictures. */
import type { TopologyChange, TopologyService } from '../../server/protocol/topology.ts'
import { ADDRESS, hopsTo, neighbours, nodes, pod, request, service } from './scene-parts.ts'

export const APP = 'lb-hname-pods'
const SERVICE = 'lb-hname-svc'

const PODS: [last: string, node: string, address: string][] = [
  ['4t5lz', 'w1-k8s', '172.16.1.4'],
  ['jn6hr', 'w1-k8s', '172.16.1.3'],
  ['96wqb', 'w2-k8s', '172.16.2.4'],
  ['dct2x', 'w2-k8s', '172.16.2.5'],
  ['lfxzt', 'w3-k8s', '172.16.3.4'],
  ['lwpbz', 'w3-k8s', '172.16.3.3'],
]

const nameOf = (last: string, app = APP): string => `${app}-f54cc64dd-${last}`

/** Six pods, two a worker. */
export function sixPods(app = APP): TopologyChange[] {
  return PODS.map(([last, node, address], order) => pod(app, last, node, address, order))
}

/** One pod on each worker. */
export function threePods(app = APP): TopologyChange[] {
  return PODS.filter((_, index) => index % 2 === 0).map(([last, node, address], order) => pod(app, last, node, address, order))
}

/** The names of the pods with these endings, as a Service lists its endpoints. */
export function endpoints(...lasts: string[]): string[] {
  return (lasts.length > 0 ? lasts : PODS.map(([last]) => last)).map((last) => nameOf(last))
}

/** A request to `url` that enters at `entry` and is answered by the pod with that ending. */
export function echo(url: string, entry: string, last: string, app = APP, svc = SERVICE, asked = true): ReturnType<typeof request> {
  const [, host = ''] = PODS.find(([own]) => own === last) ?? []
  return request(`${entry}>${last}`, url, hopsTo(new URL(url).hostname, entry, svc, nameOf(last, app), host, asked))
}

/** The Service of type LoadBalancer; `more` says how far it has come. */
export function balancer(more: Partial<TopologyService> = {}): TopologyChange {
  return service(SERVICE, 'LoadBalancer', { endpoints: endpoints(), ...more })
}

export const HELD = { externalAddresses: [ADDRESS], announcedBy: 'w1-k8s' }

/** Four nodes and six pods, nothing installed. */
export function bareCluster(): TopologyChange[] {
  return [...nodes(), ...sixPods()]
}

/** The client knows who answers for the address. */
export function known(): TopologyChange {
  return neighbours([ADDRESS, 'w1-k8s'])
}
