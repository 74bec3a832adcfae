import { describe, expect, it } from 'vitest'
import { entriesOf } from '../../../../server/lab/store/managed-fields.ts'
import { deployment, testStore } from './fixture.ts'

describe('managed fields', () => {
  it('belong to whoever created them', () => {
    const { store } = testStore()
    const created = store.create('deployments.apps', deployment('x'), { fieldManager: 'kubectl-create' })
    const [entry, ...more] = entriesOf(created)
    expect(more).toEqual([])
    expect(entry).toMatchObject({ manager: 'kubectl-create', operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1' })
    expect(entry?.fieldsV1).toMatchObject({
      'f:spec': {
        'f:replicas': {},
        'f:selector': {},
        'f:template': {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
        },
      },
    })
  })

  it('are none of an entry that a client sends without any', () => {
    const { store } = testStore()
    const created = store.create('configmaps', { metadata: { name: 'a', namespace: 'default' } }, { fieldManager: 'one' })
    const sent = { manager: 'two', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1' }
    const object = { ...created, metadata: { ...created.metadata, managedFields: [sent] }, data: { k: 'v' } }
    const updated = store.update('configmaps', object, { fieldManager: 'one' })
    expect(entriesOf(updated).map(({ manager }) => manager)).toEqual(['one'])
  })

  it('are those that were asked for: what the server adds of its own, as a namespace’s finalizer or a service’s address, belongs to nobody', () => {
    const { store } = testStore()
    const namespace = store.create('namespaces', { metadata: { name: 'x', labels: { a: 'b' } } }, { fieldManager: 'kubectl-create' })
    expect(namespace['spec'].finalizers).toEqual(['kubernetes'])
    expect(entriesOf(namespace)[0]?.fieldsV1).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {}, 'f:kubernetes.io/metadata.name': {} } },
    })
    const service = store.create(
      'services',
      { metadata: { name: 's', namespace: 'default' }, spec: { ports: [{ port: 80 }] } },
      { fieldManager: 'kubectl-expose' },
    )
    expect(service['spec'].clusterIP).toMatch(/^10\./)
    expect(Object.keys(entriesOf(service)[0]?.fieldsV1['f:spec'] ?? {})).toEqual([
      'f:internalTrafficPolicy',
      'f:ports',
      'f:sessionAffinity',
      'f:type',
    ])
  })

  it('go over to who changes them', () => {
    const { store } = testStore()
    store.create('deployments.apps', deployment('x'), { fieldManager: 'a' })
    const updated = store.mutate('deployments.apps', 'default', 'x', (object) => void (object['spec'].replicas = 5), { fieldManager: 'b' })
    const byManager = Object.fromEntries(entriesOf(updated ?? null).map(({ manager, fieldsV1 }) => [manager, fieldsV1]))
    expect(byManager['b']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(byManager['a']?.['f:spec']).not.toHaveProperty('f:replicas')
  })

  it('are dropped with the fields themselves', () => {
    const { store } = testStore()
    store.create('configmaps', { metadata: { name: 'a', namespace: 'default' }, data: { x: '1', y: '2' } }, { fieldManager: 'a' })
    const updated = store.mutate('configmaps', 'default', 'a', (object) => void delete object['data'].x, { fieldManager: 'b' })
    expect(entriesOf(updated ?? null).map(({ fieldsV1 }) => fieldsV1)).toEqual([{ 'f:data': { '.': {}, 'f:y': {} } }])
  })
})
