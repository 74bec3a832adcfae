/** Lifecycle hooks of a container, as kubelet's handler runner: a command in it, a request to the pod, or time that passes. */
import type { Timer } from '../clock.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { NodeRuntime } from './node-runtime.ts'

export interface HookedPod {
  readonly runtime: NodeRuntime
  readonly sandbox: Sandbox | null
  readonly podName: string
  /** A timer of the pod: it ends with the pod. */
  after(ms: number, fire: () => void): Timer
}

/** Runs a hook of `record`. `done` gets null, or what the kubelet writes down of a hook that failed; not at once, and not where the pod ends before. */
export function runHook(
  pod: HookedPod,
  record: ContainerRecord,
  hook: 'postStart' | 'preStop',
  done: (failure: string | null) => void,
): void {
  const handler = record.spec.lifecycle?.[hook]
  const failed = (kind: string, detail: string, why: string): string =>
    `${kind} lifecycle hook (${detail}) for Container "${record.spec.name}" in Pod "${pod.podName}" failed - error: ${why}`
  if (handler?.exec) {
    const { command } = handler.exec
    runCommand(record, command, (why, output) =>
      done(why === null ? null : failed('Exec', `[${command.join(' ')}]`, `${why}, message: ${JSON.stringify(output)}`)),
    )
  } else if (handler?.httpGet) {
    pod.after(1, () => {
      const why = request(pod, record, handler.httpGet)
      done(why === null ? null : failed('HTTP', handler.httpGet.path ?? '/', why))
    })
  } else pod.after(Number(handler?.sleep?.seconds ?? 0) * 1000, () => done(null))
}

function runCommand(record: ContainerRecord, command: string[], done: (why: string | null, output: string) => void): void {
  const exec = record.running?.exec
  if (!exec) return done(`exec: "${command[0]}": executable file not found in $PATH`, '')
  let out = ''
  let err = ''
  exec.call(record.running, command, false, {
    stdout: (data) => void (out += data),
    stderr: (data) => void (err += data),
    exit: (code) => done(code === 0 ? null : `command '${command.join(' ')}' exited with ${code}: ${err}`, out + err),
    fail: (message) => done(`rpc error: code = Unknown desc = ${message}`, ''),
  })
}

/** Any answer will do, whatever its status. */
function request(pod: HookedPod, record: ContainerRecord, get: Record<string, string> & { port: number | string }): string | null {
  const ip = pod.sandbox?.ip ?? ''
  const host = get['host'] ?? ip
  const named = record.spec.ports?.find((port: { name?: string }) => port.name === get.port)
  const port: number = named?.containerPort ?? Number(get.port)
  const path = get['path'] ?? '/'
  const listener = [ip, '127.0.0.1', 'localhost'].includes(host) ? pod.sandbox?.listeners.get(port) : undefined
  const url = `${(get['scheme'] ?? 'HTTP').toLowerCase()}://${host}:${port}${path.startsWith('/') ? '' : '/'}${path}`
  if (!listener) return `Get "${url}": dial tcp ${host}:${port}: connect: connection refused`
  const { address, minor } = pod.runtime
  listener.handle({
    method: 'GET',
    path,
    headers: { 'user-agent': `kube-lifecycle/1.${minor}`, host: `${host}:${port}` },
    body: '',
    from: address,
  })
  return null
}
