/** Lifecycle hooks of a container, as kubelet's handler runner: a command in it, a request to the pod, or time that passes. */
import type { Timer } from '../clock.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { httpGet } from './pod-request.ts'

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
      // any answer will do, whatever its status
      const answer = httpGet(pod, record, handler.httpGet, 'kube-lifecycle')
      done('error' in answer ? failed('HTTP', handler.httpGet.path ?? '/', answer.error) : null)
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
