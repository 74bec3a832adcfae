/** On a cluster that the deck did not start, a reset deletes what the steps have made, and nothing else. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReal, type RealCluster } from '../../server/cluster/real.ts'
import { inEnglish } from '../../server/english.ts'
import { resolveKubectl } from '../../server/kubectl.ts'
import { createLabs, type Labs } from '../../server/labs.ts'
import type { Check, DeckManifest } from '../../server/protocol/lab.ts'
import type { LabSession } from '../../server/session/lab-session.ts'
import { poll } from '../unit/support/poll.ts'
import { labOf, stepOf } from '../unit/support/sample-lab.ts'
import { startCluster, type ContractCluster } from './cluster.ts'

const run = promisify(execFile)
const suffix = randomBytes(3).toString('hex')
/** There before the deck; of somebody else; and made by a step. */
const [THERE, OTHER, MADE] = [`there-${suffix}`, `other-${suffix}`, `made-${suffix}`]

const COMMANDS: [string, Check[]][] = [
  [`kubectl create namespace ${MADE}`, []],
  [
    `kubectl create deployment web --image=nginx \\\n  -n ${MADE}`,
    [
      {
        kind: 'value',
        subject: { resource: 'deployment', name: 'web', namespace: MADE, selector: null },
        path: '.status.availableReplicas',
        operator: '=',
        value: '1',
        text: 'deployment/web .status.availableReplicas = 1',
      },
    ],
  ],
  [`kubectl create configmap made -n ${THERE} --from-literal=a=b`, []],
  [`kubectl label configmap keep -n ${THERE} touched=yes`, []],
  [`kubectl get configmap nothing -n ${THERE}`, [{ kind: 'exit', operator: '=', value: '1', text: 'exit = 1' }]],
  [`kubectl delete configmap passing -n ${THERE} --ignore-not-found`, []],
]

const steps = COMMANDS.map(([command, checks], index) => stepOf(index + 1, command, { checks }))

const manifest: DeckManifest = {
  labs: [labOf(steps, { cols: 120, rows: 20 })],
  plan: { nodes: [], pool: { first: '192.168.1.11', last: '192.168.1.19' } },
  slides: 1,
}

let cluster: ContractCluster
let kubectl: string
let real: RealCluster
let labs: Labs
let session: LabSession

const kubectlRun = async (...args: string[]): Promise<string> =>
  (await run(kubectl, ['--kubeconfig', cluster.kubeconfig, ...args])).stdout.trim()

beforeAll(async () => {
  ;[cluster, kubectl] = await Promise.all([startCluster(), resolveKubectl()])
  await kubectlRun('create', 'namespace', THERE)
  await kubectlRun('create', 'namespace', OTHER)
  await kubectlRun('create', 'configmap', 'keep', '-n', THERE)
  real = await openReal({ kubeconfig: cluster.kubeconfig, context: null, manifest })
  labs = createLabs({ manifest, config: { preset: 'today', pool: null }, kubectl, real })
  session = labs.session('talk')!
  await session.start()
})

afterAll(async () => {
  await labs?.dispose()
  await real?.dispose()
  await kubectlRun('delete', 'namespace', THERE, OTHER, MADE, '--ignore-not-found', '--wait=false')
  await cluster?.stop()
})

describe('a deck on a cluster that it did not start', () => {
  it('names the namespaces that its steps write to', () => {
    expect(real.namespaces).toEqual(['default', MADE, THERE].toSorted())
  })

  it('runs its steps with kubectl and sees its checks come true', async () => {
    for (const step of steps) {
      const answer = session.run(step.id)
      if ('refused' in answer) throw new Error(inEnglish(answer.refused))
      expect(await answer.accepted).toMatchObject({ id: step.id, status: 'done', reason: null })
    }
    await poll(() => Object.values(session.currentTopology.pods).some((pod) => pod.namespace === MADE && pod.status === 'Running'))
  })

  it('deletes what the steps have made and leaves what was there, what others made, and what was typed', async () => {
    session.input(`kubectl create configmap typed -n ${THERE}\r`)
    await poll(() => session.screenText().some((line) => line.includes('configmap/typed created')))
    // somebody else makes objects whose names steps mention; timestamps have whole seconds
    const ended = Date.now()
    await poll(() => Date.now() > ended + 2_000)
    await kubectlRun('create', 'configmap', 'passing', '-n', THERE)
    await kubectlRun('create', 'configmap', 'made', '-n', OTHER)
    await session.reset()
    expect(await kubectlRun('get', 'configmap', 'made', '-n', OTHER, '-o', 'name')).toBe('configmap/made')
    const left = await kubectlRun('get', 'configmap', '-n', THERE, '-o', 'name')
    expect(left.split('\n').filter((name) => !name.endsWith('kube-root-ca.crt'))).toEqual([
      'configmap/keep',
      'configmap/passing',
      'configmap/typed',
    ])
    await expect(kubectlRun('get', 'namespace', MADE)).rejects.toThrow('not found')
    expect(session.states().map((state) => state.status)).toEqual(steps.map(() => 'pending'))
  }, 120_000)

  it('can be presented again after that', async () => {
    const answer = session.run('talk.1')
    if ('refused' in answer) throw new Error(inEnglish(answer.refused))
    expect((await answer.accepted).status).toBe('done')
    await session.reset()
    await expect(kubectlRun('get', 'namespace', MADE)).rejects.toThrow('not found')
  }, 120_000)
})
