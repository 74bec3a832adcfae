/**
 * `kubectl get pods -A` over 5,000 pods beside `kubectl version`, which asks the same server for next to nothing, and beside a bare server that has the same
 * answers ready: most of the time is kubectl's own, which reads the JSON of 5,000 rows. The least of all is what kubectl takes where those answers are cut
 * down to names, which no server does: no lab can be quicker.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_SPEED } from '../../../server/lab/control/clock.ts'
import { resolveKubectl } from '../../../server/kubectl.ts'
import { median, ms, print, spread } from '../support/figures.ts'
import { deployment, DEPLOYMENTS, follow, PODS, running, startLab } from '../support/lab.ts'
import { run, type Run } from '../support/programs.ts'
import { namesOnly, replayOf } from '../support/replay.ts'

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
    const ready: Run[] = []
    const least: Run[] = []
    const server: number[] = []
    const replay = await replayOf(lab.server)
    const names = await replayOf(lab.server, namesOnly)
    const fromReplay = ['get', 'pods', '-A', '--server', replay.url]
    const fromNames = ['get', 'pods', '-A', '--server', names.url]
    for (const args of [['get', 'pods', '-A'], fromReplay, fromNames]) await run(kubectl, args, env)
    for (let time = 0; time < TIMES; time++) {
      version.push(await run(kubectl, ['version'], env))
      const before = await lab.cpu()
      get.push(await run(kubectl, ['get', 'pods', '-A'], env))
      server.push((await lab.cpu()) - before)
      ready.push(await run(kubectl, fromReplay, env))
      least.push(await run(kubectl, fromNames, env))
    }
    replay.close()
    names.close()
    const rows = get[0]!.output.trim().split('\n').length - 1
    const walls = (runs: Run[]): number[] => runs.map(({ wall }) => wall)
    const own = (runs: Run[]): number[] => runs.map(({ cpu }) => cpu)
    const times = (some: number[], others: number[]): string => (median(some) / median(others)).toFixed(2)
    print(`kubectl get pods -A, ${rows} rows`, spread(walls(get), ms))
    print('  beside it: kubectl version', spread(walls(version), ms))
    print('  beside it: the same answers, ready on a bare server', spread(walls(ready), ms))
    print('  beside it: the same answers, their objects cut down to names', spread(walls(least), ms))
    print(
      '  so many times as long as version, as the ready answers',
      `${times(walls(get), walls(version))}, ${times(walls(get), walls(ready))}`,
    )
    print('  and the answers cut down to names as version', times(walls(least), walls(version)))
    print("  user and system time: kubectl's own for get", spread(own(get), ms))
    print("  user and system time: kubectl's own for the ready answers", spread(own(ready), ms))
    print("  user and system time: kubectl's own for version", spread(own(version), ms))
    print("  user and system time: the lab's for get", spread(server, ms))
  } finally {
    await lab.stop()
    await rm(home, { recursive: true, force: true })
  }
}
