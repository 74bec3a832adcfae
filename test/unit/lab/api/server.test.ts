import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOG_LIMIT } from '../../../../server/lab/store/table.ts'
import { configMap } from '../store/fixture.ts'
import { eventsOf, startApi, type TestApi } from './http.ts'

let api: TestApi

beforeEach(async () => {
  api = await startApi()
})

afterEach(async () => {
  await api.close()
})

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

const call: TestApi['call'] = (...request) => api.call(...request)

describe('discovery', () => {
  it('answers in the aggregated form that the client offers, and in the plain one', async () => {
    const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
    expect((await call('GET', '/apis', undefined, { accept: aggregated })).body).toMatchObject({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2beta1',
    })
    expect((await call('GET', '/apis', undefined, { accept: 'application/json' })).body.kind).toBe('APIGroupList')
    expect((await call('GET', '/api/v1')).body.resources.map(({ name }: { name: string }) => name)).toContain('pods/eviction')
  })

  it('names what is stored by the hash of its kind, which is a real server’s, and nothing else', async () => {
    const hashes = async (path: string): Promise<Record<string, string | undefined>> => {
      const resources: { name: string; storageVersionHash?: string }[] = (await call('GET', path)).body.resources
      return Object.fromEntries(resources.map(({ name, storageVersionHash }) => [name, storageVersionHash]))
    }
    expect(await hashes('/api/v1')).toMatchObject({
      pods: 'xPOwRZ+Yhw8=',
      events: 'r2yiGXH7wu8=',
      bindings: undefined,
      'pods/log': undefined,
    })
    expect(await hashes('/apis/events.k8s.io/v1')).toEqual({ events: 'r2yiGXH7wu8=' })
    expect((await hashes('/apis/autoscaling/v1'))['horizontalpodautoscalers']).toBe('qwQve8ut294=')
  })
})

describe('lists', () => {
  it('say once what their items are', async () => {
    api.store.create('configmaps', configMap('a', { k: 'v' }))
    const { body } = await call('GET', CONFIG_MAPS)
    expect(body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' })
    expect(Object.keys(body.items[0])).toEqual(['metadata', 'data'])
  })

  it('come as a Table to who asks for it', async () => {
    api.store.create('configmaps', configMap('a', { k: 'v' }))
    const { body } = await call('GET', CONFIG_MAPS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' })
    expect(body).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      rows: [{ cells: ['a', 1, '0s'], object: { kind: 'PartialObjectMetadata' } }],
    })
  })

  it('come in pages', async () => {
    for (const name of ['a', 'b', 'c']) api.store.create('configmaps', configMap(name))
    const first = await call('GET', `${CONFIG_MAPS}?limit=2`)
    expect(first.body.metadata.remainingItemCount).toBe(1)
    const second = await call('GET', `${CONFIG_MAPS}?limit=2&continue=${encodeURIComponent(first.body.metadata.continue)}`)
    const names = [...first.body.items, ...second.body.items].map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    expect(names).toEqual(['a', 'b', 'c'])
  })

  const change = (name: string, value: string): void =>
    void api.store.mutate('configmaps', 'default', name, (object) => void (object['data'] = { value }))
  const pageAfter = (token: string) => call('GET', `${CONFIG_MAPS}?limit=2&continue=${encodeURIComponent(token)}`)

  it('are of the revision of their first page, whatever is written meanwhile', async () => {
    for (const name of ['a', 'b', 'c', 'd']) api.store.create('configmaps', configMap(name, { value: '1' }))
    const first = (await call('GET', `${CONFIG_MAPS}?limit=2`)).body
    change('c', '2')
    api.store.delete('configmaps', 'default', 'd')
    api.store.create('configmaps', configMap('bb'))
    const { items, metadata } = (await pageAfter(first.metadata.continue)).body
    expect(items.map((item: { metadata: { name: string }; data: object }) => [item.metadata.name, item.data])).toEqual([
      ['c', { value: '1' }],
      ['d', { value: '1' }],
    ])
    expect(metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    const exact = await call('GET', `${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`)
    expect(exact.body.items).toEqual([...first.items, ...items])
  })

  it('say that their revision is compacted, and how to go on without it', async () => {
    for (const name of ['a', 'b', 'c']) api.store.create('configmaps', configMap(name))
    const first = (await call('GET', `${CONFIG_MAPS}?limit=2`)).body
    for (let i = 0; i < LOG_LIMIT + 1_000; i++) change('c', String(i))
    const { status, body } = await pageAfter(first.metadata.continue)
    expect({ status, reason: body.reason }).toEqual({ status: 410, reason: 'Expired' })
    expect(body.message).toMatch(/^The provided continue parameter is too old to display a consistent list result\. /)
    const rest = (await pageAfter(body.metadata.continue)).body
    expect(rest.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['c'])
    const exact = await call('GET', `${CONFIG_MAPS}?resourceVersion=${first.metadata.resourceVersion}&resourceVersionMatch=Exact`)
    expect(exact).toMatchObject({ status: 410, body: { message: 'The resourceVersion for the provided list is too old.' } })
  })
})

describe('watches', () => {
  it('send what there is, and then a bookmark, to who asks for initial events', async () => {
    api.store.create('configmaps', configMap('a'))
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
    const next = eventsOf(await fetch(`${api.url}${CONFIG_MAPS}?${query}`))
    expect(await next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    expect(await next()).toMatchObject({ type: 'BOOKMARK', object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } })
    api.store.create('configmaps', configMap('b'))
    expect(await next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } })
  })

  it('show an object that a selector lets in or out as added or deleted', async () => {
    const next = eventsOf(await fetch(`${api.url}${CONFIG_MAPS}?watch=true&labelSelector=x%3D1&resourceVersion=${api.store.revision()}`))
    api.store.create('configmaps', configMap('a'))
    api.store.mutate('configmaps', 'default', 'a', (object) => void (object.metadata.labels = { x: '1' }))
    expect(await next()).toMatchObject({ type: 'ADDED' })
    api.store.mutate('configmaps', 'default', 'a', (object) => void (object.metadata.labels = { x: '2' }))
    expect(await next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } })
  })

  it('close with the client, and leave nothing behind', async () => {
    const open = api.store.watchCount()
    const controller = new AbortController()
    const response = await fetch(`${api.url}${CONFIG_MAPS}?watch=true`, { signal: controller.signal })
    expect(response.status).toBe(200)
    expect(api.store.watchCount()).toBe(open + 1)
    controller.abort()
    await expect.poll(() => api.store.watchCount()).toBe(open)
  })
})

