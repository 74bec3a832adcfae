/** What listens on the machines themselves: the API server, the kubelets and kube-proxy's health checks. */
import type { NetworkRequest } from '../contracts/network.ts'
import type { HttpResponse } from '../machinery/http.ts'
import { rfc3339NanoFixed } from '../resources/kit/time.ts'
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
  host: { node: string; controlPlane: boolean; proxy: KubeProxy | undefined; /** Of the cluster's version. */ minor: number; now: number },
): HttpResponse | null {
  if (port === KUBELET || (port === API_SERVER && host.controlPlane))
    return { status: 400, headers: {}, body: 'Client sent an HTTP request to an HTTPS server.\n' }
  if (port === KUBE_PROXY_HEALTH) {
    const known = request.path === '/healthz' || request.path === '/livez'
    return known
      ? json(200, proxyHealth(host, request.path === '/healthz'))
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
  const body = {
    service: { namespace: rules.namespace, name: rules.name },
    localEndpoints: local.size,
    ...(host.minor >= 27 ? { serviceProxyHealthy: true } : {}),
  }
  const weight: Record<string, string> = host.minor >= 31 ? { 'x-load-balancing-endpoint-weight': String(local.size) } : {}
  return json(local.size > 0 ? 200 : 503, JSON.stringify(body, null, '\t'), weight)
}

/** What kube-proxy tells of itself (pkg/proxy/healthcheck/proxy_health.go); older ones only the times. */
function proxyHealth(host: { proxy: KubeProxy | undefined; minor: number; now: number }, eligibility: boolean): string {
  const now = rfc3339NanoFixed(host.now)
  const written = rfc3339NanoFixed(host.proxy?.writtenAt() ?? host.now)
  if (host.minor < 35)
    return `{"lastUpdated": ${JSON.stringify(now)},"currentTime": ${JSON.stringify(now)}${eligibility && host.minor >= 28 ? ', "nodeEligible": true' : ''}}`
  return JSON.stringify({
    lastUpdated: now,
    currentTime: now,
    ...(eligibility ? { nodeEligible: true } : {}),
    healthy: true,
    status: { IPv4: { lastUpdated: written, healthy: true }, IPv6: { lastUpdated: written, healthy: true } },
  })
}

function json(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', ...headers }, body }
}
