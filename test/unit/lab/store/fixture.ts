import { ManualClock } from '../../../../server/lab/clock.ts'
import { createRandom } from '../../../../server/lab/random.ts'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import { createStore } from '../../../../server/lab/store/create-store.ts'
import type { Store } from '../../../../server/lab/store/store.ts'

/** An empty store with the namespaces `default` and `other`, on a clock that stands still. */
export function testStore(): { store: Store; clock: ManualClock; faults: unknown[] } {
  const clock = new ManualClock()
  const faults: unknown[] = []
  const settings = { version: 'v1.35.4', serviceCidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, podCidr: '172.16.0.0/16' }
  const store = createStore({
    definitions: builtinResources(settings),
    settings,
    now: () => clock.now(),
    random: createRandom(1),
    onFault: (error) => void faults.push(error),
  })
  for (const name of ['default', 'other']) {
    store.create('namespaces', { metadata: { name } })
    store.create('serviceaccounts', { metadata: { name: 'default', namespace: name } })
  }
  return { store, clock, faults }
}

export function configMap(name: string, data: Record<string, string> = {}, metadata: object = {}): { metadata: object; data: object } {
  return { metadata: { name, namespace: 'default', ...metadata }, data }
}

export function pod(name: string, spec: object = {}): { metadata: object; spec: object } {
  return { metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec } }
}

export function deployment(name: string): { metadata: object; spec: object } {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  }
}
