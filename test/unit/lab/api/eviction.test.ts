import { afterEach, beforeEach, expect, it } from 'vitest'
import { pod } from '../store/fixture.ts'
import { startApi, type TestApi } from './http.ts'

let api: TestApi

beforeEach(async () => {
  api = await startApi()
})

afterEach(async () => {
  await api.close()
})

async function evict(preconditions: object): Promise<{ code?: number; message?: string }> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, deleteOptions: { preconditions } }
  return (await api.call('POST', '/api/v1/namespaces/default/pods/p/eviction', eviction)).body
}

it('takes the very version of the pod that it is about, though it marks it first', async () => {
  const { metadata } = api.store.create('pods', pod('p'))
  expect(await evict({ uid: metadata.uid, resourceVersion: metadata.resourceVersion })).toMatchObject({ code: 201 })
  expect(api.store.get('pods', 'default', 'p')).toBeUndefined()
})

it('is refused where the pod is another one or another version, which keeps no mark', async () => {
  const stored = api.store.create('pods', pod('p'))
  const refused = 'Operation cannot be fulfilled on Pod "p": the'
  expect(await evict({ uid: 'u' })).toMatchObject({
    code: 409,
    message: `${refused} UID in the precondition (u) does not match the UID in record (${stored.metadata.uid}). The object might have been deleted and then recreated`,
  })
  expect(await evict({ resourceVersion: '1' })).toMatchObject({
    code: 409,
    message: `${refused} ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${stored.metadata.resourceVersion}). The object might have been modified`,
  })
  expect(api.store.get('pods', 'default', 'p')).toBe(stored)
})
