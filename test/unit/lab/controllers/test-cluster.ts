/** A cluster of a preset on a clock that stands still: store, kubelets and controllers, without API server and network. */
import { expect } from 'vitest'
import { createAdmissionRegistry } from '../../../../server/lab/admission.ts'
import { ManualClock } from '../../../../server/lab/clock.ts'
import type { LabContext } from '../../../../server/lab/context.ts'
import { startControllers } from '../../../../server/lab/controllers/index.ts'
import { startKubelets } from '../../../../server/lab/kubelet/index.ts'
import { createNodePower } from '../../../../server/lab/power.ts'
import { findPreset } from '../../../../server/lab/presets/index.ts'
import { createRandom } from '../../../../server/lab/random.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import { createStore } from '../../../../server/lab/store/create-store.ts'

export interface TestCluster {
  clock: ManualClock
  lab: LabContext
  store: LabContext['store']
  /** Pods of a namespace, default where absent. */
  pods(namespace?: string): readonly KubeObject[]
  /** `REASON: message` of the events about an object, oldest first. */
  events(name: string): string[]
  deploy(name: string, image: string, replicas: number, extra?: object): KubeObject
  run(name: string, spec: object): KubeObject
  /** Ends it. A test fails here by what must not have happened: bugs that the lab reported of itself. */
  dispose(): void
}

export function startTestCluster(presetName = 'today', seed = 1, workers?: number): TestCluster {
  const found = findPreset(presetName)
  if (!found) throw new Error(`no preset ${presetName}`)
  const preset = workers === undefined ? found : { ...found, nodes: found.machines.of(workers) }
  const clock = new ManualClock()
  const random = createRandom(seed)
  const faults: unknown[] = []
  const fault = (error: unknown): void => void faults.push(error)
  const { settings } = preset
  const store = createStore({ definitions: builtinResources(settings), settings, now: () => clock.now(), random, onFault: fault })
  const lab = {
    clock,
    store,
    settings,
    preset,
    startedAt: clock.now(),
    random,
    admission: createAdmissionRegistry(),
    power: createNodePower(() => clock.now()),
    fault,
  } as unknown as LabContext
  preset.seed(lab)
  const parts = [startKubelets(lab), startControllers(lab)]
  const time = (event: KubeObject): string => event['eventTime'] ?? event['firstTimestamp'] ?? ''
  return {
    clock,
    lab,
    store,
    pods: (namespace = 'default') => store.list('pods', namespace),
    events: (name) =>
      store
        .list('events')
        .filter((event) => event['involvedObject'].name === name)
        .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion) || time(a).localeCompare(time(b)))
        .map((event) => `${event['reason']}: ${event['message']}`),
    deploy: (name, image, replicas, extra = {}) =>
      store.create('deployments.apps', {
        metadata: { name, namespace: 'default', labels: { app: name } },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
          ...extra,
        },
      }),
    run: (name, spec) => store.create('pods', { metadata: { name, namespace: 'default' }, spec }),
    dispose() {
      for (const part of parts.toReversed()) part.dispose()
      expect(faults).toEqual([])
    },
  }
}

/** STATUS as kubectl prints it, for the states that these tests meet. */
export function statusOf(pod: KubeObject | undefined): string {
  if (!pod) return 'gone'
  const [first] = pod.status?.containerStatuses ?? []
  if (pod.metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(pod.status?.phase)) return 'Terminating'
  return first?.state?.waiting?.reason ?? first?.state?.terminated?.reason ?? pod.status?.phase ?? ''
}

export function conditions(object: KubeObject | undefined): Record<string, string> {
  return Object.fromEntries((object?.status?.conditions ?? []).map(({ type, status }: { type: string; status: string }) => [type, status]))
}
