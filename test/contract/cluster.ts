/** The cluster that the contract cases run against: the one that KUBECONFIG names, or an embedded lab started for them: in the shape of the real cluster, its registry included. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { symlink, mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { resolveKubectl } from '../../server/kubectl.ts'
import type { LabReady } from '../../server/protocol/lab-control.ts'

export interface ContractCluster {
  kubeconfig: string
  /** Discovery cache, shared by all cases of a run. */
  cache: string
  env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

export async function startCluster(): Promise<ContractCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'contract-cluster-'))
  const cache = join(folder, 'cache')
  // the cases hold this client's words; another version may say the same otherwise
  const programs = join(folder, 'bin')
  await mkdir(programs)
  await symlink(process.env.KUBECTL ?? (await resolveKubectl({ version: '1.35' })), join(programs, 'kubectl'))
  const path = [programs, process.env.PATH].join(delimiter)
  const env = { PATH: path, LANG: 'C.UTF-8', TZ: 'UTC' }
  if (process.env.KUBECONFIG) {
    return { kubeconfig: process.env.KUBECONFIG, cache, env, stop: () => rm(folder, { recursive: true, force: true }) }
  }
  const kubeconfig = join(folder, 'kubeconfig')
  const main = new URL('../../server/lab/main.ts', import.meta.url).pathname
  const lab = spawn(process.execPath, [main, '--preset', 'bare', '--port', '0', '--kubeconfig', kubeconfig, '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => lab.on('close', () => resolve()))
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface({ input: lab.stdout }).once('line', resolve)),
    gone.then(() => {
      throw new Error('the lab ended before it was ready')
    }),
  ])
  const ready = JSON.parse(line) as LabReady
  return {
    kubeconfig,
    cache,
    env: { ...env, http_proxy: ready.proxy, no_proxy: '127.0.0.1,localhost' },
    async stop() {
      lab.kill('SIGTERM')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}
