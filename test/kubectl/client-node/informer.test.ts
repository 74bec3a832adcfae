import { ListWatch, Watch, makeInformer, type V1ConfigMap } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { CONFIG_MAPS, NAMESPACE, WITHIN, clientLab } from './client-lab.ts'

const client = clientLab()

describe('an informer of client-node', () => {
  const list = (labelSelector?: string) => async () =>
    client.core.listNamespacedConfigMap({ namespace: NAMESPACE, ...(labelSelector ? { labelSelector } : {}) })

  it('keeps a copy of what there is, by a selector that objects enter and leave', async () => {
    await client.createConfigMap('i1', {}, { team: 'red' })
    await client.createConfigMap('i2', {}, { team: 'blue' })
    const informer = makeInformer(client.config, CONFIG_MAPS, list('team=red'), 'team=red')
    const seen: string[] = []
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, (object) => void seen.push(`${verb} ${object.metadata?.name}`))
    await informer.start()
    client.atEnd(() => informer.stop())
    await expect.poll(() => seen, WITHIN).toEqual(['add i1'])
    const label = (name: string, team: string) =>
      client.core.patchNamespacedConfigMap({
        name,
        namespace: NAMESPACE,
        body: [{ op: 'replace', path: '/metadata/labels/team', value: team }],
      })
    await label('i2', 'red')
    await label('i1', 'blue')
    await expect.poll(() => seen, WITHIN).toEqual(['add i1', 'add i2', 'delete i1'])
    expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(['i2'])
  })

  it('lists again after a 410, and tells what has gone meanwhile', async () => {
    await client.createConfigMap('i3')
    const informer = new ListWatch<V1ConfigMap>(CONFIG_MAPS, new Watch(client.config), list(), false, undefined, undefined, {
      delayFn: async () => {},
    })
    const deleted: string[] = []
    informer.on('delete', ({ metadata }) => void deleted.push(metadata?.name ?? ''))
    await informer.start()
    client.atEnd(() => informer.stop())
    expect(informer.get('i3', NAMESPACE)).toBeDefined()
    // the lab starts over: the old revision is none of the new run's
    await client.lab.server.cluster.reset()
    await expect.poll(() => deleted, WITHIN).toContain('i3')
    await client.createConfigMap('i4')
    await expect.poll(() => informer.get('i4', NAMESPACE), WITHIN).toBeDefined()
    expect(
      informer
        .list()
        .map(({ metadata }) => metadata?.name)
        .toSorted(),
    ).toEqual(
      client
        .store()
        .list('configmaps', NAMESPACE)
        .map(({ metadata }) => metadata.name),
    )
  })

  it('connects again where the server closes its watch, and misses and repeats nothing', async () => {
    const informer = new ListWatch<V1ConfigMap>(
      `${CONFIG_MAPS}?timeoutSeconds=1`,
      new Watch(client.config),
      list(),
      false,
      undefined,
      undefined,
      {
        delayFn: async () => {},
      },
    )
    let connections = 0
    const connected = (): number => connections
    const updates: string[] = []
    informer.on('connect', () => void connections++)
    informer.on('add', ({ metadata }) => void updates.push(metadata?.name ?? ''))
    informer.on('update', ({ data }) => void updates.push(data?.['n'] ?? ''))
    await client.createConfigMap('i5', { n: '0' })
    await informer.start()
    client.atEnd(() => informer.stop())
    updates.length = 0
    for (let n = 1; n < 5 || connected() < 3; n++) {
      await client.core.patchNamespacedConfigMap({
        name: 'i5',
        namespace: NAMESPACE,
        body: [{ op: 'replace', path: '/data/n', value: String(n) }],
      })
      await expect.poll(() => updates.length, WITHIN).toBe(n)
    }
    expect(updates).toEqual(updates.map((_each, i) => String(i + 1)))
  })
})
