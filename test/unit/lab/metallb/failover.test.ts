/** What was measured on a real cluster when the node that announces an address dies, second by second, on the lab's clock. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createCluster } from '../../../../server/lab/cluster.ts'
import type { Cluster } from '../../../../server/lab/cluster.ts'
import type { NetworkEvent, NetworkOutcome } from '../../../../server/lab/contracts/network.ts'
import { findPreset } from '../../../../server/lab/presets/index.ts'
import type { Preset } from '../../../../server/lab/presets/preset.ts'
import { resourceName } from '../../../../server/lab/resources/definition.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'

const ADDRESS = '192.168.1.11'
const PATIENCE = 900

let cluster: Cluster
const faults: unknown[] = []
const heard: { at: number; event: NetworkEvent }[] = []
/** Lab time at which the node was switched off. */
let died = 0

const lab = (): ReturnType<Cluster['current']> => cluster.current()
const since = (): number => (lab().clock.now() - died) / 1000
const forward = (ms: number): Promise<void> => lab().clock.forward(ms)

function apply(text: string): void {
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject | null
    if (!object) continue
    const definition = lab()
      .store.definitions()
      .find(({ group, version, kind }) => (group ? `${group}/${version}` : version) === object.apiVersion && kind === object.kind)
    if (!definition) throw new Error(`no kind ${object.apiVersion} ${object.kind}`)
    lab().store.create(resourceName(definition), object)
  }
}

const manifest = (name: string): string => readFileSync(new URL(`../../../../public/manifests/${name}`, import.meta.url), 'utf8')

/** One request with a time-out of 0.9 s: the pod, or why there is none. */
async function request(): Promise<string> {
  const ends: NetworkOutcome[] = []
  const wanted = { host: ADDRESS, port: 80, method: 'GET', path: '/', headers: {}, body: '' }
  const sent = lab().network!.request({ from: 'client' }, wanted, (end) => void ends.push(end))
  for (let waited = 0; ends.length === 0 && waited < PATIENCE; waited += 10) await forward(10)
  sent.cancel()
  const [end] = ends
  return end?.outcome === 'answered' ? end.response.body.trim() : (end?.outcome ?? 'lost')
}

/** Requests, one after the other, until so many seconds after the node's death. */
async function requestsUntil(seconds: number): Promise<string[]> {
  const answers: string[] = []
  while (since() < seconds) {
    answers.push(await request())
    await forward(90)
  }
  return answers
}

const failed = (answers: string[]): number => answers.filter((answer) => !answer.startsWith('e-')).length
const pods = (): readonly KubeObject[] => lab().store.list('pods', 'default')
const nodeAssigned = (): string[] =>
  lab()
    .store.list('events', 'default')
    .filter(({ reason }) => reason === 'nodeAssigned')
    .map(({ message }) => /from node "([^"]+)"/.exec(message)?.[1] as string)

beforeAll(async () => {
  cluster = createCluster({ preset: findPreset('today') as Preset, seed: 11, onFault: (error) => void faults.push(error) })
  await cluster.ready()
  lab().clock.setPaused(true)
  apply(manifest('metallb-native.yaml'))
  lab().store.create('deployments.apps', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'e', namespace: 'default' },
    spec: {
      replicas: 6,
      selector: { matchLabels: { app: 'e' } },
      template: { metadata: { labels: { app: 'e' } }, spec: { containers: [{ name: 'echo-hname', image: 'sysnet4admin/echo-hname' }] } },
    },
  })
  await forward(30_000)
  apply(manifest('pool.yaml'))
  lab().store.create('services', {
    metadata: { name: 'a', namespace: 'default' },
    spec: { type: 'LoadBalancer', selector: { app: 'e' }, ports: [{ port: 80 }] },
  })
  await forward(10_000)
  lab().network?.onEvent((event) => void heard.push({ at: lab().clock.now(), event }))
}, 30_000)

afterAll(() => cluster.dispose())

