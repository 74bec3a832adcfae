/** Eight hours of lab time with rollouts, failing nodes, crashing containers, jobs and requests: what is left on the heap each hour, beside a lab where nothing happens. */
import { request } from 'node:http'
import { print, slope } from '../support/figures.ts'
import { deployment, DEPLOYMENTS, startLab, type BenchLab } from '../support/lab.ts'

const HOURS = 8
/** Rollouts an hour; between two of them a node fails and comes back. */
const ROUNDS = 4
const MINUTE = 60_000
/** From this hour on the slope counts: events are kept for an hour, and after the third each Deployment has the ten old ReplicaSets that it keeps. */
const SETTLED = 4

const NAMES = ['web', 'api', 'batch']

export async function hours(): Promise<void> {
  const [busy, idle] = [await startLab(), await startLab()]
  try {
    await fill(busy)
    const heaps: Record<'busy' | 'idle', number[]> = { busy: [], idle: [] }
    let cpu = 0
    for (let hour = 0; hour < HOURS; hour++) {
      for (let round = 0; round < ROUNDS; round++) await trouble(busy, hour * ROUNDS + round)
      await idle.clock({ forward: 60 * MINUTE })
      const use = await busy.use()
      cpu = use.cpu
      heaps.busy.push(use.heap)
      heaps.idle.push((await idle.use()).heap)
      print(`after hour ${hour + 1}: heap of a busy lab, of an idle lab`, `${mb(heaps.busy.at(-1)!)}, ${mb(heaps.idle.at(-1)!)}`)
    }
    for (const name of ['busy', 'idle'] as const) {
      const growth = slope(heaps[name].slice(SETTLED - 1))
      print(`  growth an hour of the ${name} lab, hours ${SETTLED} to ${HOURS}`, `${(growth / 1024).toFixed(0)} kB`)
    }
    print('  user and system time of the busy lab', `${(cpu / 1000).toFixed(1)} s`)
  } finally {
    await busy.stop()
    await idle.stop()
  }
}

function mb(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`
}

async function fill(lab: BenchLab): Promise<void> {
  for (const name of NAMES) await lab.api('POST', DEPLOYMENTS, deployment(name, 10))
  await lab.api('POST', DEPLOYMENTS, deployment('crash', 2, { image: 'busybox', command: ['false'] }))
  await lab.api('POST', DEPLOYMENTS, deployment('missing', 1, { image: 'nobody/has-this' }))
  await lab.api('POST', '/api/v1/namespaces/default/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30_080 }] },
  })
  await lab.api('POST', '/apis/batch/v1/namespaces/default/cronjobs', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'minutely' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'busybox', command: ['true'] }] } } },
      },
    },
  })
}

/** A quarter of an hour: a rollout, a node that is off for six minutes (its pods are evicted), requests from outside. */
async function trouble(lab: BenchLab, round: number): Promise<void> {
  for (const name of NAMES) {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': `round ${round}` }
    await lab.api('PATCH', `${DEPLOYMENTS}/${name}`, { spec: { template: { metadata: { annotations } } } })
  }
  await lab.clock({ forward: 2 * MINUTE })
  const node = `w${(round % 3) + 1}-k8s`
  await lab.api('POST', `/lab/v1/nodes/${node}/stop`)
  await lab.clock({ forward: 7 * MINUTE })
  await lab.api('POST', `/lab/v1/nodes/${node}/start`)
  for (let i = 0; i < 20; i++) {
    const answered = get(lab, `http://192.168.1.${101 + (i % 3)}:30080/`)
    await lab.clock({ forward: MINUTE / 4 })
    await answered
  }
  await lab.clock({ forward: MINUTE })
}

/** One request through the lab's network, whatever comes of it. */
function get(lab: BenchLab, url: string): Promise<void> {
  const { hostname, port } = new URL(lab.proxy)
  return new Promise((resolve) => {
    const asked = request({ hostname, port, path: url, agent: false }, (response) => void response.resume().on('close', resolve))
    asked.on('error', () => resolve())
    asked.end()
  })
}
