/** What a kubelet tells of its node when it starts, and kube-proxy beside it. */
import { createSeriesRecorder, type ObjectReference } from '../machinery/events.ts'
import { randomUid } from '../machinery/objects.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { reportStatus } from './node-status.ts'

/** cgroupVersionCheck of kubelet_linux.go; from 1.31 on. */
const CGROUP_V1 =
  'cgroup v1 detected. cgroup v1 support is deprecated and will be removed in a future release. Please migrate to cgroup v2. More information at https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1'
/** A kubelet sets its node's status so often until it is registered, and each time says what changed. */
const REGISTRATION_ATTEMPTS = 3
/** kube-proxy's first words come so long after the kubelet's, ms. */
const PROXY_START = 700
const ENOUGH = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']

/** The node as a kubelet's events name it: up to 1.20 by its name in place of a uid, today by name alone, so that `describe node` does not find them. */
function nodeOf(runtime: NodeRuntime): ObjectReference {
  const { name, minor } = runtime
  return minor >= 35 ? { apiVersion: 'v1', kind: 'Node', name } : { kind: 'Node', name, uid: name }
}

function starts(runtime: NodeRuntime): void {
  const { recorder, context, minor } = runtime
  const node = nodeOf(runtime)
  recorder.event(node, 'Normal', 'Starting', 'Starting kubelet.')
  if (context.preset.kubelet.cgroups === 'v1' && minor >= 31) recorder.event(node, 'Warning', 'CgroupV1', CGROUP_V1)
  const proxy = createSeriesRecorder(context, 'kube-proxy', `kube-proxy-${runtime.name}`)
  context.clock.after(PROXY_START, () => {
    if (context.power.isOn(runtime.name)) proxy(node, 'Normal', 'Starting', 'StartKubeProxy', '')
  })
}

function isReady(runtime: NodeRuntime, repeated: number): void {
  const { recorder, name, context } = runtime
  const node = nodeOf(runtime)
  for (let attempt = 0; attempt < repeated; attempt++) {
    for (const reason of ENOUGH) recorder.event(node, 'Normal', reason, `Node ${name} status is now: ${reason}`)
  }
  if (context.preset.kubelet.enforcesAllocatable) {
    recorder.event(node, 'Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
  }
}

/** A kubelet that has just registered its node. */
export function announceRegistration(runtime: NodeRuntime): void {
  starts(runtime)
  isReady(runtime, REGISTRATION_ATTEMPTS)
  runtime.recorder.event(nodeOf(runtime), 'Normal', 'NodeReady', `Node ${runtime.name} status is now: NodeReady`)
}

/** The events of a kubelet that starts again after its machine was off, and a node that is ready again. */
export function announceStart(runtime: NodeRuntime): void {
  const { recorder, name, context } = runtime
  starts(runtime)
  if (!context.store.get('nodes', null, name)) return
  const { reboots } = context.preset.kubelet
  const bootID = randomUid(context.random)
  const changed = reportStatus(runtime, (status) => {
    if (reboots) status.nodeInfo = { ...status.nodeInfo, bootID }
  })
  isReady(runtime, 1)
  const node = nodeOf(runtime)
  if (reboots) recorder.event(node, 'Warning', 'Rebooted', `Node ${name} has been rebooted, boot id: ${bootID}`)
  if (changed.includes('Ready')) recorder.event(node, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`)
}

/** The kubelet's word that its node was cordoned or uncordoned. */
export function announceSchedulable(runtime: NodeRuntime, schedulable: boolean): void {
  const reason = schedulable ? 'NodeSchedulable' : 'NodeNotSchedulable'
  runtime.recorder.event(nodeOf(runtime), 'Normal', reason, `Node ${runtime.name} status is now: ${reason}`)
}
