import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rawClient, type RawClient } from './client.ts'
import { REPLAY, RUNS, SEED, startFuzzLab, tellSeed, type FuzzLab } from './fuzz.ts'

const CLIENTS = 20
const WITHIN = { timeout: 60_000, interval: 20 }
const ALL = '/api/v1/configmaps'
const mapsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`
/** Tells objects of this test from the cluster's own. */
const MINE = 'fuzz=yes'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any
interface WatchEvent {
  type: string
  object: Json
}

const keyOf = ({ metadata }: Json): string => `${metadata.namespace}/${metadata.name}`
const sorted = (objects: Iterable<Json>): Json[] => [...objects].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

/** A list's items as a watch would tell them: the list alone says what they are. */
const itemsOf = ({ items }: { items: Json[] }): Json[] => items.map((item) => ({ kind: 'ConfigMap', apiVersion: 'v1', ...item }) as Json)

/** A list as its watch tells it: what a client has that lists once and watches from then on. */
class Fold {
  readonly objects = new Map<string, Json>()
  readonly events: WatchEvent[] = []
  readonly problems: string[] = []
  revision: string

  constructor(list: Json) {
    for (const object of itemsOf(list)) this.objects.set(keyOf(object), object)
    this.revision = list.metadata.resourceVersion
  }

  take(event: WatchEvent): void {
    const { type, object } = event
    const key = keyOf(object)
    if (type === 'ERROR') return void this.problems.push(JSON.stringify(object))
    const { resourceVersion } = object.metadata
    if (type !== 'BOOKMARK') {
      if (Number(resourceVersion) <= Number(this.revision))
        this.problems.push(`${type} ${key} of ${resourceVersion} came after ${this.revision}`)
      if (this.objects.has(key) === (type === 'ADDED')) this.problems.push(`${type} ${key} does not fit what was told before`)
      if (type === 'DELETED') this.objects.delete(key)
      else this.objects.set(key, object)
      this.events.push(event)
    }
    this.revision = resourceVersion
  }
}

interface Followed {
  fold: Fold
  query: string
  /** How often its connection was cut, to go on from where it was. */
  cuts: number
  /** Cuts the connection; it is opened again at the revision that was told last. */
  cut(): void
  close(): void
}

/** Lists, and watches on a connection of its own. */
async function follow(url: string, path: string, query: string, client: RawClient): Promise<Followed> {
  const fold = new Fold((await client.send({ method: 'GET', path: `${path}?${query}` })).json)
  let open = true
  let drop = (): void => {}
  const watch = (): void => {
    let rest = ''
    const target = new URL(`${path}?watch=true&${query}&resourceVersion=${fold.revision}&allowWatchBookmarks=true`, url)
    const sent = request(target, { agent: false }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) fold.take(JSON.parse(line) as WatchEvent)
      })
      response.on('error', () => {})
    })
    sent.on('error', () => {})
    sent.on('close', () => open && watch())
    sent.end()
    drop = () => sent.destroy()
  }
  watch()
  const followed: Followed = {
    fold,
    query,
    cuts: 0,
    cut() {
      followed.cuts++
      drop()
    },
    close() {
      open = false
      drop()
    },
  }
  return followed
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const namespace = fc.constantFrom('default', 'other')
const team = fc.constantFrom('red', 'blue', 'green')
const value = fc.string({ maxLength: 8 })
const kind = fc.constantFrom(
  'create',
  'create',
  'put',
  'put',
  'stale',
  'merge',
  'strategic',
  'json',
  'apply',
  'delete',
  'dry',
  'collection',
  'page',
  'cut',
)
const operation = fc.record({ kind, name, namespace, team, value })
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

const JSON_TYPE = 'application/json'

/** One operation of one client. Gives the status codes that a server may answer with. */
function requestOf({ kind: what, name: called, namespace: where, team: colour, value: text }: Operation): {
  method: string
  path: string
  type: string
  body: object | null
  codes: number[]
} {
  const path = `${mapsOf(where)}/${called}`
  const labels = { fuzz: 'yes', team: colour }
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: called, labels }, data: { value: text } }
  const patch = { metadata: { labels }, data: { value: text } }
  switch (what) {
    case 'put':
      return { method: 'PUT', path, type: JSON_TYPE, body: object, codes: [200, 404] }
    case 'stale':
      return {
        method: 'PUT',
        path,
        type: JSON_TYPE,
        body: { ...object, metadata: { ...object.metadata, resourceVersion: '2' } },
        codes: [404, 409],
      }
    case 'merge':
      return { method: 'PATCH', path, type: 'application/merge-patch+json', body: patch, codes: [200, 404] }
    case 'strategic':
      return { method: 'PATCH', path, type: 'application/strategic-merge-patch+json', body: patch, codes: [200, 404] }
    case 'json':
      return {
        method: 'PATCH',
        path,
        type: 'application/json-patch+json',
        body: [{ op: 'replace', path: '/metadata/labels/team', value: colour }],
        codes: [200, 404],
      }
    case 'apply':
      return {
        method: 'PATCH',
        path: `${path}?fieldManager=${colour}&force=true`,
        type: 'application/apply-patch+yaml',
        body: object,
        codes: [200, 201],
      }
    case 'delete':
      return { method: 'DELETE', path, type: JSON_TYPE, body: null, codes: [200, 404] }
    case 'dry':
      return { method: 'POST', path: `${mapsOf(where)}?dryRun=All`, type: JSON_TYPE, body: object, codes: [201, 409] }
    case 'collection':
      return {
        method: 'DELETE',
        path: `${mapsOf(where)}?labelSelector=${MINE},team%3D${colour}`,
        type: JSON_TYPE,
        body: null,
        codes: [200],
      }
    default:
      return { method: 'POST', path: mapsOf(where), type: JSON_TYPE, body: object, codes: [201, 409] }
  }
}

let lab: FuzzLab
let url = ''

beforeAll(async () => {
  lab = await startFuzzLab()
  url = lab.server.info.server
})
afterAll(() => lab.stop())

/** A whole list, page by page, while others write. */
async function pages(client: RawClient): Promise<{ revisions: Set<string>; items: Json[] }> {
  const revisions = new Set<string>()
  const items: Json[] = []
  let token = ''
  do {
    const { status, json } = await client.send({
      method: 'GET',
      path: `${ALL}?labelSelector=${MINE}&limit=2${token && `&continue=${token}`}`,
    })
    expect(status, JSON.stringify(json)).toBe(200)
    revisions.add(json.metadata.resourceVersion)
    items.push(...itemsOf(json))
    token = json.metadata.continue ?? ''
  } while (token)
  return { revisions, items }
}

describe(`${CLIENTS} clients that write at once`, () => {
  it('leave a list that equals the fold of each of its watches', { timeout: 180_000 }, async () => {
    tellSeed('concurrent operations')
    const { client } = lab
    const watches = [
      await follow(url, ALL, `labelSelector=${MINE}`, client),
      await follow(url, mapsOf('other'), `labelSelector=${MINE}`, client),
      // objects come into these and leave them
      await follow(url, ALL, `labelSelector=${MINE},team%3Dred`, client),
      await follow(url, mapsOf('default'), `labelSelector=${MINE},team+notin+(red,green)`, client),
      await follow(url, ALL, `labelSelector=${MINE}&fieldSelector=metadata.name%3Da`, client),
      // this one is never cut
      await follow(url, ALL, `labelSelector=${MINE}`, client),
    ]
    const whole = watches.at(-1) as Followed
    const start = whole.fold.revision
    const snapshots: { revisions: Set<string>; items: Json[] }[] = []
    const wrong: string[] = []
    const operations = fc.sample(operation, { seed: SEED, numRuns: RUNS })
    const run = async (first: number): Promise<void> => {
      const own = rawClient(url)
      for (let i = first; i < operations.length; i += CLIENTS) {
        const each = operations[i] as Operation
        if (each.kind === 'cut') watches[i % (watches.length - 1)]?.cut()
        else if (each.kind === 'page') snapshots.push(await pages(own))
        else {
          const { method, path, type, body, codes } = requestOf(each)
          const { status, text } = await own.send({
            method,
            path,
            headers: { 'content-type': type },
            ...(body ? { body: JSON.stringify(body) } : {}),
          })
          if (!codes.includes(status)) wrong.push(`${i}: ${method} ${path}: ${status}, not ${codes.join(' or ')}: ${text.slice(0, 200)}`)
        }
      }
      own.close()
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => run(i)))
    expect(wrong, REPLAY).toEqual([])

    // an object that every watch sees is the last word
    for (const where of ['default', 'other']) {
      await client.send({ method: 'DELETE', path: `${mapsOf(where)}?labelSelector=${MINE},team%3Dblue` })
    }
    const marks: [string, string, string][] = [
      ['default', 'a', 'red'],
      ['default', 'z', 'blue'],
      ['other', 'a', 'red'],
    ]
    for (const [where, called, colour] of marks) {
      await client.send({ method: 'DELETE', path: `${mapsOf(where)}/${called}` })
      const body = { metadata: { name: called, labels: { fuzz: 'yes', team: colour, last: 'yes' } } }
      expect(
        (await client.send({ method: 'POST', path: mapsOf(where), headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(body) }))
          .status,
      ).toBe(201)
    }
    const places = [ALL, mapsOf('other'), ALL, mapsOf('default'), ALL, ALL]
    for (const [i, { fold, query }] of watches.entries()) {
      const { json } = await client.send({ method: 'GET', path: `${places[i]}?${query}` })
      await expect.poll(() => sorted(fold.objects.values()), WITHIN).toEqual(sorted(itemsOf(json)))
      expect(fold.problems, `${query}; ${REPLAY}`).toEqual([])
      expect(fold.events.length).toBeGreaterThan(RUNS / 200)
    }
    expect(watches.slice(0, -1).every(({ cuts }) => cuts > 0)).toBe(true)

    // the pages of a list are of one revision: what the watch had told by then
    const states = new Map<string, string>()
    const objects = new Map<string, Json>()
    const due = [...new Set(snapshots.flatMap(({ revisions }) => [...revisions]))].map(Number).toSorted((a, b) => a - b)
    let next = 0
    for (const { type, object } of [...whole.fold.events, { type: 'END', object: { metadata: { resourceVersion: Infinity } } }]) {
      for (; next < due.length && (due[next] as number) < Number(object.metadata.resourceVersion); next++) {
        states.set(String(due[next]), JSON.stringify(sorted(objects.values())))
      }
      if (type === 'DELETED') objects.delete(keyOf(object))
      else objects.set(keyOf(object), object)
    }
    expect(snapshots.length).toBeGreaterThan(RUNS / 50)
    for (const { revisions, items } of snapshots) {
      expect(revisions.size).toBe(1)
      const [revision = ''] = revisions
      if (Number(revision) >= Number(start))
        expect(JSON.stringify(sorted(items)), `revision ${revision}; ${REPLAY}`).toBe(states.get(revision))
    }

    for (const watch of watches) watch.close()
    expect(lab.faults, REPLAY).toEqual([])
  })
})
