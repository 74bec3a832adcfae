import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../server/lab/store/api-error.ts'
import { copy } from '../../../../server/lab/store/objects.ts'
import type { WatchEvent } from '../../../../server/lab/store/store.ts'
import { LOG_LIMIT } from '../../../../server/lab/store/table.ts'
import { configMap, deployment, pod, testStore } from './fixture.ts'

function statusOf(action: () => unknown): { code: number; reason: string; message: string } {
  try {
    action()
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, reason: error.reason, message: error.message }
    throw error
  }
  throw new Error('expected an ApiError')
}

describe('writes', () => {
  it('gives each write the next revision and freezes what it stores', () => {
    const { store } = testStore()
    const before = store.revision()
    const created = store.create('configmaps', configMap('a', { k: 'v' }))
    expect(created.metadata.resourceVersion).toBe(String(before + 1))
    expect(store.revision()).toBe(before + 1)
    expect(Object.isFrozen(created['data'])).toBe(true)
  })

  it('keeps the revision where an update changes nothing', () => {
    const { store } = testStore()
    const created = store.create('configmaps', configMap('a', { k: 'v' }))
    expect(store.update('configmaps', copy(created))).toBe(created)
  })

  it('refuses an update of an older revision in the words of the API server', () => {
    const { store } = testStore()
    const old = store.create('configmaps', configMap('a', { k: 'v' }))
    store.mutate('configmaps', 'default', 'a', (object) => void (object['data'] = { k: 'w' }))
    expect(statusOf(() => store.update('configmaps', { ...copy(old), data: { k: 'x' } }))).toEqual({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    })
  })

  it('names what is there already, and what is not', () => {
    const { store } = testStore()
    store.create('deployments.apps', deployment('x'))
    expect(statusOf(() => store.create('deployments.apps', deployment('x'))).message).toBe('deployments.apps "x" already exists')
    expect(statusOf(() => store.delete('deployments.apps', 'default', 'y')).message).toBe('deployments.apps "y" not found')
  })

  it.each(['priorityclasses.scheduling.k8s.io', 'jobs.batch', 'cronjobs.batch', 'ipaddresses.networking.k8s.io'])(
    'asks for the name of what has none: %s',
    (resource) => {
      const { store } = testStore()
      const answer = statusOf(() => store.create(resource, { metadata: { namespace: 'default' } }))
      expect(answer.code).toBe(422)
      expect(answer.message).toContain('metadata.name: Required value: name or generateName is required')
    },
  )

  it('counts generations of the spec alone', () => {
    const { store } = testStore()
    store.create('deployments.apps', deployment('x'))
    const generation = (): number | undefined => store.get('deployments.apps', 'default', 'x')?.metadata.generation
    store.mutate('deployments.apps', 'default', 'x', (object) => void (object['spec'].replicas = 2))
    expect(generation()).toBe(2)
    store.mutate('deployments.apps', 'default', 'x', (object) => void (object.metadata.labels = { a: 'b' }))
    store.mutate('deployments.apps', 'default', 'x', (object) => void (object['status'] = { replicas: 2 }), { subresource: 'status' })
    expect(generation()).toBe(2)
  })

  it('changes the status by its subresource only, and nothing else by that', () => {
    const { store } = testStore()
    store.create('deployments.apps', deployment('x'))
    const change = (object: { [field: string]: any }): void => {
      object['spec'].replicas = 7
      object['status'] = { ...object['status'], replicas: 7 }
    }
    expect(store.mutate('deployments.apps', 'default', 'x', change, { subresource: 'status' })).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 7 },
    })
    const updated = store.mutate('deployments.apps', 'default', 'x', (object) => void (object['status'].replicas = 9))
    expect(updated).toMatchObject({ status: { replicas: 7 } })
  })

  it('generates names of five letters from the alphabet without vowels', () => {
    const { store } = testStore()
    const created = store.create('configmaps', { metadata: { generateName: 'x-', namespace: 'default' } })
    expect(created.metadata.name).toMatch(/^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('stores nothing in a dry run', () => {
    const { store } = testStore()
    const before = store.revision()
    expect(store.create('configmaps', configMap('a'), { dryRun: true }).metadata.name).toBe('a')
    expect(store.get('configmaps', 'default', 'a')).toBeUndefined()
    expect(store.revision()).toBe(before)
  })

  it('creates nothing in a namespace that is not there, or that is going', () => {
    const { store } = testStore()
    expect(statusOf(() => store.create('configmaps', configMap('a', {}, { namespace: 'nope' }))).message).toBe(
      'namespaces "nope" not found',
    )
    store.delete('namespaces', null, 'other')
    expect(statusOf(() => store.create('configmaps', configMap('a', {}, { namespace: 'other' })))).toEqual({
      code: 403,
      reason: 'Forbidden',
      message: 'configmaps "a" is forbidden: unable to create new content in namespace other because it is being terminated',
    })
  })
})

describe('deletion', () => {
  it('marks a namespace without a grace period, as its storage does', () => {
    const { store } = testStore()
    const { metadata, status } = store.delete('namespaces', null, 'other')
    expect(status.phase).toBe('Terminating')
    expect(metadata.deletionTimestamp).toBeDefined()
    expect(metadata).not.toHaveProperty('deletionGracePeriodSeconds')
  })

  it('takes a pod without a node at once, and leaves one on a node with its grace period', () => {
    const { store } = testStore()
    store.create('pods', pod('a'))
    store.create('pods', pod('b', { nodeName: 'w1-k8s' }))
    store.delete('pods', 'default', 'a')
    expect(store.get('pods', 'default', 'a')).toBeUndefined()
    const left = store.delete('pods', 'default', 'b')
    expect(left.metadata.deletionGracePeriodSeconds).toBe(30)
    expect(store.get('pods', 'default', 'b')).toBe(left)
    store.delete('pods', 'default', 'b', { gracePeriodSeconds: 0 })
    expect(store.get('pods', 'default', 'b')).toBeUndefined()
  })

  it('shortens a grace period, and never makes it longer', () => {
    const { store } = testStore()
    store.create('pods', pod('b', { nodeName: 'w1-k8s' }))
    store.delete('pods', 'default', 'b', { gracePeriodSeconds: 20 })
    expect(store.delete('pods', 'default', 'b', { gracePeriodSeconds: 60 }).metadata.deletionGracePeriodSeconds).toBe(20)
    expect(store.delete('pods', 'default', 'b', { gracePeriodSeconds: 5 }).metadata.deletionGracePeriodSeconds).toBe(5)
  })

  it('keeps an object until its last finalizer is gone', () => {
    const { store } = testStore()
    store.create('configmaps', configMap('a', {}, { finalizers: ['example.com/hold'] }))
    store.delete('configmaps', 'default', 'a')
    expect(store.get('configmaps', 'default', 'a')?.metadata.deletionTimestamp).toBeDefined()
    store.mutate('configmaps', 'default', 'a', (object) => void delete object.metadata.finalizers)
    expect(store.get('configmaps', 'default', 'a')).toBeUndefined()
  })

  it('leaves a finalizer for the garbage collector where dependents go first or are orphaned', () => {
    const { store } = testStore()
    store.create('deployments.apps', deployment('x'))
    store.delete('deployments.apps', 'default', 'x', { propagationPolicy: 'Foreground' })
    expect(store.get('deployments.apps', 'default', 'x')?.metadata.finalizers).toEqual(['foregroundDeletion'])
  })

  it('checks preconditions', () => {
    const { store } = testStore()
    store.create('configmaps', configMap('a'))
    expect(statusOf(() => store.delete('configmaps', 'default', 'a', { preconditions: { uid: 'x' } })).reason).toBe('Conflict')
  })
})

describe('watches', () => {
  it('are called in the order of the writes, also where a watcher writes', () => {
    const { store } = testStore()
    const seen: string[] = []
    store.watch('configmaps', {}, ({ type, object }) => {
      if (type === 'ADDED' && object.metadata.name === 'a') store.create('configmaps', configMap('b'))
    })
    store.watch('configmaps', {}, ({ type, object }) => void seen.push(`${type} ${object.metadata.name}`))
    store.create('configmaps', configMap('a'))
    expect(seen).toEqual(['ADDED a', 'ADDED b'])
  })

  it('start with what there is, and tell nothing twice', () => {
    const { store } = testStore()
    store.create('configmaps', configMap('a'))
    const seen: string[] = []
    store.watch('configmaps', { initial: true }, ({ object }) => void seen.push(object.metadata.name))
    store.create('configmaps', configMap('b'))
    expect(seen).toEqual(['a', 'b'])
  })

  it('take up from an earlier revision', () => {
    const { store } = testStore()
    const from = store.revision()
    store.create('configmaps', configMap('a'))
    store.delete('configmaps', 'default', 'a')
    const seen: string[] = []
    store.watch('configmaps', { from }, ({ type }) => void seen.push(type))
    expect(seen).toEqual(['ADDED', 'DELETED'])
  })

  it('answer 410 for a revision that the bounded log no longer has', () => {
    const { store } = testStore()
    const from = store.revision()
    store.create('configmaps', configMap('a'))
    for (let i = 0; i < LOG_LIMIT + 2_000; i++) {
      store.mutate('configmaps', 'default', 'a', (object) => void (object['data'] = { i: String(i) }))
    }
    expect(statusOf(() => store.watch('configmaps', { from }, () => {}))).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('answer 410 for a revision that is long ago, where there was more since than is kept anyhow', () => {
    const { store, clock } = testStore()
    const from = store.revision()
    const write = (i: number): void => {
      clock.forward(1_000)
      if (i === 0) store.create('configmaps', configMap('a'))
      else store.mutate('configmaps', 'default', 'a', (object) => void (object['data'] = { i: String(i) }))
    }
    for (let i = 0; i < 500; i++) write(i)
    store.watch('configmaps', { from }, () => {}).dispose()
    const recent = store.revision()
    for (let i = 500; i < 1_100; i++) write(i)
    expect(statusOf(() => store.watch('configmaps', { from }, () => {}))).toMatchObject({ code: 410, reason: 'Expired' })
    const seen: string[] = []
    store.watch('configmaps', { from: recent }, ({ object }) => void seen.push(object['data'].i))
    expect(seen).toHaveLength(600)
  })

  it('go on where another watcher throws', () => {
    const { store, faults } = testStore()
    const seen: string[] = []
    store.watch('configmaps', {}, () => {
      throw new Error('a bug')
    })
    store.watch('configmaps', {}, ({ object }) => void seen.push(object.metadata.name))
    store.create('configmaps', configMap('a'))
    expect(seen).toEqual(['a'])
    expect(faults).toHaveLength(1)
  })

  it('end when they are disposed of', () => {
    const { store } = testStore()
    const open = store.watchCount()
    store.watch('configmaps', {}, () => {}).dispose()
    expect(store.watchCount()).toBe(open)
  })
})

describe('consistency', () => {
  it('a list equals the fold of its watch, whatever is written', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const operation = fc.oneof(
      fc.record({ op: fc.constant('create'), name, value: fc.string() }),
      fc.record({ op: fc.constant('update'), name, value: fc.string() }),
      fc.record({ op: fc.constant('delete'), name, value: fc.string() }),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const { store } = testStore()
        const folded = new Map<string, WatchEvent['object']>()
        store.watch('configmaps', { initial: true }, ({ type, object }) => {
          if (type === 'DELETED') folded.delete(object.metadata.name)
          else folded.set(object.metadata.name, object)
        })
        for (const { op, name: key, value } of operations) {
          try {
            if (op === 'create') store.create('configmaps', configMap(key, { value }))
            else if (op === 'update') store.mutate('configmaps', 'default', key, (object) => void (object['data'] = { value }))
            else store.delete('configmaps', 'default', key)
          } catch (error) {
            if (!(error instanceof ApiError)) throw error
          }
        }
        expect([...folded.keys()].toSorted()).toEqual(store.list('configmaps').map(({ metadata }) => metadata.name))
        for (const object of store.list('configmaps')) expect(folded.get(object.metadata.name)).toBe(object)
      }),
      { numRuns: 50 },
    )
  })
})