describe('writes', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
    spec: {
      replcas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  }
  const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

  it('check fields as they are asked to', async () => {
    const strict = await call('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, deployment)
    expect(strict.body.message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replcas"',
    )
    const warned = await call('POST', `${DEPLOYMENTS}?fieldValidation=Warn`, deployment)
    expect(warned.status).toBe(201)
    expect(warned.headers.get('warning')).toBe('299 - "unknown field \\"spec.replcas\\""')
  })

  it('merge what is applied, and name conflicts with other managers', async () => {
    const { replcas: _unknown, ...spec } = deployment.spec
    const apply = (replicas: number, manager: string, force = false) =>
      call(
        'PATCH',
        `${DEPLOYMENTS}/x?fieldManager=${manager}&force=${force}`,
        { ...deployment, spec: { ...spec, replicas } },
        { 'content-type': 'application/apply-patch+yaml' },
      )
    expect((await apply(1, 'one')).status).toBe(201)
    const conflict = await apply(2, 'two')
    expect(conflict.status).toBe(409)
    expect(conflict.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.replicas')
    expect((await apply(2, 'two', true)).body.spec.replicas).toBe(2)
  })

  it('make a resource of a CustomResourceDefinition, with its defaults, columns and rules', async () => {
    const schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          required: ['size'],
          properties: { size: { type: 'integer', minimum: 1 }, color: { type: 'string', default: 'red' } },
        },
      },
    }
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'shirts.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Shirt', plural: 'shirts', singular: 'shirt' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: schema },
            additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
          },
        ],
      },
    }
    expect((await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)).status).toBe(201)
    const shirt = (name: string, spec: object) =>
      call('POST', '/apis/example.com/v1/namespaces/default/shirts', {
        apiVersion: 'example.com/v1',
        kind: 'Shirt',
        metadata: { name },
        spec,
      })
    expect((await shirt('a', { size: 3 })).body.spec).toEqual({ size: 3, color: 'red' })
    expect((await shirt('b', { size: 0 })).body.message).toBe(
      'Shirt.example.com "b" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    )
    expect((await shirt('c', {})).body.message).toBe('Shirt.example.com "c" is invalid: spec.size: Required value')
    const table = await call('GET', '/apis/example.com/v1/shirts', undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
    expect(table.body.rows[0].cells).toEqual(['a', 'red'])
  })
})

describe('paths', () => {
  it('is answered with a Status where its group is built in, with a page where nobody knows it', async () => {
    for (const at of ['/api/v1/nopes', '/apis/apps/v1/nopes', '/apis/apps/v3', '/apis/apps/v3/deployments']) {
      expect(await call('GET', at)).toMatchObject({ status: 404, body: { kind: 'Status', reason: 'NotFound', details: {} } })
    }
    for (const at of ['/nope', '/apis/foo.io', '/apis/foo.io/v1/bars']) {
      expect(await call('GET', at)).toMatchObject({ status: 404, body: '404 page not found\n' })
    }
  })
})
