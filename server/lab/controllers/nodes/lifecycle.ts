/**
 * The node lifecycle controller, as pkg/controller/nodelifecycle.
 *
 *     heartbeat (Lease or status) older than the grace period, seen at a tick of 5 s
 *       → conditions Unknown, event NodeNotReady, its pods' Ready False
 *       → taint NoSchedule at once, NoExecute by its own worker some 60 ms later
 *     heartbeat again → taints removed one after the other
 */
import type { ControllerContext } from '../../machinery/context.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder, type ObjectReference } from '../../machinery/events.ts'
import { type Condition, conditionOf, hasEnded, isPodReady, timestamp } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import type { Taint } from '../taints.ts'

export interface NodeLifecycleContext extends ControllerContext {
  preset: { nodeMonitorGracePeriod: number }
}

const MONITOR_PERIOD = 5000
const FIRST_LOOK = 1000
const NO_EXECUTE_DELAY = [45, 75] as const
const LEASES = 'leases.coordination.k8s.io'
const CONDITION_TYPES = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** From this share of nodes that are not ready on, and more than two of them, a small cluster is not evicted any more. */
const UNHEALTHY_SHARE = 0.55

export function startNodeLifecycleController(context: NodeLifecycleContext): Disposable {
  const { store, clock, random } = context
  const recorder = createRecorder(context, 'node-controller')
  /** When a heartbeat of a node was last seen, by this controller's own clock. */
  const probes = new Map<string, number>()
  const known = new Set<string>()

  const about = (node: KubeObject): ObjectReference => ({
    apiVersion: 'v1',
    kind: 'Node',
    name: node.metadata.name,
    uid: node.metadata.uid,
  })

  const monitor = (): void => {
    const now = clock.now()
    for (const node of store.list('nodes')) {
      const { name } = node.metadata
      if (!known.has(name)) {
        known.add(name)
        const event = `Node ${name} event: Registered Node ${name} in Controller`
        recorder.event(about(node), 'Normal', 'RegisteredNode', event)
      }
      const seen = probes.get(name)
      if (seen === undefined) probes.set(name, now)
      else if (now > seen + context.preset.nodeMonitorGracePeriod) lose(node)
      noExecute.add(name)
    }
    for (const name of known) {
      if (store.get('nodes', null, name)) continue
      known.delete(name)
      probes.delete(name)
      recorder.event(
        { apiVersion: 'v1', kind: 'Node', name },
        'Normal',
        'RemovingNode',
        `Node ${name} event: Removing Node ${name} from Controller`,
      )
    }
  }

  /** Nothing was heard for too long. */
  const lose = (node: KubeObject): void => {
    const { name } = node.metadata
    const before = conditionOf(node, 'Ready')?.status
    store.mutate(
      'nodes',
      null,
      name,
      (copy) => {
        for (const type of CONDITION_TYPES) unknown(copy, type, clock.now())
      },
      { subresource: 'status' },
    )
    if (before !== 'True') return
    recorder.event(about(node), 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    markPodsNotReady(name)
  }

  const markPodsNotReady = (node: string): void => {
    for (const pod of store.list('pods')) {
      if (pod.spec?.nodeName !== node || hasEnded(pod) || !isPodReady(pod)) continue
      store.mutate(
        'pods',
        pod.metadata.namespace ?? null,
        pod.metadata.name,
        (copy) => {
          const ready = (copy.status.conditions as Condition[]).find(({ type }) => type === 'Ready')
          if (ready) Object.assign(ready, { status: 'False', lastTransitionTime: timestamp(clock.now()) })
        },
        { subresource: 'status' },
      )
      recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
    }
  }

  /** Taints that keep pods away: what the conditions and spec.unschedulable ask for. */
  const syncNoSchedule = (name: string): void => {
    const node = store.get('nodes', null, name)
    if (!node) return
    setTaints(
      node,
      'NoSchedule',
      [...wantedTaints(node), ...(node.spec.unschedulable ? [UNSCHEDULABLE] : [])],
      [NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURES)],
    )
  }
  const syncNoExecute = (name: string): void => {
    const node = store.get('nodes', null, name)
    if (!node) return
    const wanted = evictionTaint(node)
    if (wanted && isDisrupted()) return
    setTaints(node, 'NoExecute', wanted ? [wanted] : [], [NOT_READY, UNREACHABLE])
  }
  const isDisrupted = (): boolean => {
    const nodes = store.list('nodes')
    const broken = nodes.filter((node) => conditionOf(node, 'Ready')?.status !== 'True').length
    return broken === nodes.length || (broken > 2 && broken / nodes.length >= UNHEALTHY_SHARE)
  }

  const setTaints = (node: KubeObject, effect: string, wanted: string[], managed: string[]): void => {
    const taints: Taint[] = node.spec.taints ?? []
    const kept = taints.filter((taint) => taint.effect !== effect || !managed.includes(taint.key) || wanted.includes(taint.key))
    const added = wanted.filter((key) => !kept.some((taint) => taint.key === key && taint.effect === effect))
    if (kept.length === taints.length && added.length === 0) return
    const time = timestamp(clock.now())
    const next = [...kept, ...added.map((key) => ({ effect, key, timeAdded: time }))]
    store.mutate('nodes', null, node.metadata.name, (copy) => {
      if (next.length > 0) copy.spec.taints = next
      else delete copy.spec.taints
    })
  }

  const noSchedule = createWorkqueue(context, syncNoSchedule, { latency: [3, 9] })
  const noExecute = createWorkqueue(context, syncNoExecute, { latency: [...NO_EXECUTE_DELAY] })
  const beat = (name: string): void => void probes.set(name, clock.now())
  const watches = [
    store.watch(LEASES, { namespace: 'kube-node-lease', initial: true }, ({ type, object, previous }) => {
      if (type !== 'DELETED' && object['spec']?.renewTime !== previous?.['spec']?.renewTime) beat(object.metadata.name)
    }),
    store.watch('nodes', { initial: true }, ({ type, object, previous }) => {
      const { name } = object.metadata
      if (type === 'DELETED') return
      const heartbeat = (node: KubeObject | undefined): unknown => node && conditionOf(node, 'Ready')?.['lastHeartbeatTime']
      if (heartbeat(object) !== heartbeat(previous)) beat(name)
      noSchedule.add(name)
      if (conditionOf(object, 'Ready')?.status !== (previous && conditionOf(previous, 'Ready')?.status)) noExecute.add(name)
    }),
  ]
  // what is there when the control plane starts is no news, unless its kubelet has only just registered it
  for (const { metadata } of store.list('nodes')) if (store.get(LEASES, 'kube-node-lease', metadata.name)) known.add(metadata.name)
  // a controller that has just started looks at once
  const first = known.size < store.list('nodes').length ? FIRST_LOOK : random() * MONITOR_PERIOD
  let ticks: { cancel(): void } = clock.after(first, () => {
    monitor()
    ticks = clock.every(MONITOR_PERIOD, monitor)
  })
  return disposeAll([noSchedule, noExecute, { dispose: () => ticks.cancel() }, ...watches])
}

const PRESSURES: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
}

function evictionTaint(node: KubeObject): string | null {
  const status = conditionOf(node, 'Ready')?.status
  return status === 'False' ? NOT_READY : status === 'Unknown' ? UNREACHABLE : null
}

function wantedTaints(node: KubeObject): string[] {
  const ready = evictionTaint(node)
  const pressures = Object.entries(PRESSURES).flatMap(([type, key]) => (conditionOf(node, type)?.status === 'True' ? [key] : []))
  return [...(ready ? [ready] : []), ...pressures]
}

function unknown(node: KubeObject, type: string, now: number): void {
  const conditions: Condition[] = (node.status.conditions ??= [])
  const current = conditions.find((condition) => condition.type === type)
  if (!current) {
    conditions.push({
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: timestamp(now),
      message: 'Kubelet never posted node status.',
      reason: 'NodeStatusNeverUpdated',
      status: 'Unknown',
      type,
    })
  } else if (current.status !== 'Unknown') {
    Object.assign(current, {
      lastTransitionTime: timestamp(now),
      message: 'Kubelet stopped posting node status.',
      reason: 'NodeStatusUnknown',
      status: 'Unknown',
    })
  }
}
