/**
 * Events as client-go's recorders write them. The old recorder (tools/record) filters by a token bucket, aggregates similar events and counts equal
 * ones, as events_cache.go does; the new one (tools/events, which the scheduler and kube-proxy use) writes eventTime and a series.
 */
import { type KubeObject, resourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { ControllerContext } from './context.ts'
import { microTimestamp, timestamp } from './objects.ts'

export type EventType = 'Normal' | 'Warning'

/** What an event is about. */
export interface ObjectReference {
  apiVersion?: string
  kind: string
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  fieldPath?: string
}

export interface EventRecorder {
  event(about: KubeObject | ObjectReference, type: EventType, reason: string, message: string, fieldPath?: string): void
}

/** Events of one source about one object beyond which they are dropped, and how fast the allowance comes back (one in five minutes). */
const SPAM_BURST = 25
const SPAM_REFILL_MS = 300_000
/** From so many different messages with one reason on, they are combined, as long as they come within ten minutes of each other. */
const AGGREGATE_FROM = 10
const AGGREGATE_WITHIN_MS = 600_000
/** client-go keeps this many records in each of its caches. */
const CACHE_SIZE = 4096

/** How many entries come into a cache between two looks at what of it is of no use any more. */
const SWEEP_AFTER = 256

/** A map that forgets what was not used for longest, and now and then what can make no difference any more. */
class RecentMap<V> {
  private readonly entries = new Map<string, V>()
  private readonly isStale: (value: V) => boolean
  private fresh = 0

  constructor(isStale: (value: V) => boolean) {
    this.isStale = isStale
  }

  get(key: string): V | undefined {
    const value = this.entries.get(key)
    if (value !== undefined) {
      this.entries.delete(key)
      this.entries.set(key, value)
    }
    return value
  }

  set(key: string, value: V): void {
    if (!this.entries.delete(key)) this.fresh++
    this.entries.set(key, value)
    if (this.entries.size > CACHE_SIZE) this.entries.delete(this.entries.keys().next().value as string)
    if (this.fresh >= SWEEP_AFTER) this.sweep()
  }

  private sweep(): void {
    this.fresh = 0
    for (const [key, value] of this.entries) if (this.isStale(value)) this.entries.delete(key)
  }
}

/** Whether neither an event nor what it is about is there any more: nothing will be said of that again. Kinds are told apart by their names alone. */
function isOver({ store: objects }: ControllerContext, event: { name: string; about: ObjectReference }): boolean {
  const { kind, namespace, name } = event.about
  if (objects.get('events', namespace ?? 'default', event.name)) return false
  return !objects.definitions().some((definition) => {
    return definition.kind === kind && objects.get(resourceName(definition), namespace ?? null, name) !== undefined
  })
}

function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata
  return {
    apiVersion: object.apiVersion,
    ...(fieldPath ? { fieldPath } : {}),
    kind: object.kind,
    name,
    ...(namespace ? { namespace } : {}),
    resourceVersion,
    uid,
  }
}

function isObject(about: KubeObject | ObjectReference): about is KubeObject {
  return 'metadata' in about
}

let eventCounter = 0

/** `NAME.HEX`, the hexadecimal part being the time in ns. The lab counts ms, so a counter stands in for the rest. */
function eventName(name: string, now: number): string {
  eventCounter = (eventCounter + 1) % 1_000_000
  return `${name}.${(BigInt(Math.floor(now)) * 1_000_000n + BigInt(eventCounter)).toString(16)}`
}

/** Stores an event; a namespace that terminates takes none, and that is no fault. */
function store(context: ControllerContext, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!(error instanceof ApiError)) context.fault(error)
  }
}

