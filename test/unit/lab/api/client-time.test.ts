import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shiftTime } from '../../../../server/lab/api/time/client-time.ts'
import { SHIRTS } from '../fuzz/objects.ts'
import { configMap } from '../store/fixture.ts'
import { eventsOf, startApi, type TestApi } from './http.ts'

let api: TestApi
/** How far the lab's clock is ahead of the client's, ms. */
let ahead = 0

beforeEach(async () => {
  api = await startApi()
  ahead = 0
  api.clock.ahead = () => ahead
})
afterEach(() => api.close())

const HOUR = 3_600_000
/** What a client's clock shows. */
const wall = (): number => api.clock.now() - ahead
const text = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const call = async (...request: Parameters<TestApi['call']>): Promise<any> => (await api.call(...request)).body

const MAP = '/api/v1/namespaces/default/configmaps/a'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases'

/** The lab's clock is forwarded; the client's stands. */
function forward(ms: number): void {
  api.clock.forward(ms)
  ahead += ms
}

describe('a time', () => {
  it.each([
    ['2026-11-24T00:00:10Z', -20, '2026-11-23T23:59:50Z'],
    ['2026-11-24T00:00:10.123456Z', 5, '2026-11-24T00:00:15.123456Z'],
    ['2026-11-24T09:00:10+09:00', 0, '2026-11-24T00:00:10Z'],
    ['yesterday', 5, 'yesterday'],
    ['9999-99-99T99:99:99Z', 5, '9999-99-99T99:99:99Z'],
  ])('%s, %i s later, is %s', (time, seconds, later) => {
    expect(shiftTime(time, seconds)).toBe(later)
  })
})

