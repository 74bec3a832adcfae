/** A lab and the JavaScript client of the Kubernetes project, unmodified: what a program of a learner's own would use. */
import { CoreV1Api, KubeConfig, type V1ConfigMap } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Store } from '../../../server/lab/store/store.ts'
import { startKubectlLab, type KubectlLab } from '../lab.ts'

export const WITHIN = { timeout: 20_000, interval: 10 }
export const NAMESPACE = 'default'
export const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`

export interface ClientLab {
  lab: KubectlLab
  config: KubeConfig
  core: CoreV1Api
  store(): Store
  createConfigMap(name: string, data?: Record<string, string>, labels?: Record<string, string>): Promise<V1ConfigMap>
  /** Called after the test at hand. */
  atEnd(close: () => unknown): void
}

/** A lab for the tests of this file; its members are there once the tests run. */
export function clientLab(): ClientLab {
  const open: (() => unknown)[] = []
  const all = {
    store: () => all.lab.server.cluster.current().store,
    createConfigMap: (name, data = {}, labels = {}) =>
      all.core.createNamespacedConfigMap({ namespace: NAMESPACE, body: { metadata: { name, labels }, data } }),
    atEnd: (close) => void open.push(close),
  } as ClientLab
  beforeAll(async () => {
    all.lab = await startKubectlLab()
    all.config = new KubeConfig()
    all.config.loadFromFile(all.lab.server.info.kubeconfig)
    all.core = all.config.makeApiClient(CoreV1Api)
  })
  afterEach(async () => {
    for (const close of open.splice(0)) await close()
  })
  afterAll(async () => {
    expect(all.lab.faults).toEqual([])
    await all.lab.stop()
  })
  return all
}