/** A recorder of the old kind for a source: component `deployment-controller`, host where a node's kubelet speaks. */
export function createRecorder(context: ControllerContext, component: string, host?: string): EventRecorder {
  const { clock } = context
  const spam = new RecentMap<{ tokens: number; at: number }>(({ tokens, at }) => tokens + (clock.now() - at) / SPAM_REFILL_MS >= SPAM_BURST)
  const aggregates = new RecentMap<{ messages: Set<string>; at: number }>(({ at }) => clock.now() - at > AGGREGATE_WITHIN_MS)
  const seen = new RecentMap<{ name: string; count: number; first: string; about: ObjectReference }>((event) => isOver(context, event))
  const source = { component, ...(host ? { host } : {}) }

  const allowed = (key: string, now: number): boolean => {
    const bucket = spam.get(key) ?? { tokens: SPAM_BURST, at: now }
    const tokens = Math.min(SPAM_BURST, bucket.tokens + (now - bucket.at) / SPAM_REFILL_MS)
    const passes = tokens >= 1
    spam.set(key, { tokens: passes ? tokens - 1 : tokens, at: now })
    return passes
  }

  return {
    event(about, type, reason, message, fieldPath) {
      const now = context.clock.now()
      const reference = isObject(about) ? referenceTo(about, fieldPath) : { ...about, ...(fieldPath ? { fieldPath } : {}) }
      const namespace = reference.namespace ?? 'default'
      const object = [reference.kind, reference.namespace, reference.name, reference.uid, reference.apiVersion].join('\0')
      if (!allowed(`${object}\0${type}`, now)) return

      const aggregateKey = [object, type, reason].join('\0')
      const known = aggregates.get(aggregateKey)
      const aggregate = known && now - known.at <= AGGREGATE_WITHIN_MS ? known : { messages: new Set<string>(), at: now }
      aggregate.messages.add(message)
      aggregate.at = now
      aggregates.set(aggregateKey, aggregate)
      let key = [aggregateKey, message, reference.fieldPath].join('\0')
      let text = message
      if (aggregate.messages.size >= AGGREGATE_FROM) {
        aggregate.messages.delete(aggregate.messages.values().next().value as string)
        key = aggregateKey
        text = `(combined from similar events): ${message}`
      }

      const time = timestamp(now)
      const earlier = seen.get(key)
      if (earlier) {
        earlier.count++
        const patched = context.store.mutate('events', namespace, earlier.name, (event) => {
          event.count = earlier.count
          event.lastTimestamp = time
          event.message = text
        })
        if (patched) return
      }
      const record = earlier ?? { name: eventName(reference.name, now), count: 1, first: time, about: reference }
      seen.set(key, record)
      store(context, () =>
        context.store.create('events', {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: record.name, namespace } as KubeObject['metadata'],
          involvedObject: reference,
          reason,
          message: text,
          source,
          firstTimestamp: record.first,
          lastTimestamp: time,
          count: record.count,
          type,
          eventTime: null,
          reportingComponent: component,
          reportingInstance: host ?? '',
        }),
      )
    },
  }
}

/** How long after its last event a series is closed, and equal events start a new one (tools/events: finishTime). */
const SERIES_ENDS_MS = 360_000

/** A recorder of the new kind: `action` is what was done (`Binding`), `instance` who did it (`default-scheduler-m-k8s`). */
export function createSeriesRecorder(
  context: ControllerContext,
  component: string,
  instance: string,
): (about: KubeObject | ObjectReference, type: EventType, reason: string, action: string, message: string) => void {
  const seen = new RecentMap<{ name: string; count: number; at: number }>(({ at }) => context.clock.now() - at >= SERIES_ENDS_MS)
  return (about, type, reason, action, message) => {
    const now = context.clock.now()
    const reference = isObject(about) ? referenceTo(about) : about
    const namespace = reference.namespace ?? 'default'
    const key = [reference.kind, reference.namespace, reference.name, reference.uid, type, reason, action].join('\0')
    const earlier = seen.get(key)
    if (earlier && now - earlier.at < SERIES_ENDS_MS) {
      earlier.count++
      earlier.at = now
      const series = { count: earlier.count, lastObservedTime: microTimestamp(now) }
      if (context.store.mutate('events', namespace, earlier.name, (event) => void (event.series = series))) return
    }
    const name = eventName(reference.name, now)
    seen.set(key, { name, count: 1, at: now })
    store(context, () =>
      context.store.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace } as KubeObject['metadata'],
        involvedObject: reference,
        reason,
        message,
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        type,
        eventTime: microTimestamp(now),
        action,
        reportingComponent: component,
        reportingInstance: instance,
      }),
    )
  }
}
