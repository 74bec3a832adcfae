import { AppsV1Api, KubernetesObjectApi, PatchStrategy, type KubernetesObject, type V1ConfigMap } from '@kubernetes/client-node'
import { describe, expect, it } from 'vitest'
import { NAMESPACE, WITHIN, clientLab } from './client-lab.ts'

const client = clientLab()

/** Where a list says how it goes on: `continue` is a word of the language. */
const CONTINUE = '_continue'

describe('lists of client-node', () => {
  it('come page by page, and together are the whole', async () => {
    for (let i = 0; i < 7; i++) await client.createConfigMap(`page-${i}`, {}, { paged: 'yes' })
    const found: string[] = []
    let next: string | undefined
    let pages = 0
    do {
      const page = await client.core.listNamespacedConfigMap({
        namespace: NAMESPACE,
        labelSelector: 'paged=yes',
        limit: 3,
        ...(next ? { [CONTINUE]: next } : {}),
      })
      found.push(...page.items.map(({ metadata }) => metadata?.name ?? ''))
      next = page.metadata?.[CONTINUE]
      pages++
    } while (next)
    expect(pages).toBe(3)
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `page-${i}`))
  })
})

describe('the object API of client-node', () => {
  const objects = (): KubernetesObjectApi => KubernetesObjectApi.makeApiClient(client.config)
  const deployment = (replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'o1', namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'o1' } },
      template: { metadata: { labels: { app: 'o1' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
    },
  })

  it('applies on the server, names conflicts, and forces', async () => {
    const apply = (replicas: number, manager: string, force?: boolean) =>
      objects().patch(deployment(replicas), undefined, undefined, manager, force, PatchStrategy.ServerSideApply)
    expect(await apply(1, 'one')).toMatchObject({ spec: { replicas: 1 } })
    await expect(apply(2, 'two')).rejects.toMatchObject({
      code: 409,
      body: expect.stringContaining('conflict with \\"one\\": .spec.replicas'),
    })
    const forced: KubernetesObject = await apply(2, 'two', true)
    expect(forced).toMatchObject({ spec: { replicas: 2 } })
    expect(forced.metadata?.managedFields?.filter(({ operation }) => operation === 'Apply').map(({ manager }) => manager)).toEqual([
      'one',
      'two',
    ])
  })

  it('creates, reads, patches by each strategy, replaces and deletes', async () => {
    const api = objects()
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'o2', namespace: NAMESPACE } }
    const read = async (): Promise<V1ConfigMap> => api.read(object)
    await api.create({ ...object, data: { a: '1' } } as KubernetesObject)
    await api.patch({ ...object, data: { b: '2' } } as KubernetesObject)
    await api.patch({ ...object, data: { a: null } } as never, undefined, undefined, undefined, undefined, PatchStrategy.MergePatch)
    expect((await read()).data).toEqual({ b: '2' })
    const current = await read()
    await api.replace({ ...current, apiVersion: 'v1', kind: 'ConfigMap', data: { c: '3' } } as KubernetesObject)
    await expect(
      api.replace({ ...current, apiVersion: 'v1', kind: 'ConfigMap', data: { d: '4' } } as KubernetesObject),
    ).rejects.toMatchObject({ code: 409 })
    expect((await read()).data).toEqual({ c: '3' })
    await api.delete(object)
    await expect(read()).rejects.toMatchObject({ code: 404 })
  })

  it('scales a deployment by its subresource', async () => {
    const apps = client.config.makeApiClient(AppsV1Api)
    const name = { name: 'o1', namespace: NAMESPACE }
    // the controllers write too: read again where they were faster, as every client has to
    const scaled = async (): Promise<number | undefined> => {
      const scale = await apps.readNamespacedDeploymentScale(name)
      const replaced = await apps
        .replaceNamespacedDeploymentScale({ ...name, body: { ...scale, spec: { replicas: 3 } } })
        .catch(() => scale)
      return replaced.spec?.replicas
    }
    await expect.poll(scaled, WITHIN).toBe(3)
    await expect.poll(async () => (await apps.readNamespacedDeployment(name)).status?.readyReplicas, WITHIN).toBe(3)
  })
})
