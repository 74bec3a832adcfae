/** Events on Services as client-go's recorder writes them: equal ones are counted, a flood is cut (events_cache.go). */
import type { Clock } from '../../clock.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { rfc3339 } from '../../resources/kit/time.ts'
import { ApiError } from '../../store/api-error.ts'
import type { Store } from '../../store/store.ts'

/** Events of one kind about one object beyond which they are dropped; one more every five minutes. */
const BURST = 25
const REFILL = 300_000

export type RecordEvent = (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string) => void

let counter = 0

/** A recorder of one process: what it remembers ends with it. */
export function createEventRecorder(store: Store, clock: Clock, component: string): RecordEvent {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const seen = new Map<string, { name: string; count: number; first: string }>()

  const allowed = (key: string): boolean => {
    const now = clock.now()
    const bucket = buckets.get(key) ?? { tokens: BURST, at: now }
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL)
    buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now })
    return tokens >= 1
  }

  return (about, type, reason, message) => {
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata
    if (!allowed(`${uid}/${type}`)) return
    const key = [uid, type, reason, message].join('\0')
    const time = rfc3339(clock.now())
    const earlier = seen.get(key)
    if (earlier) {
      earlier.count++
      const patched = store.mutate('events', namespace, earlier.name, (event) => {
        event.count = earlier.count
        event.lastTimestamp = time
      })
      if (patched) return
    }
    counter = (counter + 1) % 1_000_000
    const record = {
      name: `${name}.${(BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(counter)).toString(16)}`,
      count: 1,
      first: time,
    }
    seen.set(key, record)
    try {
      store.create('events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: record.name, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Service', name, namespace, resourceVersion, uid },
        reason,
        message,
        source: { component },
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: '',
      })
    } catch (error) {
      // a namespace that terminates takes no events
      if (!(error instanceof ApiError)) throw error
    }
  }
}
