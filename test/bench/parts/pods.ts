/** 1,000 pods from `scale` to Running, at the lab's fastest clock. */
import { MAX_SPEED } from '../../../server/lab/control/clock.ts'
import { print, seconds, spread } from '../support/figures.ts'
import { deployment, DEPLOYMENTS, follow, PODS, running, startLab } from '../support/lab.ts'

const COUNT = 1_000
const TIMES = 3
/** A node takes 110 pods, two of which are the cluster's own. */
const WORKERS = Math.ceil(COUNT / 108)

export async function pods(): Promise<void> {
  const lab = await startLab({ workers: WORKERS, speed: MAX_SPEED })
  const wall: number[] = []
  const cpu: number[] = []
  const bare: number[] = []
  let writes = 0
  try {
    await lab.api('POST', DEPLOYMENTS, deployment('web', 0))
    for (let time = 0; time < TIMES; time++) {
      const seen = follow(lab, PODS)
      const revision = await revisionOf(lab.api)
      const before = await lab.cpu()
      const began = performance.now()
      await lab.api('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: COUNT } })
      await seen.until(running(COUNT))
      wall.push(performance.now() - began)
      cpu.push((await lab.cpu()) - before)
      writes = (await revisionOf(lab.api)) - revision
      const [pod] = (await lab.api('GET', `${PODS}?limit=1`)).items
      bare.push(copies(pod, writes))
      await lab.api('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: 0 } })
      await seen.until((objects) => objects.size === 0)
      seen.close()
    }
    print(`${COUNT} pods on ${WORKERS} workers from scale to Running, clock at ${MAX_SPEED} times`, spread(wall, seconds))
    print('  user and system time of the lab', spread(cpu, seconds))
    print(`  beside it: one pod through JSON as often as the lab wrote (${writes})`, spread(bare, seconds))
  } finally {
    await lab.stop()
  }
}

async function revisionOf(api: (method: string, path: string) => Promise<any>): Promise<number> {
  return Number((await api('GET', `${PODS}?limit=1`)).metadata.resourceVersion)
}

/** What the machine takes to copy an object so many times by its JSON, ms. */
function copies(object: object, times: number): number {
  const began = performance.now()
  for (let i = 0; i < times; i++) JSON.parse(JSON.stringify(object))
  return performance.now() - began
}
