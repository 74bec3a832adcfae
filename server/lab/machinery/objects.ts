/** Small pure helpers over API objects, as apimachinery's and pkg/api/v1/pod's. */
import type { KubeObject, OwnerReference } from '../resources/definition.ts'
import { NAME_ALPHABET } from '../resources/kit/random.ts'

/** An API object's status condition of any kind. */
export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string | null
  [field: string]: unknown
}

export { timestamp } from '../store/rules.ts'

/** metav1.MicroTime. The lab's clock counts milliseconds, so the last three digits are 0. */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`
}

/** Milliseconds of a timestamp, or NaN where there is none. */
export function milliseconds(time: string | null | undefined): number {
  return time ? Date.parse(time) : Number.NaN
}

/** `namespace/name`, or `name` for what has no namespace: a workqueue's key. */
export function keyOf(object: KubeObject): string {
  return object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The owner that manages an object, or undefined. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** As metav1.NewControllerRef. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    blockOwnerDeletion: true,
    controller: true,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
  }
}

export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return (object.status?.conditions as Condition[] | undefined)?.find((condition) => condition.type === type)
}

/** As podutil.IsPodReady. */
export function isPodReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** As podutil.IsPodAvailable. */
export function isPodAvailable(pod: KubeObject, minReadySeconds: number, now: number): boolean {
  const ready = conditionOf(pod, 'Ready')
  if (ready?.status !== 'True') return false
  if (!minReadySeconds) return true
  const since = milliseconds(ready.lastTransitionTime)
  return !Number.isNaN(since) && since + minReadySeconds * 1000 <= now
}

export function hasEnded(pod: KubeObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** As controller.IsPodActive. */
export function isPodActive(pod: KubeObject): boolean {
  return !hasEnded(pod) && !pod.metadata.deletionTimestamp
}

/** As controller.IsPodTerminating: being deleted, not ended yet. */
export function isPodTerminating(pod: KubeObject): boolean {
  return !hasEnded(pod) && pod.metadata.deletionTimestamp !== undefined
}

/** As rand.SafeEncodeString: a number's digits in the alphabet of names. */
export function safeEncode(text: string): string {
  return [...text].map((letter) => NAME_ALPHABET[letter.charCodeAt(0) % NAME_ALPHABET.length]).join('')
}

/** A UUID of version 4 from the lab's own random numbers. */
export function randomUid(random: () => number): string {
  const hex = randomHex(random, 32)
  const variant = '89ab'[Math.floor(random() * 4)]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

export function randomHex(random: () => number, length: number): string {
  let hex = ''
  while (hex.length < length)
    hex += Math.floor(random() * 0x100000000)
      .toString(16)
      .padStart(8, '0')
  return hex.slice(0, length)
}

/** Equality of JSON values; key order does not matter, undefined is absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((value, i) => sameJson(value, b[i]))
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key of Object.keys(left)) if (left[key] !== undefined && !sameJson(left[key], right[key])) return false
  for (const key of Object.keys(right)) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}

/** A percentage or number of a total, as intstr.GetScaledValueFromIntOrPercent. */
export function scaledValue(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const exact = (Number.parseInt(value, 10) * total) / 100
  return roundUp ? Math.ceil(exact) : Math.floor(exact)
}
