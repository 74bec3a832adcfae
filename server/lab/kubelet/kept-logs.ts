/** Which run of a container a log is asked of, and whether it is still kept; as validateContainerLogStatus and the deletor of dead containers. */
import type { ContainerLog } from '../contracts/logs.ts'
import type { KubeObject } from '../resources/definition.ts'
import { type ContainerRecord, statusOf } from './containers.ts'

/** The log that a pod's status names; undefined where no run is known. Of the runs that are over, a node keeps the last. */
export function logOf(record: ContainerRecord, pod: KubeObject | undefined, previous: boolean): ContainerLog | undefined {
  const id = runOf(record, pod?.status, previous)
  if (!id) return undefined
  // a run that is made but has not begun leaves the log of the one before where it is
  const latest = record.state.kind === 'terminated' ? record.state.terminated.containerID : record.containerID
  if (id === latest) return record.log ?? undefined
  const isKept = id === record.last?.containerID && record.state.kind === 'running'
  return isKept && record.previousLog ? record.previousLog : lost(id)
}

/** The id of the run that is meant. */
function runOf(record: ContainerRecord, status: KubeObject['status'], previous: boolean): string | undefined {
  const known = statusOf(status, record.spec.name)
  const last: string | undefined = known?.lastState?.terminated?.containerID
  if (previous) return last
  if (known?.state?.running) return known.containerID
  return known?.state?.terminated?.containerID || last
}

function lost(id: string): ContainerLog {
  return {
    lost: `unable to retrieve container logs for ${id}`,
    lines: [],
    follow(_line, ended) {
      ended()
      return { dispose() {} }
    },
  }
}
