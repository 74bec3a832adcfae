/** A lab in this process and a real kubectl against it: $KUBECTL, or the pinned build. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveKubectl } from '../../server/kubectl.ts'
import { startLabServer, type LabServer } from '../../server/lab/lab-server.ts'

export interface Result {
  stdout: string
  stderr: string
  code: number
}

export interface KubectlLab {
  server: LabServer
  /** Runs kubectl with these arguments; `stdin` is its standard input, `env` goes on top of an environment of its own. */
  kubectl(args: string[], stdin?: string, env?: Record<string, string>): Promise<Result>
  /** Runs a command line by words, for commands without spaces in their arguments: `get pod -o wide`. */
  run(line: string): Promise<Result>
  faults: unknown[]
  stop(): Promise<void>
}

export async function startKubectlLab(preset = 'today', speed = 20): Promise<KubectlLab> {
  const faults: unknown[] = []
  const server = await startLabServer({ preset, port: 0, kubeconfig: null, speed, seed: 1, onFault: (error) => void faults.push(error) })
  await server.ready
  const program = process.env['KUBECTL'] ?? (await resolveKubectl({ version: '1.35' }))
  const home = mkdtempSync(join(tmpdir(), 'kubectl-'))
  const kubectl = (args: string[], stdin = '', more: Record<string, string> = {}): Promise<Result> =>
    new Promise((done) => {
      const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: server.info.kubeconfig, ...more }
      const child = execFile(program, args, { env, timeout: 50_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        done({ stdout, stderr, code })
      })
      child.stdin?.on('error', () => {})
      child.stdin?.end(stdin)
    })
  return {
    server,
    faults,
    kubectl,
    run: (line) => kubectl(line.split(' ')),
    async stop() {
      await server.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
