/** Joining a container's first process, as containerd's Attach does. */
import type { ExecOutput, ExecProcess } from '../context.ts'
import type { ContainerRecord } from './containers.ts'

export const NO_PROCESS: ExecProcess = { stdin() {}, closeStdin() {}, resize() {}, kill() {} }

/**
 * `output.exit(0)` ends it: when the process ends, or when the client's input does and the process keeps its own. Where `stdinOnce` is set and there is no
 * terminal, the end of the client's input is the end of the process's.
 */
export function attachTo(record: ContainerRecord, output: ExecOutput): ExecProcess {
  const { running, streams, spec } = record
  if (!running || !streams) {
    const state = record.state.kind === 'terminated' ? 'CONTAINER_EXITED' : 'CONTAINER_CREATED'
    output.fail(`error attaching to container: container is in ${state} state`)
    return NO_PROCESS
  }
  const joined = streams.attach(output)
  const once = spec.stdinOnce === true && spec.tty !== true && running.input !== undefined
  return {
    stdin: (data) => running.input?.write(data),
    closeStdin() {
      if (once) return running.input?.close()
      joined.dispose()
      output.exit(0)
    },
    resize: (columns, rows) => running.input?.resize(columns, rows),
    kill() {
      joined.dispose()
      if (once) running.input?.close()
    },
  }
}
