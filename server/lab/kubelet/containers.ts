/** The containers of a pod as the runtime has them: the truth that the kubelet learns of when it next looks. */
import type { KubeObject } from '../resources/definition.ts'
import type { Listener } from '../contracts/http.ts'
import type { RunningContainer } from './image.ts'
import type { LogBuffer } from './container-log.ts'
import type { ContainerStreams } from './container-streams.ts'
import type { Directory, File } from './kernel/files.ts'
import { type ContainerSpec, isSidecar } from './pod-spec.ts'

export interface Terminated {
  exitCode: number
  reason: string
  message?: string
  signal?: number
  startedAt: string
  finishedAt: string
  containerID: string
}

export type ContainerState = { kind: 'waiting' } | { kind: 'running'; startedAt: string } | { kind: 'terminated'; terminated: Terminated }

export interface ContainerRecord {
  spec: ContainerSpec
  role: 'init' | 'main' | 'ephemeral'
  state: ContainerState
  /** The run before this one. */
  last: Terminated | null
  restartCount: number
  containerID: string
  /** As the runtime names the image once it has it. */
  imageName: string
  imageID: string
  /** Why it does not start: what status.state.waiting shows in place of the default. */
  waiting: { reason: string; message?: string } | null
  /** Startup probe passed, or none. */
  started: boolean
  /** Readiness probe passes, or none. */
  ready: boolean
  running: RunningContainer | null
  /** Its postStart hook runs: the kubelet does not yet tell that it has started. */
  hooked: boolean
  /** A kill is on its way, with the message of its event. */
  killing: boolean
  log: LogBuffer | null
  previousLog: LogBuffer | null
  /** The output of the run that is on. */
  streams: ContainerStreams | null
  /** Where the run that is on may leave its last word; null where nobody looked at its files. */
  terminationLog: File | null
  /** Back-off of restarts: ms to wait from the last end, 0 before the second. */
  backOff: number
  /** The finished runs of this container that the runtime still knows, newest last: doBackOff looks at them. */
  exits: number[]
}

/** A pod's network namespace and what holds it. */
export interface Sandbox {
  ip: string
  listeners: Map<number, Listener>
  /** Directories that the pod's containers share, by the volume's name. */
  volumes: Map<string, Directory>
}

export function newRecord(spec: ContainerSpec, role: ContainerRecord['role']): ContainerRecord {
  return {
    spec,
    role,
    state: { kind: 'waiting' },
    last: null,
    restartCount: 0,
    containerID: '',
    imageName: spec.image,
    imageID: '',
    waiting: null,
    started: false,
    ready: false,
    running: null,
    hooked: false,
    killing: false,
    log: null,
    previousLog: null,
    streams: null,
    terminationLog: null,
    backOff: 0,
    exits: [],
  }
}

/** What a pod's status says of a container, of whichever role. */
export function statusOf(status: KubeObject['status'], container: string) {
  const statuses = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ]
  return statuses.find(({ name }) => name === container)
}

/** Records of a pod's containers, with what its status already says of them. */
export function recordsOf(pod: KubeObject): ContainerRecord[] {
  const { spec, status } = pod
  const records: ContainerRecord[] = [
    ...(spec.initContainers ?? []).map((container: ContainerSpec) => newRecord(container, 'init')),
    ...spec.containers.map((container: ContainerSpec) => newRecord(container, 'main')),
    ...(spec.ephemeralContainers ?? []).map((container: ContainerSpec) => newRecord(container, 'ephemeral')),
  ]
  for (const record of records) {
    const known = statusOf(status, record.spec.name)
    if (!known) continue
    record.restartCount = known.restartCount ?? 0
    record.containerID = known.containerID ?? ''
    record.imageName = known.image ?? record.spec.image
    record.imageID = known.imageID ?? ''
    record.last = known.lastState?.terminated ?? null
    record.started = Boolean(known.started)
    record.ready = Boolean(known.ready)
    if (known.state?.running) record.state = { kind: 'running', startedAt: known.state.running.startedAt }
    if (known.state?.terminated) record.state = { kind: 'terminated', terminated: known.state.terminated }
  }
  return records
}

function hasSucceeded(record: ContainerRecord): boolean {
  return record.state.kind === 'terminated' && record.state.terminated.exitCode === 0
}

/** An init container that lets the next one begin. */
export function isInitialized(record: ContainerRecord): boolean {
  if (record.spec.restartPolicy === 'Always') return record.state.kind === 'running' && record.started
  return hasSucceeded(record)
}

export function runningOf(records: readonly ContainerRecord[]): ContainerRecord[] {
  return records.filter(({ state }) => state.kind === 'running')
}

/** Whether no container of a pod that is not restarted runs on but this one. */
export function isLast(record: ContainerRecord, records: readonly ContainerRecord[]): boolean {
  return records.every((each) => each === record || each.role !== 'main' || each.state.kind === 'terminated' || each.killing)
}

/** What the pod is for has ended and is not to start again: what still runs of it are its sidecars. */
export function isWorkDone(pod: KubeObject, records: readonly ContainerRecord[]): boolean {
  const { restartPolicy } = pod.spec
  const ended = (record: ContainerRecord): boolean => record.state.kind === 'terminated' && !shouldStart(record, restartPolicy)
  const lost = records.some((record) => record.role === 'init' && !isSidecar(record.spec) && ended(record) && !hasSucceeded(record))
  return lost || records.every((record) => record.role !== 'main' || ended(record))
}

/** The containers that should run and do not, in order. */
export function toStart(pod: KubeObject, records: readonly ContainerRecord[]): ContainerRecord[] {
  const { restartPolicy } = pod.spec
  if (isWorkDone(pod, records)) return []
  const current = records.find((record) => record.role === 'init' && !isInitialized(record))
  const mainBegan = records.some(({ role, state }) => role === 'main' && state.kind !== 'waiting')
  if (current && !mainBegan) return shouldStart(current, restartPolicy) ? [current] : []
  return records.filter((record) => (record.role !== 'init' || isSidecar(record.spec)) && shouldStart(record, restartPolicy))
}

function shouldStart(record: ContainerRecord, restartPolicy: string): boolean {
  const { state, role, spec } = record
  if (state.kind === 'running') return false
  if (state.kind === 'waiting') return true
  if (role === 'ephemeral') return false
  if (isSidecar(spec)) return true
  if (role === 'init') return restartPolicy !== 'Never' && !hasSucceeded(record)
  return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && !hasSucceeded(record))
}