describe('a client of a lab whose clock was forwarded', () => {
  it('is told every time of an object by its own clock, in lists, watches and tables', async () => {
    const created = api.clock.now()
    api.store.create('configmaps', configMap('a', { k: 'v' }), { fieldManager: 'm' })
    forward(HOUR)
    const aged = text(created - HOUR)
    const one = await call('GET', MAP)
    expect(one.metadata).toMatchObject({ creationTimestamp: aged, managedFields: [{ time: aged }] })
    expect((await call('GET', '/api/v1/configmaps')).items[0].metadata.creationTimestamp).toBe(aged)
    const next = eventsOf(await fetch(`${api.url}/api/v1/configmaps?watch=true`))
    expect((await next()).object.metadata.creationTimestamp).toBe(aged)
    const table = await call('GET', MAP, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    expect(table.rows[0]).toMatchObject({ cells: ['a', 1, '60m'], object: { metadata: { creationTimestamp: aged } } })
    const metadata = await call('GET', MAP, undefined, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' })
    expect(metadata.metadata.creationTimestamp).toBe(aged)
    // what is made now is as old as nothing
    api.store.create('configmaps', configMap('b'))
    expect((await next()).object.metadata.creationTimestamp).toBe(text(wall()))
  })

  it('is told the time of the cluster where it asks for that', async () => {
    const created = api.clock.now()
    api.store.create('configmaps', configMap('a'))
    forward(HOUR)
    expect((await call('GET', MAP, undefined, { 'lab-times': 'cluster' })).metadata.creationTimestamp).toBe(text(created))
  })

  it('changes nothing by sending back what it was told, now or before', async () => {
    api.store.create('configmaps', configMap('a', { k: 'v' }), { fieldManager: 'm' })
    const told = [await call('GET', MAP)]
    for (const ms of [HOUR, 1_000, 3_000]) {
      forward(ms)
      told.push(await call('GET', MAP))
    }
    for (const each of told) {
      expect((await call('PUT', `${MAP}?fieldManager=other`, each)).metadata.resourceVersion).toBe(told[0].metadata.resourceVersion)
    }
    expect(api.store.get('configmaps', 'default', 'a')?.metadata.managedFields).toHaveLength(1)
  })

  it('sets times by its own clock, and reads them back', async () => {
    forward(HOUR)
    const renew = (at: number, more: object = {}) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', ...more },
      spec: { holderIdentity: 'me', renewTime: text(at).replace('Z', '.000007Z') },
    })
    await call('POST', LEASES, renew(wall()))
    expect(api.store.get('leases.coordination.k8s.io', 'default', 'l')?.['spec'].renewTime).toBe(
      text(api.clock.now()).replace('Z', '.000007Z'),
    )
    for (let i = 0; i < 3; i++) {
      api.clock.forward(10_000)
      const read = await call('GET', `${LEASES}/l`)
      const put = await call('PUT', `${LEASES}/l`, renew(wall(), { resourceVersion: read.metadata.resourceVersion }))
      expect(put.spec.renewTime).toBe(text(wall()).replace('Z', '.000007Z'))
      expect(put.metadata.resourceVersion).not.toBe(read.metadata.resourceVersion)
    }
  })

  it('finds its tests of times in a patch true', async () => {
    api.store.create('configmaps', configMap('a', { k: 'v' }))
    forward(HOUR)
    const { metadata } = await call('GET', MAP)
    const patch = [
      { op: 'test', path: '/metadata/creationTimestamp', value: metadata.creationTimestamp },
      { op: 'add', path: '/data/x', value: 'y' },
    ]
    const patched = await call('PATCH', MAP, patch, { 'content-type': 'application/json-patch+json' })
    expect(patched).toMatchObject({ data: { k: 'v', x: 'y' }, metadata: { creationTimestamp: metadata.creationTimestamp } })
  })

  it('is told the result of a dry run by the difference by which it knows the object', async () => {
    api.store.create('configmaps', configMap('a', { k: 'v' }))
    forward(HOUR)
    const { metadata } = await call('GET', MAP)
    forward(5_000)
    const merge = { 'content-type': 'application/merge-patch+json' }
    const dry = await call('PATCH', `${MAP}?dryRun=All`, { data: { x: 'y' } }, merge)
    expect(dry.metadata.creationTimestamp).toBe(metadata.creationTimestamp)
    expect((await call('PATCH', MAP, { data: { x: 'y' } }, merge)).metadata.creationTimestamp).toBe(
      shiftTime(metadata.creationTimestamp, -5),
    )
  })

  it('has times of a custom resource by its schema alone', async () => {
    api.store.create('customresourcedefinitions.apiextensions.k8s.io', structuredClone(SHIRTS))
    forward(HOUR)
    const bought = text(wall() - 60_000)
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Shirt',
      metadata: { name: 's', annotations: { at: bought } },
      spec: { size: 1, bought },
    }
    expect((await call('POST', '/apis/example.com/v1/namespaces/default/shirts', body)).spec.bought).toBe(bought)
    expect(api.store.get('shirts.example.com', 'default', 's')).toMatchObject({
      metadata: { annotations: { at: bought } },
      spec: { bought: text(api.clock.now() - 60_000) },
    })
  })
})

describe('a client of a lab whose clock agrees with its own', () => {
  it('is told the very times, also where the two are a moment apart', async () => {
    const { creationTimestamp } = api.store.create('configmaps', configMap('a')).metadata
    for (const apart of [0, 200, -1_200]) {
      ahead = apart
      expect((await call('GET', MAP)).metadata.creationTimestamp).toBe(creationTimestamp)
    }
  })

  it('is told them by its own clock where the lab stood still', async () => {
    api.store.create('configmaps', configMap('a'))
    const first = (await call('GET', MAP)).metadata
    ahead = -10_000
    const later = (await call('GET', MAP)).metadata
    expect(later.creationTimestamp).toBe(shiftTime(first.creationTimestamp, 10))
    expect((await call('PUT', MAP, { ...configMap('a'), metadata: first })).metadata.resourceVersion).toBe(first.resourceVersion)
  })
})
