/**
 * What the steps have made on a cluster that the deck did not start, so that a reset can delete exactly that.
 *
 * An object counts as made by a step if all of this is true: it was not there when the deck started, nor seen before the step began; the step's command
 * is one that makes objects, and the object's name stands in it or in a manifest that it applies; nothing owns it (what a Deployment makes goes with the
 * Deployment); and it was created, by the server's own clock, between the step's begin and its end. It is deleted by its uid: an object of the same name that somebody else has made since is left alone. What
 * somebody types freely is theirs to clean up.
 */
import type { Step } from '../protocol/lab.ts'
import type { Api } from '../topology/api.ts'
import type { Lookup, Resource } from '../topology/lookup.ts'
import { isMaking, namesOf, type ManifestObject } from './writes.ts'

interface Made {
  uid: string
  name: string
  /** Path of the object at the API server. */
  path: string
  kind: string
}

interface Seen extends Made {
  created: number
  owned: boolean
}

export interface Ledger {
  /** Resolves once it is known what was there before the first step. No step may run before. */
  ready: Promise<void>
  stepBegins(step: Step): void
  stepEnded(step: Step): void
  /** Deletes what the steps have made, the last first, and waits until it is gone. */
  clean(): Promise<void>
  /** What a reset would delete. */
  list(): Promise<readonly Made[]>
}

const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
/** Kinds that controllers write all the time and that no step makes. */
const PASSING = new Set(['events', 'endpoints', 'endpointslices', 'leases', 'componentstatuses', 'controllerrevisions'])
const AT_A_TIME = 8
/** A namespace with pods in it takes its grace period, 30 s, to go; ms. */
const GONE_WITHIN = 90_000
const LOOK_EVERY = 500
/** creationTimestamp has whole seconds. */
const SECOND = 1_000

async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index]!)
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}

export function createLedger(api: Api, lookup: Lookup, manifests: Map<string, ManifestObject[]>): Ledger {
  /** When an object was seen first, by uid, on this process' clock. */
  const firstSeen = new Map<string, number>()
  const claimed = new Set<string>()
  const made: Made[] = []
  const beganAt = new Map<string, { here: number; there: Promise<number | null> }>()
  const endedAt = new Map<string, Promise<number | null>>()

  const listOf = async (resource: Resource): Promise<Seen[]> => {
    const { status, body } = await api.request('GET', `${resource.prefix}/${resource.plural}`, { accept: METADATA_ONLY })
    // what may not be listed cannot be told apart from what was there, so it is never deleted
    if (status !== 200) return []
    return (body.items ?? []).map(({ metadata }: any): Seen => {
      const space = metadata.namespace ? `/namespaces/${metadata.namespace}` : ''
      return {
        uid: metadata.uid,
        name: metadata.name,
        path: `${resource.prefix}${space}/${resource.plural}/${metadata.name}`,
        kind: resource.kind,
        created: Date.parse(metadata.creationTimestamp),
        owned: (metadata.ownerReferences ?? []).length > 0,
      }
    })
  }

  const survey = async (): Promise<Seen[]> => {
    lookup.forget()
    const resources = (await lookup.resources()).filter(
      ({ plural, verbs }) => verbs.includes('list') && verbs.includes('delete') && !PASSING.has(plural),
    )
    return (await inParallel(resources, AT_A_TIME, listOf)).flat()
  }

  const serverTime = async (): Promise<number | null> => (await api.request('GET', '/version')).date

  const look = async (): Promise<Seen[]> => {
    const seen = await survey()
    const now = performance.now()
    for (const { uid } of seen) if (!firstSeen.has(uid)) firstSeen.set(uid, now)
    return seen
  }

  /** One survey after the other, starting with what is there before the first step. They may lag behind the steps. */
  const ready = look().then(() => undefined)
  let queue: Promise<unknown> = ready
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    const next = queue.then(work)
    queue = next.catch(() => {})
    return next
  }

  const book = async (step: Step): Promise<void> => {
    const began = beganAt.get(step.id)
    const [from, to] = await Promise.all([began?.there, endedAt.get(step.id)])
    const seen = await look()
    // without the server's time nothing can be said about who came first
    if (!began || from == null || to == null) return
    const names = namesOf(step, manifests)
    for (const { uid, name, path, kind, owned, created } of seen) {
      if (claimed.has(uid) || owned || !names.has(name)) continue
      if (firstSeen.get(uid)! < began.here || created < from - SECOND || created > to) continue
      claimed.add(uid)
      made.push({ uid, name, path, kind })
    }
  }

  const isGone = async ({ path, uid }: Made): Promise<boolean> => {
    const { status, body } = await api.request('GET', path)
    return status === 404 || (status === 200 && body.metadata.uid !== uid)
  }

  const remove = async (objects: Made[]): Promise<void> => {
    for (const object of objects) {
      const { status, body } = await api.request('DELETE', object.path, {
        body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid: object.uid } },
      })
      // 404: a step has deleted it itself; 409: another object has its name now
      if (status >= 400 && status !== 404 && status !== 409)
        throw new Error(`${object.kind} ${object.name}: ${body?.message ?? `the server answered ${status}`}`)
    }
    const until = performance.now() + GONE_WITHIN
    for (const object of objects) {
      while (!(await isGone(object))) {
        if (performance.now() > until)
          throw new Error(`${object.kind} ${object.name} is deleted, but not gone yet: look with kubectl, then reset again`)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
      }
    }
  }

  return {
    ready,
    stepBegins(step) {
      if (isMaking(step)) beganAt.set(step.id, { here: performance.now(), there: serverTime().catch(() => null) })
    },
    stepEnded(step) {
      if (!isMaking(step)) return
      endedAt.set(
        step.id,
        serverTime().catch(() => null),
      )
      enqueue(() => book(step)).catch(() => {})
    },
    async list() {
      await queue
      return made
    },
    async clean() {
      await enqueue(async () => {
        await remove(made.toReversed())
        made.length = 0
      })
    },
  }
}
