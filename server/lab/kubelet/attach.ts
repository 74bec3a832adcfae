/** Joining a container's first process, as containerd's Attach does. */
import type { ExecOutput, ExecProcess } from '../contracts/exec.ts'
import type { ContainerRecord } from './containers.ts'
import { NO_PROCESS } from './exec.ts'

/**
 * `stdin`: the client gives an input. `output.exit(0)` ends it: when the process ends, or when the client's input does and the process keeps its own.
 * Where `stdinOnce` is set and there is no terminal, the end of the client's input is the end of the process's.
 */
export function attachTo(record: ContainerRecord, stdin: boolean, output: ExecOutput): ExecProcess {
  const { running, streams, spec } = record
  if (!running || !streams) {
    output.fail('error attaching to container: container is in CONTAINER_EXITED state')
    return NO_PROCESS
  }
  const joined = streams.attach(output)
  const { input } = running
  const joins = stdin && input !== undefined
  const once = joins && spec.stdinOnce === true && spec.tty !== true
  return {
    stdin: (data) => input?.write(data),
    closeStdin() {
      // a process without input goes on without it
      if (!joins) return
      if (once) return input?.close()
      joined.dispose()
      output.exit(0)
    },
    resize: (columns, rows) => input?.resize(columns, rows),
    kill() {
      joined.dispose()
      if (once) input?.close()
    },
  }
}
