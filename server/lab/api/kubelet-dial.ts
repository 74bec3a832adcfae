/** How the API server's call to a kubelet fails whose machine is off: by the network, after as long as that takes. */
import type { LabContext } from '../context.ts'
import type { KubeObject } from '../resources/definition.ts'

const KUBELET_PORT = 10250
/** The API server's dialer waits no longer for a connection, ms. */
const DIAL_TIMEOUT = 30_000

/** Whether the machine of a pod is off, so that a call to its kubelet will fail. */
export function isOffline(lab: LabContext, pod: KubeObject): boolean {
  return pod.spec?.nodeName !== undefined && !lab.power.isOn(pod.spec.nodeName)
}

/** Calls `failed` with Go's words for what became of the call: `Get "https://192.168.1.101:10250/...": dial tcp ...: i/o timeout`. */
export function dialKubelet(lab: LabContext, pod: KubeObject, method: 'Get' | 'Post', path: string, failed: (error: string) => void): void {
  const node = lab.preset.nodes.find(({ name }) => name === pod.spec.nodeName)
  const from = lab.preset.nodes.find(({ controlPlane }) => controlPlane)
  const at = `${node?.address ?? pod.spec.nodeName}:${KUBELET_PORT}`
  const fail = (why: string): void => failed(`${method} ${JSON.stringify(`https://${at}${path}`)}: dial tcp ${at}: ${why}`)
  if (!node || !from || !lab.network) return fail('connect: no route to host')
  const sent = lab.network.request(
    { from: 'node', node: from.name },
    { host: node.address, port: KUBELET_PORT, method: 'GET', path, headers: {}, body: '', connectOnly: true },
    ({ outcome }) => {
      patience.cancel()
      fail(outcome === 'unreachable' ? 'connect: no route to host' : 'connect: connection refused')
    },
  )
  const patience = lab.clock.after(DIAL_TIMEOUT, () => {
    sent.cancel()
    fail('i/o timeout')
  })
}
