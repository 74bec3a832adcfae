/** `kubectl get pods -A` over 5,000 pods beside `kubectl version`, which asks the same server for next to nothing. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_SPEED } from '../../../server/lab/control/clock.ts'
import { resolveKubectl } from '../../../server/kubectl.ts'
import { median, ms, print, spread } from '../support/figures.ts'
import { deployment, DEPLOYMENTS, follow, PODS, running, startLab } from '../support/lab.ts'
import { run, type Run } from '../support/programs.ts'

const COUNT = 5_000
const TIMES = 9
const WORKERS = Math.ceil(COUNT / 100)

export async function list(): Promise<void> {
  const kubectl = await resolveKubectl({ version: '1.35' })
  const home = await mkdtemp(join(tmpdir(), 'bench-'))
  const lab = await startLab({ workers: WORKERS, speed: MAX_SPEED })
  try {
    const seen = follow(lab, PODS)
    await lab.api('POST', DEPLOYMENTS, deployment('web', COUNT))
    await seen.until(running(COUNT))
    seen.close()
    await lab.clock({ speed: 1 })
    const env = { ...process.env, HOME: home, KUBECONFIG: lab.kubeconfig }
    const get: Run[] = []
    const version: Run[] = []
    const server: number[] = []
    await run(kubectl, ['get', 'pods', '-A'], env)
    for (let time = 0; time < TIMES; time++) {
      version.push(await run(kubectl, ['version'], env))
      const before = await lab.cpu()
      get.push(await run(kubectl, ['get', 'pods', '-A'], env))
      server.push((await lab.cpu()) - before)
    }
    const rows = get[0]!.output.trim().split('\n').length - 1
    print(
      `kubectl get pods -A, ${rows} rows`,
      spread(
        get.map(({ wall }) => wall),
        ms,
      ),
    )
    print(
      '  beside it: kubectl version',
      spread(
        version.map(({ wall }) => wall),
        ms,
      ),
    )
    print('  so many times as long', (median(get.map(({ wall }) => wall)) / median(version.map(({ wall }) => wall))).toFixed(2))
    print(
      "  user and system time: kubectl's own for get",
      spread(
        get.map(({ cpu }) => cpu),
        ms,
      ),
    )
    print(
      "  user and system time: kubectl's own for version",
      spread(
        version.map(({ cpu }) => cpu),
        ms,
      ),
    )
    print("  user and system time: the lab's for get", spread(server, ms))
  } finally {
    await lab.stop()
    await rm(home, { recursive: true, force: true })
  }
}
