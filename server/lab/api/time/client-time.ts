/**
 * Times as clients are told them. A client reckons ages by its own machine's clock, and the lab's may be ahead of that (`lab clock forward`, speed, a pause):
 * `kubectl describe` would print `<invalid>`. So times age on the way out, by as much as the lab's clock is ahead, and are set back on the way in: by a
 * client's clock everything is as old as it is in the lab. Tables need none of that, the server reckons their ages itself. Nothing is done, and nothing
 * costs anything, while the two clocks agree.
 *
 * The difference is kept in whole seconds, so that a time that goes out and comes back is the same; and it is kept as long as it is right within a second,
 * so that the clocks' jitter does not show. A client may also send back a time as it was told before the difference changed: the lab remembers what it told.
 */
import { TIMES_HEADER } from '../../../protocol/lab-control.ts'
import type { LabContext } from '../../context.ts'
import type { KubeObject, ResourceDefinition } from '../../resources/definition.ts'
import type { Exchange } from '../exchange.ts'
import { jsonOf } from '../json.ts'
import { mapTimes, metadataTimes, timesOf, type TimeFields } from './fields.ts'

/** How far a kept difference may be from the true one, ms: never ahead of the client's clock by more than this, and never behind by a second more. */
const SLACK = 250

/** Differences that are remembered. At a speed of 1,000 each second has a thousand, if somebody asks all the time. */
const REMEMBERED = 4_096

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** A time that many seconds later, its fraction untouched. What is no time stays. */
export function shiftTime(text: string, seconds: number): string {
  const match = RFC3339.exec(text)
  if (!match) return text
  const [, whole, fraction = '', zone] = match
  const at = Date.parse(`${whole}${zone}`)
  if (Number.isNaN(at)) return text
  const shifted = new Date(at + seconds * 1000)
  return Number.isNaN(shifted.getTime()) ? text : `${shifted.toISOString().slice(0, 19)}${fraction}Z`
}

/** What is sent of objects to one client, at one moment. */
export interface ObjectWriter {
  object(object: KubeObject): string
  metadata(object: KubeObject): string
}

const PLAIN: ObjectWriter = { object: jsonOf, metadata: ({ metadata }) => jsonOf(metadata) }

export interface ClientTime {
  /** Seconds that the client's clock is ahead of the lab's: negative after the lab's was forwarded. */
  shift(): number
  writer(definition: ResourceDefinition, shift?: number): ObjectWriter
  /** The difference by which this object was told last; that of now where it was not. */
  toldShift(object: KubeObject): number
  /** An object as a client is told it. */
  tell(object: KubeObject, definition: ResourceDefinition): KubeObject
  /** A client's object in the lab's time. `old`: what is stored, as this definition serves it; its times are found again. */
  take(object: KubeObject, definition: ResourceDefinition, old: KubeObject | null): KubeObject
}

/** For clients that want the cluster's own times. */
const NO_SHIFT: ClientTime = {
  shift: () => 0,
  writer: () => PLAIN,
  toldShift: () => 0,
  tell: (object) => object,
  take: (object) => object,
}

const ofLabs = new WeakMap<LabContext, ClientTime>()

/** How times are told to the client of an exchange. */
export function clientTime({ lab, request }: Pick<Exchange, 'lab' | 'request'>): ClientTime {
  if (request.headers[TIMES_HEADER] === 'cluster') return NO_SHIFT
  let time = ofLabs.get(lab)
  if (!time) ofLabs.set(lab, (time = createClientTime(lab)))
  return time
}

function timesIn(object: object, times: TimeFields): Set<string> {
  const found = new Set<string>()
  mapTimes(object, times, (time) => {
    found.add(time)
    return time
  })
  return found
}

function createClientTime({ clock, store }: LabContext): ClientTime {
  let kept = 0
  /** Differences of before, each with the store's revision when it was given up. */
  const told = new Map<number, number>()
  const texts = new WeakMap<object, { shift: number; text: string }>()

  const shift = (): number => {
    const apart = -clock.ahead()
    const off = apart - kept * 1000
    if (off > -SLACK && off < 1000 + SLACK) return kept
    told.delete(kept)
    told.set(kept, store.revision())
    if (told.size > REMEMBERED) told.delete(told.keys().next().value as number)
    kept = Math.floor(apart / 1000)
    return kept
  }

  const text = (value: object, times: TimeFields, by: number): string => {
    let known = texts.get(value)
    if (known?.shift !== by)
      texts.set(value, (known = { shift: by, text: JSON.stringify(mapTimes(value, times, (time) => shiftTime(time, by))) }))
    return known.text
  }

  /** By which difference a client knows the old object: the one by which most of its times come back. It was told since that object was written. */
  const toldBy = (given: Set<string>, old: Set<string>, by: number, since: number): number => {
    const found = new Map<number, number>()
    for (const time of given) {
      for (const before of old) {
        const apart = (Date.parse(time) - Date.parse(before)) / 1000
        if (apart === by || (told.get(apart) ?? -1) >= since) found.set(apart, (found.get(apart) ?? 0) + 1)
      }
    }
    let best = by
    for (const candidate of [...told.keys(), by]) if ((found.get(candidate) ?? 0) >= (found.get(best) ?? 0)) best = candidate
    return (found.get(by) ?? 0) >= (found.get(best) ?? 0) ? by : best
  }

  return {
    shift,
    toldShift: (object) => texts.get(object)?.shift ?? shift(),
    writer(definition, by = shift()) {
      if (by === 0) return PLAIN
      const times = timesOf(definition)
      return {
        object: (object) => text(object, times, by),
        metadata: ({ metadata }) => text(metadata, metadataTimes(), by),
      }
    },
    tell(object, definition) {
      const by = shift()
      return by === 0 ? object : (mapTimes(object, timesOf(definition), (time) => shiftTime(time, by)) as KubeObject)
    },
    take(object, definition, old) {
      const by = shift()
      if (by === 0 && told.size === 0) return object
      const times = timesOf(definition)
      const before = old ? timesIn(old, times) : new Set<string>()
      const known = before.size === 0 ? by : toldBy(timesIn(object, times), before, by, Number(old?.metadata.resourceVersion ?? 0))
      return mapTimes(object, times, (time) => {
        const same = shiftTime(time, -known)
        return before.has(same) ? same : shiftTime(time, -by)
      }) as KubeObject
    },
  }
}
