/** The lab's start until all its pods are Ready, beside starting Node and nothing else. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { megabytes, ms, print, spread } from '../support/figures.ts'
import { cpuTime, ended, memory, started } from '../support/programs.ts'

const TIMES = 7

export async function start(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const took: number[] = []
  const cpu: number[] = []
  const resident: number[] = []
  const bare: number[] = []
  try {
    for (let time = 0; time < TIMES; time++) {
      const lab = await started([
        'server/lab/main.ts',
        '--preset',
        'today',
        '--port',
        '0',
        '--kubeconfig',
        join(folder, 'kubeconfig'),
        '--json',
      ])
      took.push(lab.took)
      cpu.push(await cpuTime(lab.child.pid!))
      resident.push(await memory(lab.child.pid!))
      await ended(lab.child)
      const began = performance.now()
      await new Promise((resolve) => spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }).once('exit', resolve))
      bare.push(performance.now() - began)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  print('the lab, from start to all system pods Running and Ready', spread(took, ms))
  print('  beside it: starting Node and nothing else', spread(bare, ms))
  print('  user and system time', spread(cpu, ms))
  print('  resident memory', spread(resident, megabytes))
}