describe('when w1-k8s, which announces the address, dies at 0 s', () => {
  it('has given the address before, and w1-k8s announces it for pods everywhere', async () => {
    expect(lab().store.get('services', 'default', 'a')?.status.loadBalancer.ingress).toEqual([{ ip: ADDRESS, ipMode: 'VIP' }])
    expect(nodeAssigned()).toEqual(['w1-k8s'])
    expect(new Set(pods().map(({ spec }) => spec.nodeName))).toEqual(new Set(['w1-k8s', 'w2-k8s', 'w3-k8s']))
    expect(await request()).toMatch(/^e-/)
    died = lab().clock.now()
    lab().power.set('w1-k8s', false)
  })

  it('loses every request until another speaker takes over, 5 to 9 s later', async () => {
    const answers: string[] = []
    while (nodeAssigned().length === 1 && since() < 15) answers.push(await request())
    expect(since()).toBeGreaterThan(5)
    expect(since()).toBeLessThan(9.5)
    expect(failed(answers.slice(0, -1))).toBe(answers.length - 1)
    expect(nodeAssigned()).toEqual(['w1-k8s', 'w3-k8s'])
  })

  it('hears five gratuitous ARPs, 1.1 s apart', async () => {
    await forward(6_000)
    const times = heard
      .flatMap(({ at, event }) => (event.op === 'gratuitous-arp' ? [{ ...event, at }] : []))
      .map(({ host, address, at }) => ({ host, address, at }))
    expect(times.map(({ host, address }) => `${address} ${host}`)).toEqual(Array.from({ length: 5 }, () => `${ADDRESS} w3-k8s`))
    expect(times.slice(1).map(({ at }, i) => at - (times[i] as { at: number }).at)).toEqual([1_100, 1_100, 1_100, 1_100])
    expect(
      lab()
        .network?.neighbours()
        .find(({ address }) => address === ADDRESS)?.host,
    ).toBe('w3-k8s')
  })

  it('loses about a third of the requests while the dead pods are still endpoints', async () => {
    const answers = await requestsUntil(39)
    const share = failed(answers) / answers.length
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.55)
    expect(
      lab()
        .store.get('nodes', null, 'w1-k8s')
        ?.status.conditions.find(({ type }: { type: string }) => type === 'Ready').status,
    ).toBe('True')
  })

  it('loses none from 57 s on: the node is NotReady, the 50 s of grace and at most one look of the monitor after its last heartbeat', async () => {
    await forward((57 - since()) * 1000)
    const node = lab().store.get('nodes', null, 'w1-k8s')
    expect(node?.status.conditions.find(({ type }: { type: string }) => type === 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
    })
    expect(node?.spec.taints.map(({ effect }: { effect: string }) => effect).toSorted()).toEqual(['NoExecute', 'NoSchedule'])
    expect(failed(await requestsUntil(80))).toBe(0)
    expect(pods()).toHaveLength(6)
  })

  it('runs new pods elsewhere 300 s after that, without losing a request', async () => {
    await forward((338 - since()) * 1000)
    expect(pods()).toHaveLength(6)
    expect(failed(await requestsUntil(360))).toBe(0)
    const running = pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    expect(running).toHaveLength(6)
    expect(new Set(running.map(({ spec }) => spec.nodeName))).toEqual(new Set(['w2-k8s', 'w3-k8s']))
    expect(pods().filter(({ metadata, status }) => metadata.deletionTimestamp !== undefined && status.phase === 'Running')).toHaveLength(
      8 - 6,
    )
  })

  it('gets its address back within seconds of its return, and loses nothing', async () => {
    await forward((420 - since()) * 1000)
    lab().power.set('w1-k8s', true)
    expect(failed(await requestsUntil(432))).toBe(0)
    expect(
      lab()
        .network?.neighbours()
        .find(({ address }) => address === ADDRESS)?.host,
    ).toBe('w1-k8s')
    expect(pods()).toHaveLength(6)
    expect(faults).toEqual([])
  })
})
