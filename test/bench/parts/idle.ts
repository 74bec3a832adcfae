/** What a lab takes while nothing happens: its heartbeats, at the pace of real time. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { percent, print, spread } from '../support/figures.ts'
import { PODS, startLab } from '../support/lab.ts'
import { cpuTime } from '../support/programs.ts'

const WINDOW = 10_000
const TIMES = 3

export async function idle(): Promise<void> {
  const lab = await startLab()
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const ours: number[] = []
  const theirs: number[] = []
  const writes: number[] = []
  const revision = async (): Promise<number> => Number((await lab.api('GET', PODS)).metadata.resourceVersion)
  try {
    // what the start left behind has its time
    await lab.use()
    await sleep(2_000)
    for (let time = 0; time < TIMES; time++) {
      const before = [await lab.cpu(), await cpuTime(bare.pid!), await revision()] as const
      await sleep(WINDOW)
      ours.push((((await lab.cpu()) - before[0]) / WINDOW) * 100)
      theirs.push((((await cpuTime(bare.pid!)) - before[1]) / WINDOW) * 100)
      writes.push((await revision()) - before[2])
    }
    print(`an idle lab, share of one processor in ${WINDOW / 1000} s`, spread(ours, percent))
    print('  beside it: a Node that wakes up once a second', spread(theirs, percent))
    print('  objects written in that time', spread(writes, String))
  } finally {
    bare.kill()
    await lab.stop()
  }
}
