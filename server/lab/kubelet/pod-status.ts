/** A pod's status from its containers, as kubelet_pods.go's generateAPIPodStatus and status/generate.go. */
import { minorVersion } from '../resources/kit/version.ts'
import { type Condition, timestamp } from '../machinery/objects.ts'
import type { ClusterSettings, KubeObject } from '../resources/definition.ts'
import { type ContainerRecord, isInitialized, type Sandbox } from './containers.ts'
import { isSidecar, qosClass } from './pod-spec.ts'

export interface StatusInput {
  pod: KubeObject
  records: readonly ContainerRecord[]
  sandbox: Sandbox | null
  /** The pod's address, or its last one. */
  ip: string | null
  startTime: string
  hostIP: string
  now: number
  settings: ClusterSettings
  /** All is over and will not start again: the phase must be an end. */
  terminal: boolean
  /** Why the kubelet itself ended the pod. */
  failure: { reason: string; message: string } | null
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

type Made = {
  type: string
  status: Condition['status']
  reason?: string
  message?: string
}

function failed(record: ContainerRecord): boolean {
  return record.state.kind === 'terminated' && record.state.terminated.exitCode !== 0
}

/** As getPhase. */
export function phaseOf(pod: KubeObject, records: readonly ContainerRecord[], terminal: boolean): Phase {
  const { restartPolicy } = pod.spec
  const init = records.filter(({ role }) => role === 'init')
  const main = records.filter(({ role }) => role === 'main')
  if (terminal) return main.every((record) => record.state.kind === 'terminated' && !failed(record)) ? 'Succeeded' : 'Failed'
  const initFailed = init.some((record) => failed(record) && !isSidecar(record.spec))
  if (initFailed && restartPolicy === 'Never') return 'Failed'
  if (init.some((record) => !isInitialized(record)) && !main.some((record) => record.state.kind !== 'waiting' || record.last))
    return 'Pending'
  const running = main.filter(({ state }) => state.kind === 'running').length
  const stopped = main.filter(({ state, last }) => state.kind === 'terminated' || (state.kind === 'waiting' && last)).length
  if (running + stopped < main.length) return 'Pending'
  // sidecars hold a pod in its phase until they have been ended too
  if (running > 0 || init.some(({ spec, state }) => isSidecar(spec) && state.kind === 'running')) return 'Running'
  if (restartPolicy === 'Always') return 'Running'
  if (!main.some(failed)) return 'Succeeded'
  return restartPolicy === 'Never' ? 'Failed' : 'Running'
}

function containerStatus(record: ContainerRecord, input: StatusInput, phase: Phase): KubeObject['status'] {
  const minor = minorVersion(input.settings)
  const { spec, state } = record
  const initializing = record.role === 'main' && input.records.some((other) => other.role === 'init')
  const waiting = record.waiting ?? { reason: initializing || record.role === 'init' ? 'PodInitializing' : 'ContainerCreating' }
  let shown: object
  let last = record.last
  if (state.kind === 'running') {
    shown = { running: { startedAt: state.startedAt } }
  } else if (state.kind === 'terminated' && !(record.waiting && phase === 'Running')) {
    shown = { terminated: state.terminated }
  } else {
    shown = { waiting }
    if (state.kind === 'terminated') last = state.terminated
  }
  const created = record.containerID !== ''
  const requests = spec.resources?.requests
  const mounts = (spec.volumeMounts ?? []).map((mount: { name: string; mountPath: string; readOnly?: boolean }) => ({
    mountPath: mount.mountPath,
    name: mount.name,
    ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
  }))
  const isMain = record.role === 'main'
  return {
    ...(minor >= 33 && isMain && created && requests ? { allocatedResources: requests } : {}),
    ...(created ? { containerID: record.containerID } : {}),
    image: record.imageName,
    imageID: record.imageID,
    lastState: last ? { terminated: last } : {},
    name: spec.name,
    ready:
      // nobody asks whether an ephemeral container is ready
      record.role === 'ephemeral'
        ? false
        : record.role === 'init' && !isSidecar(spec)
          ? state.kind === 'terminated' && !failed(record)
          : state.kind === 'running' && record.ready,
    ...(minor >= 33 && created ? { resources: spec.resources ?? {} } : {}),
    restartCount: record.restartCount,
    ...(minor >= 18 && record.role !== 'ephemeral' ? { started: state.kind === 'running' && record.started } : {}),
    state: shown,
    ...(minor >= 31 && mounts.length > 0 ? { volumeMounts: mounts } : {}),
  }
}

/** Conditions in the kubelet's order, those of others kept, transition times kept where the status is the same. */
function conditionsOf(input: StatusInput, phase: Phase): Condition[] {
  const { pod, records, sandbox, settings, now } = input
  const minor = minorVersion(settings)
  const init = records.filter(({ role }) => role === 'init')
  const main = records.filter(({ role, spec }) => role === 'main' || (role === 'init' && isSidecar(spec)))
  const unready = main.filter(({ state, ready }) => state.kind !== 'running' || !ready).map(({ spec }) => spec.name)
  const unreadyMessage = `containers with unready status: [${unready.join(' ')}]`
  const incomplete = init.filter((record) => !isInitialized(record)).map(({ spec }) => spec.name)
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const whyEnded = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'

  const made: Made[] = []
  if (minor >= 29) {
    const holds = sandbox !== null && !ended && records.every(({ killing }) => !killing)
    made.push({ type: 'PodReadyToStartContainers', status: holds ? 'True' : 'False' })
  }
  const mainBegan = records.some(({ role, state }) => role === 'main' && state.kind !== 'waiting')
  if (phase === 'Succeeded') made.push({ type: 'Initialized', status: 'True', reason: 'PodCompleted' })
  else if (incomplete.length === 0 || mainBegan) made.push({ type: 'Initialized', status: 'True' })
  else {
    const message = `containers with incomplete status: [${incomplete.join(' ')}]`
    made.push({ type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized', message })
  }
  const gates: { conditionType: string }[] = pod.spec.readinessGates ?? []
  const existing = (pod.status?.conditions ?? []) as Condition[]
  const openGates = gates
    .map(({ conditionType }) => ({ conditionType, condition: existing.find(({ type }) => type === conditionType) }))
    .filter(({ condition }) => condition?.status !== 'True')
  const containers: Omit<Made, 'type'> = ended
    ? { status: 'False', reason: whyEnded }
    : unready.length > 0
      ? { status: 'False', reason: 'ContainersNotReady', message: unreadyMessage }
      : { status: 'True' }
  const gateMessage = openGates
    .map(({ conditionType, condition }) =>
      condition
        ? `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`
        : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`,
    )
    .join(', ')
  const ready =
    containers.status === 'True' && openGates.length > 0
      ? { status: 'False' as const, reason: 'ReadinessGatesNotReady', message: gateMessage }
      : containers
  made.push({ type: 'Ready', ...ready }, { type: 'ContainersReady', ...containers }, { type: 'PodScheduled', status: 'True' })

  const complete = made.map((condition): Condition => {
    const before = existing.find(({ type }) => type === condition.type)
    const same = before?.status === condition.status
    const lastTransitionTime = same ? (before?.lastTransitionTime ?? null) : timestamp(now)
    const observed = minor >= 34 ? { observedGeneration: pod.metadata.generation ?? 1 } : {}
    return Object.assign({ lastProbeTime: null, lastTransitionTime, ...observed }, condition)
  })
  return [...complete, ...existing.filter(({ type }) => !complete.some((condition) => condition.type === type))]
}

export function generateStatus(input: StatusInput): KubeObject['status'] {
  const { pod, records, hostIP, startTime, settings } = input
  const minor = minorVersion(settings)
  const phase = input.failure ? 'Failed' : phaseOf(pod, records, input.terminal)
  const ip = input.ip ?? (pod.spec.hostNetwork ? hostIP : pod.status?.podIP)
  const statuses = (role: ContainerRecord['role']): object[] =>
    records.filter((record) => record.role === role).map((record) => containerStatus(record, input, phase))
  const byName = (role: ContainerRecord['role']): object[] =>
    (statuses(role) as { name: string }[]).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const init = statuses('init')
  const ephemeral = byName('ephemeral')
  return {
    conditions: conditionsOf(input, phase),
    containerStatuses: byName('main'),
    ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    hostIP,
    ...(minor >= 29 ? { hostIPs: [{ ip: hostIP }] } : {}),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    ...input.failure,
    ...(minor >= 34 ? { observedGeneration: pod.metadata.generation ?? 1 } : {}),
    phase,
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    qosClass: pod.status?.qosClass ?? qosClass(pod),
    startTime,
  }
}
