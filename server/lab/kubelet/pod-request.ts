/** What a kubelet asks of its own pods over their network: probes and lifecycle hooks (pkg/probe/http, lifecycle's handlers). */
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { NodeRuntime } from './node-runtime.ts'

/** An httpGet action, of a probe or of a hook. */
export interface HttpGetAction {
  host?: string
  port: number | string
  path?: string
  scheme?: string
}

interface AskedPod {
  readonly runtime: NodeRuntime
  readonly sandbox: Sandbox | null
}

/** A port that an action names by its number or by its name in the container. */
export function portOf({ spec }: ContainerRecord, value: number | string): number {
  if (typeof value === 'number') return value
  const named = spec.ports?.find(({ name }: { name?: string }) => name === value)
  return named?.containerPort ?? Number(value)
}

/** Who listens there, as far as `host` is the pod itself; no host: its address. */
export function listenerAt({ sandbox }: AskedPod, host: string | undefined, port: number) {
  const isPod = host === undefined || host === sandbox?.ip || host === '127.0.0.1' || host === 'localhost'
  return isPod ? sandbox?.listeners.get(port) : undefined
}

export function refusal(host: string, port: number): string {
  return `dial tcp ${host}:${port}: connect: connection refused`
}

/** Sends it in the name of a `program` of the kubelet's; an error in Go's words where nobody listens. */
export function httpGet(
  pod: AskedPod,
  record: ContainerRecord,
  action: HttpGetAction,
  program: 'kube-probe' | 'kube-lifecycle',
): { status: number } | { error: string } {
  const { host = pod.sandbox?.ip ?? '', path = '/', scheme = 'HTTP' } = action
  const port = portOf(record, action.port)
  const listener = listenerAt(pod, action.host, port)
  if (!listener) {
    const url = `${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`
    return { error: `Get "${url}": ${refusal(host, port)}` }
  }
  const { address, minor } = pod.runtime
  const headers = { 'user-agent': `${program}/1.${minor}`, host: `${host}:${port}` }
  return { status: listener.handle({ method: 'GET', path, headers, body: '', from: address }).status }
}
