/** One command in a container, or its first process, whatever carries the streams. */
import { ByteDecoder } from '../../machinery/bytes.ts'
import type { ExecOutput, StreamRefusal } from '../../contracts/exec.ts'
import type { LabContext } from '../../context.ts'
import { internalError } from '../../store/api-error.ts'
import { dialKubelet, isOffline } from '../kubelet-dial.ts'

export interface ExecRequest {
  namespace: string
  pod: string
  container: string
  /** null: the container's first process is joined (attach). */
  command: string[] | null
  tty: boolean
  stdin: boolean
  stdout: boolean
  stderr: boolean
}

/** Where output goes. */
export interface ExecChannel {
  stdout(data: string): void
  stderr(data: string): void
  /** The Status that ends the session. Called once. */
  finish(status: object): void
  /** The API server stands in between and passes a kubelet's errors on as its own (apiserver's StreamTranslator). */
  translated: boolean
}

/** What the client may do. */
export interface ExecSession {
  stdin(data: Buffer): void
  closeStdin(): void
  /** A terminal's size, as JSON of `{Width, Height}`; the names in any case, as Go reads them. */
  resize(data: Buffer): void
  /** The client is gone. */
  stop(): void
}

/** Of a command that never ran. */
const NO_SESSION: ExecSession = { stdin() {}, closeStdin() {}, resize() {}, stop() {} }

function exitStatus(code: number): object {
  if (code === 0) return { metadata: {}, status: 'Success' }
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}

export function startExec(lab: LabContext, exec: ExecRequest, refusal: StreamRefusal | null, channel: ExecChannel): ExecSession {
  const decoder = new ByteDecoder()
  let ended = false
  const finish = (status: object): void => {
    if (ended) return
    ended = true
    channel.finish(status)
  }
  if (refusal !== null) {
    // only an API server in between has a stream to say it on
    finish(refusal === 'silent' ? { metadata: {} } : internalError(`unable to upgrade connection: ${refusal.words}`).status())
    return NO_SESSION
  }
  if (!lab.runtime) {
    finish(internalError('no kubelet runs in the lab').status())
    return NO_SESSION
  }
  const { namespace, pod, container, command } = exec
  const object = lab.store.get('pods', namespace, pod)
  if (object && isOffline(lab, object)) {
    const wanted = [
      ...(command ?? []).map((word) => `command=${encodeURIComponent(word)}`),
      ...(exec.stderr ? ['error=1'] : []),
      ...(exec.stdin ? ['input=1'] : []),
      ...(exec.stdout ? ['output=1'] : []),
      ...(exec.tty ? ['tty=1'] : []),
    ]
    const path = `/${command === null ? 'attach' : 'exec'}/${namespace}/${pod}/${container}?${wanted.join('&')}`
    dialKubelet(lab, object, 'Post', path, (error) => finish(internalError(`error sending request: ${error}`).status()))
    return { ...NO_SESSION, stop: () => void (ended = true) }
  }
  const output: ExecOutput = {
    stdout: (data) => exec.stdout && channel.stdout(data),
    stderr: (data) => (exec.tty ? exec.stdout && channel.stdout(data) : exec.stderr && channel.stderr(data)),
    exit: (code) => finish(exitStatus(code)),
    fail: (message) => finish(internalError(channel.translated ? internalError(message).message : message).status()),
  }
  const child =
    command === null
      ? lab.runtime.attach(namespace, pod, container, exec.stdin, output)
      : lab.runtime.exec(namespace, pod, container, command, exec.tty, output)
  // a command without input reads its end; a process that is joined keeps its own
  if (!exec.stdin && command !== null) child.closeStdin()
  return {
    stdin: (data) => child.stdin(decoder.write(data)),
    closeStdin: () => child.closeStdin(),
    resize(data) {
      try {
        const { width, height } = lowerCased(JSON.parse(data.toString('utf8')))
        if (Number.isInteger(width) && Number.isInteger(height)) child.resize(width as number, height as number)
      } catch {
        // A size that cannot be read is no reason to end a session.
      }
    },
    stop() {
      if (!ended) child.kill()
      ended = true
    },
  }
}

/** The members of a JSON object by their names in lower case. */
function lowerCased(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object(value)).map(([name, member]) => [name.toLowerCase(), member]))
}
