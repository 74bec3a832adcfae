import type { KubeObject } from '../../definition.ts'
import { column, wide, type ColumnSpec } from '../../kit/columns.ts'
import { since } from '../../kit/duration.ts'

/* oxlint-disable typescript/no-explicit-any */

/** The phases after which nothing runs any more. */
const TERMINAL = new Set(['Succeeded', 'Failed'])

export interface PodSummary {
  ready: number
  total: number
  /** What the STATUS column says. */
  status: string
  restarts: number
  /** When the container that restarted last had ended. */
  lastRestart: string | undefined
}

const isSidecar = (container: any): boolean => container?.restartPolicy === 'Always'

const conditionIsTrue = (pod: KubeObject, type: string): boolean =>
  (pod.status?.conditions ?? []).some((each: any) => each.type === type && each.status === 'True')

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (!b) return a
  return !a || Date.parse(a) < Date.parse(b) ? b : a
}

/** READY, STATUS and RESTARTS of a pod, by the rules of printers.go printPod. */
function summarizePod(pod: KubeObject): PodSummary {
  const spec = pod.spec ?? {}
  const status = pod.status ?? {}
  const initContainers: any[] = spec.initContainers ?? []
  const sidecars = new Set<string>(initContainers.filter(isSidecar).map((each) => each.name))
  const summary: PodSummary = {
    ready: 0,
    total: (spec.containers?.length ?? 0) + sidecars.size,
    status: status.reason || status.phase || '',
    restarts: 0,
    lastRestart: undefined,
  }
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated') summary.status = 'SchedulingGated'
  }
  const initializing = addInitContainers(summary, status.initContainerStatuses ?? [], sidecars, initContainers.length)
  if (!initializing || conditionIsTrue(pod, 'Initialized')) addContainers(summary, pod, sidecars)
  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') summary.status = 'Unknown'
    else if (!TERMINAL.has(status.phase)) summary.status = 'Terminating'
  }
  return summary
}

/** Counts the init containers in, up to the first one that has not done its work; true where there is one. */
function addInitContainers(summary: PodSummary, statuses: any[], sidecars: ReadonlySet<string>, total: number): boolean {
  for (const [index, container] of statuses.entries()) {
    summary.restarts += container.restartCount ?? 0
    summary.lastRestart = later(summary.lastRestart, container.lastState?.terminated?.finishedAt)
    const { terminated, waiting } = container.state ?? {}
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) summary.ready++
      continue
    }
    if (terminated) summary.status = `Init:${endReason(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.status = `Init:${waiting.reason}`
    else summary.status = `Init:${index}/${total}`
    return true
  }
  return false
}

function endReason(terminated: any): string {
  if (terminated.reason) return terminated.reason
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`
}

function addContainers(summary: PodSummary, pod: KubeObject, sidecars: ReadonlySet<string>): void {
  const restartable = (pod.status?.initContainerStatuses ?? []).filter((each: any) => sidecars.has(each.name))
  const statuses: any[] = pod.status?.containerStatuses ?? []
  summary.restarts = 0
  summary.lastRestart = undefined
  for (const each of [...restartable, ...statuses]) {
    summary.restarts += each.restartCount ?? 0
    summary.lastRestart = later(summary.lastRestart, each.lastState?.terminated?.finishedAt)
  }
  let running = false
  let failure = ''
  for (const { state = {}, ready } of statuses.toReversed()) {
    if (state.waiting?.reason) summary.status = state.waiting.reason
    else if (state.terminated) {
      summary.status = endReason(state.terminated)
      if ((state.terminated.exitCode ?? 0) !== 0) failure = summary.status
    } else if (ready && state.running) {
      running = true
      summary.ready++
    }
  }
  if (summary.status !== 'Completed') return
  if (running && conditionIsTrue(pod, 'Ready')) summary.status = 'Running'
  else if (failure) summary.status = failure
  else if (running) summary.status = 'NotReady'
}

function readinessGates(pod: KubeObject): string {
  const gates: any[] = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  return `${gates.filter((gate) => conditionIsTrue(pod, gate.conditionType)).length}/${gates.length}`
}

/** From 1.22 on the restarts say when the last one was (kubernetes/kubernetes#98928). */
function restarts(pod: KubeObject, now: number, withAge: boolean): string {
  const { restarts: count, lastRestart } = summarizePod(pod)
  return withAge && count !== 0 && lastRestart ? `${count} (${since(lastRestart, now)} ago)` : `${count}`
}

export function podColumns(minor: number): ColumnSpec[] {
  return [
    column('Ready', (pod) => {
      const { ready, total } = summarizePod(pod)
      return `${ready}/${total}`
    }),
    column('Status', (pod) => summarizePod(pod).status),
    column('Restarts', (pod, { now }) => restarts(pod, now, minor >= 22)),
    wide('IP', (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>'),
    wide('Node', (pod) => pod.spec?.nodeName || '<none>'),
    wide('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>'),
    wide('Readiness Gates', readinessGates),
  ]
}
