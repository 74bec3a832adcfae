/** The default scheduler: one pod at a time, filter, score, bind; what fits nowhere waits for a change of the cluster. */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder, createSeriesRecorder } from '../../machinery/events.ts'
import { conditionOf, hasEnded, keyOf, sameJson, splitKey, timestamp } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Disposable } from '../../store/store.ts'
import { type Plugin, type PreemptionOutcome, rejection, type Rejection, unplaceableMessage, unschedulableMessage } from './filter.ts'
import { createNodeCache, type NodeFacts, withPods } from './node-facts.ts'
import { createNodeOrder, namedNodes, topOfHeap } from './node-order.ts'
import { awaitsVictims, evictFor, preempt } from './preemption.ts'
import { scores } from './score.ts'
import { areBound, claimsOf, reserveVolumes, volumeReasons } from './volumes.ts'
import { createWaitingPods } from './waiting-pods.ts'

const DEFAULT_SCHEDULER = 'default-scheduler'

export function startScheduler(context: ControllerContext & { schedulerHost?: string }): Disposable {
  const { store, clock, random } = context
  const nodes = createNodeCache(store)
  const order = createNodeOrder(store)
  const record = eventSink(context)

  const schedule = (key: string): void => {
    const { namespace, name } = splitKey(key)
    const pod = store.get('pods', namespace, name)
    if (!pod || !isOurs(pod)) return waiting.forget(key)
    if ((pod.spec.schedulingGates ?? []).length > 0) return
    const claims = claimsOf(store, pod)
    if (typeof claims === 'string')
      return fail(key, pod, unplaceableMessage(claims, nodes.all().length, context.settings), ['VolumeBinding'])
    const hasClaims = claims.bound.length + claims.waiting.length > 0
    const volumes = (node: KubeObject): string[] => (hasClaims ? volumeReasons(store, claims, node) : [])
    const all = withNominated(pod, order.arrange(nodes.all()))
    const rejections: Rejection[] = []
    const feasible: NodeFacts[] = []
    for (const facts of all) {
      const rejected = rejection(pod, facts, all, context.settings, volumes)
      if (rejected) rejections.push(rejected)
      else feasible.push(facts)
    }
    order.advance(namedNodes(pod) ?? all.length)
    if (feasible.length === 0) {
      const outcome = makeRoom(pod, all, rejections, volumes)
      const message = unschedulableMessage(rejections, context.settings, outcome.preemption)
      return fail(
        key,
        pod,
        message,
        rejections.map(({ plugin }) => plugin),
        outcome.node,
      )
    }
    const chosen = choose(feasible, scores(store, pod, feasible, all))
    if (claims.waiting.length === 0) return assign(key, pod, chosen.node.metadata.name)
    reserveVolumes(store, claims, chosen.node)
    awaiting.set(key, chosen.node.metadata.name)
  }

  /** Up to 1.34 chance decides among equals. */
  const choose = (feasible: readonly NodeFacts[], points: readonly number[]): NodeFacts => {
    if (minorVersion(context.settings) >= 35) return feasible[topOfHeap(points)] as NodeFacts
    const most = Math.max(...points)
    const best = feasible.filter((_facts, i) => points[i] === most)
    return best[Math.floor(random() * best.length)] as NodeFacts
  }

  const assign = (key: string, pod: KubeObject, node: string): void => {
    const { namespace, name } = pod.metadata
    bind(context, pod, node)
    awaiting.delete(key)
    nominated.delete(key)
    waiting.forget(key)
    record(pod, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${namespace}/${name} to ${node}`)
  }

  /** Pods that have a node, and wait for the volume controller to bind their claims. */
  const awaiting = new Map<string, string>()
  const onClaim = (): void => {
    for (const [key, node] of awaiting) {
      const { namespace, name } = splitKey(key)
      const pod = store.get('pods', namespace, name)
      if (!pod || !isOurs(pod)) awaiting.delete(key)
      else if (areBound(store, pod)) assign(key, pod, node)
    }
  }

  /** Pods for which others were asked to go, where they are going to be. */
  const nominated = new Map<string, { pod: KubeObject; node: string }>()
  /** The nodes, with those pods on them that will be there and are not less important. */
  const withNominated = (pod: KubeObject, all: readonly NodeFacts[]): readonly NodeFacts[] => {
    const own = keyOf(pod)
    const coming = [...nominated].filter(([key, other]) => key !== own && (other.pod.spec.priority ?? 0) >= (pod.spec.priority ?? 0))
    if (coming.length === 0) return all
    return all.map((facts) => {
      const here = coming.filter(([, { node }]) => node === facts.node.metadata.name).map(([, other]) => other.pod)
      return here.length > 0 ? withPods(facts, [...facts.pods, ...here]) : facts
    })
  }

  const makeRoom = (
    pod: KubeObject,
    all: readonly NodeFacts[],
    rejections: readonly Rejection[],
    volumes: (node: KubeObject) => string[],
  ): { preemption: PreemptionOutcome; node?: string } => {
    if (pod.spec.preemptionPolicy === 'Never') return { preemption: 'never' }
    if (awaitsVictims(pod, all)) return { preemption: 'awaited', node: pod.status.nominatedNodeName }
    const found = preempt(store, pod, all, rejections, context.settings, volumes)
    if (found === null) return { preemption: 'no help' }
    const node = found.node.metadata.name
    for (const victim of found.victims) {
      const message = evictFor(context, pod, victim, node)
      record(victim, 'Normal', 'Preempted', 'Preempting', message)
    }
    nominated.set(keyOf(pod), { pod, node })
    return { preemption: 'done', node }
  }

  const fail = (key: string, pod: KubeObject, message: string, plugins: readonly Plugin[], node?: string): void => {
    const { namespace, name } = pod.metadata
    waiting.failed(key, new Set(plugins))
    record(pod, 'Warning', 'FailedScheduling', 'Scheduling', message)
    const condition = {
      lastProbeTime: null,
      message,
      ...(minorVersion(context.settings) >= 34 ? { observedGeneration: pod.metadata.generation ?? 1 } : {}),
      reason: 'Unschedulable',
      status: 'False',
      type: 'PodScheduled',
    }
    store.mutate(
      'pods',
      namespace ?? null,
      name,
      (copy) => {
        const before = conditionOf(copy, 'PodScheduled')
        const since = before?.status === 'False' ? before.lastTransitionTime : timestamp(clock.now())
        const others = (copy.status.conditions ?? []).filter(({ type }: { type: string }) => type !== 'PodScheduled')
        copy.status.conditions = [...others, { ...condition, lastTransitionTime: since }]
        if (node !== undefined) copy.status.nominatedNodeName = node
      },
      { subresource: 'status' },
    )
  }

  const queue = createWorkqueue(context, schedule, { latency: [2, 7], service: [1, 3] })
  const waiting = createWaitingPods(clock, (key) => queue.add(key))

  const onOurs = (key: string, pod: KubeObject, previous: KubeObject | undefined): void => {
    if (!waiting.has(key)) return queue.add(key)
    const wishes = ({ spec, metadata }: KubeObject): object => [spec, metadata.labels]
    if (previous && !sameJson(wishes(pod), wishes(previous))) waiting.updated(key)
  }
  /** A pod of a node: what came, went or changed of what other pods care for. */
  const onPlaced = (pod: KubeObject, previous: KubeObject | undefined): void => {
    if (hasEnded(pod)) {
      if (!previous || !hasEnded(previous)) waiting.changed('pod gone')
    } else if (!previous?.spec?.nodeName || !sameJson(previous.metadata.labels, pod.metadata.labels)) waiting.changed('pod there')
  }
  const watches = [
    store.watch('pods', { initial: true }, ({ type, object, previous }) => {
      const key = keyOf(object)
      if (type === 'DELETED') {
        waiting.forget(key)
        nominated.delete(key)
        if (object.spec?.nodeName && !hasEnded(object)) waiting.changed('pod gone')
      } else if (isOurs(object)) onOurs(key, object, previous)
      else if (object.spec?.nodeName) onPlaced(object, previous)
    }),
    store.watch('nodes', {}, ({ type, object, previous }) => {
      if (type === 'ADDED' || !previous) return waiting.changed('node')
      const relevant = (node: KubeObject): object => [node.spec, node.metadata.labels, node.status?.allocatable]
      if (!sameJson(relevant(object), relevant(previous))) waiting.changed('node')
    }),
    ...['persistentvolumes', 'persistentvolumeclaims', 'storageclasses.storage.k8s.io'].map((resource) =>
      store.watch(resource, {}, () => {
        if (awaiting.size > 0) onClaim()
        waiting.changed('volume')
      }),
    ),
  ]
  return disposeAll([nodes, order, queue, waiting, ...watches])
}

function isOurs(pod: KubeObject): boolean {
  const scheduler = pod.spec?.schedulerName ?? DEFAULT_SCHEDULER
  return !pod.spec?.nodeName && !pod.metadata.deletionTimestamp && scheduler === DEFAULT_SCHEDULER && !hasEnded(pod)
}

/** The binding subresource: the node, and the condition that says so. */
function bind(context: ControllerContext, pod: KubeObject, node: string): void {
  const { store, clock } = context
  const { namespace, name } = pod.metadata
  store.mutate(
    'pods',
    namespace ?? null,
    name,
    (copy) => {
      copy.spec.nodeName = node
      delete copy.status.nominatedNodeName
      const others = (copy.status.conditions ?? []).filter(({ type }: { type: string }) => type !== 'PodScheduled')
      const condition = {
        lastProbeTime: null,
        lastTransitionTime: timestamp(clock.now()),
        ...(minorVersion(context.settings) >= 34 ? { observedGeneration: copy.metadata.generation ?? 1 } : {}),
        status: 'True',
        type: 'PodScheduled',
      }
      copy.status.conditions = [...others, condition]
    },
    { subresource: 'binding' },
  )
}

type Record = ReturnType<typeof createSeriesRecorder>

/** The scheduler writes the new events from 1.20 on where the API has them; a first pod can come before that has. */
function eventSink(context: ControllerContext & { schedulerHost?: string }): Record {
  if (minorVersion(context.settings) >= 19) {
    return createSeriesRecorder(context, DEFAULT_SCHEDULER, `${DEFAULT_SCHEDULER}-${context.schedulerHost ?? 'm-k8s'}`)
  }
  const recorder = createRecorder(context, DEFAULT_SCHEDULER)
  return (about, type, reason, _action, message) => recorder.event(about, type, reason, message)
}
