/** A connection into a pod's own network, as containerd's PortForward opens it: to localhost inside the sandbox, past every service and policy. */
import { createHash } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { answerHttp } from '../machinery/http-connection.ts'
import type { PodWorker } from './pod-worker.ts'

/** Where the pod sees such a connection come from. */
const FROM = '127.0.0.1'

/** Joins the connection to whoever listens at the port, request by request. Returns why it cannot, in the words of kubelet and containerd, or null. */
export function forwardTo(worker: PodWorker, port: number, connection: Duplex): string | null {
  const { pod } = worker
  const listenerAt = () => worker.sandbox?.listeners.get(port)
  if (listenerAt()) {
    const { clock } = worker.runtime.context
    answerHttp(
      connection,
      () => clock.now(),
      (request) => listenerAt()?.handle({ ...request, from: FROM }) ?? 'reset',
    )
    return null
  }
  const id = sandboxId(pod.metadata.uid)
  const why = worker.sandbox
    ? `failed to execute portforward in network namespace "${networkNamespace(id)}": failed to connect to localhost:${port} inside namespace "${id}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `
    : `failed to find sandbox "${id}" in store: not found`
  return `error forwarding port ${port} to pod ${id}, uid : ${why}`
}

/** An id of the sandbox's shape; nothing else shows it, so it is drawn from the pod's. */
function sandboxId(uid: string): string {
  return createHash('sha256').update(uid).digest('hex')
}

function networkNamespace(id: string): string {
  const [, ...parts] = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(id) as RegExpExecArray
  return `/var/run/netns/cni-${parts.join('-')}`
}
