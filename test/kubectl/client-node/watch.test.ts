import { Watch } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { CONFIG_MAPS, NAMESPACE, WITHIN, clientLab } from './client-lab.ts'

const client = clientLab()

interface Seen {
  type: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  object: any
}

interface OpenWatch {
  events: Seen[]
  /** null while it is open; then what the client was told. */
  ended: { error: unknown } | null
  close(): void
}

async function watch(path: string, query: Record<string, string | number | boolean>): Promise<OpenWatch> {
  const result: OpenWatch = { events: [], ended: null, close: () => {} }
  const controller = await new Watch(client.config).watch(
    path,
    query,
    (type, object) => void result.events.push({ type, object }),
    (error) => void (result.ended = { error }),
  )
  result.close = () => controller.abort()
  client.atEnd(result.close)
  return result
}

const names = ({ events }: OpenWatch): string[] => events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.code}`)

describe('a watch of client-node', () => {
  it('starts with what there is, tells changes, and leaves nothing behind when it is closed', async () => {
    await client.createConfigMap('w1')
    const before = client.store().watchCount()
    const { events, close } = await watch(CONFIG_MAPS, { fieldSelector: 'metadata.name=w1' })
    await expect.poll(() => events.length, WITHIN).toBe(1)
    expect(client.store().watchCount()).toBe(before + 1)
    await client.core.deleteNamespacedConfigMap({ name: 'w1', namespace: NAMESPACE })
    await expect.poll(() => events.map(({ type }) => type), WITHIN).toEqual(['ADDED', 'DELETED'])
    close()
    await expect.poll(() => client.store().watchCount(), WITHIN).toBe(before)
  })

  it('takes up where another one ended, each change once', async () => {
    const { metadata } = await client.createConfigMap('w2', { n: '0' })
    for (const n of ['1', '2']) {
      await client.core.patchNamespacedConfigMap({ name: 'w2', namespace: NAMESPACE, body: [{ op: 'replace', path: '/data/n', value: n }] })
    }
    const first = await watch(CONFIG_MAPS, { resourceVersion: metadata?.resourceVersion ?? '', labelSelector: 'nope!=x' })
    await expect.poll(() => first.events.length, WITHIN).toBe(2)
    expect(first.events.map(({ object }) => object.data.n)).toEqual(['1', '2'])
    const second = await watch(CONFIG_MAPS, { resourceVersion: first.events[0]?.object.metadata.resourceVersion })
    await expect.poll(() => second.events.map(({ object }) => object.data?.n), WITHIN).toEqual(['2'])
  })

  it('is told by a bookmark that the initial events are over, and later how far it has come', async () => {
    await client.createConfigMap('w3')
    const watched = await watch(CONFIG_MAPS, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      fieldSelector: 'metadata.name=w3',
    })
    await expect.poll(() => watched.events.length, WITHIN).toBe(2)
    expect(watched.events[1]).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    })
    await client.createConfigMap('w3-other')
    const revision = client.store().revision()
    await client.lab.server.cluster.current().clock.forward(61_000)
    await expect.poll(() => watched.events.length, WITHIN).toBeGreaterThan(2)
    const { type, object } = watched.events.at(-1) as Seen
    expect(type).toBe('BOOKMARK')
    expect(Number(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(revision)
  })

  it('ends where the server closes it, without an error', async () => {
    const watched = await watch(CONFIG_MAPS, { timeoutSeconds: 1, resourceVersion: String(client.store().revision()) })
    await expect.poll(() => watched.ended, WITHIN).toEqual({ error: null })
    expect(watched.events).toEqual([])
  })

  it('is told within the stream that its revision is gone', async () => {
    const revision = String(client.store().revision())
    await client.lab.server.cluster.reset()
    const watched = await watch(CONFIG_MAPS, { resourceVersion: revision })
    await expect.poll(() => watched.ended, WITHIN).not.toBeNull()
    expect(names(watched)).toEqual(['ERROR 410'])
    expect(watched.events[0]?.object).toMatchObject({
      kind: 'Status',
      reason: 'Expired',
      message: expect.stringMatching(/^too old resource version: /),
    })
  })

  it('learns the status code of what the server refuses', async () => {
    const watched = await watch(CONFIG_MAPS, { labelSelector: 'a in (' })
    expect(watched.ended).toMatchObject({ error: { statusCode: 400 } })
  })
})
