import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { poll } from '../support/poll.ts'

const EMBEDDED = fileURLToPath(new URL('../../../server/cluster/embedded.ts', import.meta.url))

describe('the process of an embedded lab', () => {
  it('ends with whoever started it, however that ends', { timeout: 60_000 }, async () => {
    const start = `import { startEmbedded } from ${JSON.stringify(EMBEDDED)}
      const { kubeconfig, env } = await startEmbedded({ preset: 'today' })
      console.log(JSON.stringify({ kubeconfig, server: env.LAB_SERVER }))`
    const owner = spawn(process.execPath, ['--input-type=module', '-e', start], { stdio: ['ignore', 'pipe', 'inherit'] })
    const said = await new Promise<string>((resolve) => owner.stdout.once('data', (data: Buffer) => resolve(String(data))))
    const { kubeconfig, server } = JSON.parse(said) as { kubeconfig: string; server: string }
    const answers = (): Promise<boolean> =>
      fetch(`${server}/version`).then(
        (response) => response.ok,
        () => false,
      )
    expect(await answers()).toBe(true)
    owner.kill('SIGKILL')
    await poll(async () => !(await answers()), 'the end of the lab')
    await rm(dirname(kubeconfig), { recursive: true })
  })
})
