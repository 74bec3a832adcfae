/** What listens on the machines themselves: the API server, the kubelets and kube-proxy's health checks. */
import type { NetworkRequest } from '../context.ts'
import type { OutgoingResponse } from '../kubelet/image.ts'
import type { KubeProxy } from './kube-proxy.ts'
import { candidates } from './service-rules.ts'

const API_SERVER = 6443
const KUBELET = 10250
const KUBE_PROXY_HEALTH = 10256

/** Ports of the machines themselves that may be open. */
export const HOST_PORTS = [API_SERVER, KUBELET, KUBE_PROXY_HEALTH]

/** The answer of a machine's own port, or null where it is closed. */
export function answerHostPort(
  port: number,
  request: NetworkRequest,
  host: { node: string; controlPlane: boolean; proxy: KubeProxy | undefined },
): OutgoingResponse | null {
  if (port === KUBELET || (port === API_SERVER && host.controlPlane))
    return { status: 400, headers: {}, body: 'Client sent an HTTP request to an HTTPS server.\n' }
  if (port === KUBE_PROXY_HEALTH) {
    const known = request.path === '/healthz' || request.path === '/livez'
    return known
      ? json(200, { nodeEligible: true })
      : { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' }
  }
  const rules = host.proxy?.healthCheck(port)
  if (!rules) return null
  const local = new Set(
    rules.ports.flatMap((each) => {
      const left = candidates(each, 'Local', host.node)
      return 'none' in left ? [] : left.endpoints.map(({ address }) => address)
    }),
  )
  return json(local.size > 0 ? 200 : 503, {
    service: { namespace: rules.namespace, name: rules.name },
    localEndpoints: local.size,
    serviceProxyHealthy: true,
  })
}

function json(status: number, body: object): OutgoingResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) + '\n' }
}
