/**
 * What a case of the matrix works with: a shell whose kubectl is of one version, in a namespace and a working folder of its own, on a lab that all cases
 * of that version share.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect } from 'vitest'
import type { KubectlVersion } from '../../../server/kubectl-builds.ts'
import { resolveKubectl } from '../../../server/kubectl.ts'
import { startLabServer } from '../../../server/lab/lab-server.ts'
import { poll } from '../../unit/support/poll.ts'
import { startCommand, type Command, type Result } from './command.ts'

/** What a command must answer. A text is compared as a whole, without the newlines at its end; nothing is expected where nothing is said. */
export interface Answer {
  out?: string | RegExp
  err?: string | RegExp
  code?: number
}

export interface Shell {
  /** kubectl's minor version. */
  readonly minor: number
  readonly namespace: string
  /** Runs a command line of bash, in which kubectl is the version under test. */
  run(line: string, stdin?: string): Promise<Result>
  /** Runs it and expects its standard output, with nothing on standard error and exit code 0 where `answer` says nothing else. */
  says(line: string, answer: string | RegExp | Answer, stdin?: string): Promise<Result>
  /** Runs it and expects that it succeeds, whatever it prints. */
  does(...lines: string[]): Promise<void>
  /** Writes a file into the working folder. */
  file(name: string, text: string): void
  /** Starts a command that goes on. */
  start(line: string): Command
}

export interface MatrixLab {
  shell(): Promise<Shell & { close(): Promise<void> }>
  /** Errors that the lab itself reported. */
  faults: unknown[]
  stop(): Promise<void>
}

/** Starts a lab with a preset and finds the kubectl of a version. */
export async function startMatrixLab(version: KubectlVersion, preset: string): Promise<MatrixLab> {
  const faults: unknown[] = []
  const [program, server] = await Promise.all([
    resolveKubectl({ version }),
    startLabServer({ preset, port: 0, kubeconfig: null, speed: 20, seed: 1, onFault: (error) => void faults.push(error) }),
  ])
  await server.ready
  const url = server.info.server
  const folder = mkdtempSync(join(tmpdir(), `kubectl-${version}-`))
  const programs = join(folder, 'bin')
  mkdirSync(programs)
  symlinkSync(program, join(programs, 'kubectl'))
  let count = 0

  const request = async (method: string, path: string, body?: object): Promise<number> => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    await response.arrayBuffer()
    return response.status
  }

  return {
    faults,
    async shell() {
      const namespace = `m${++count}`
      const work = join(folder, namespace)
      mkdirSync(work)
      writeFileSync(join(work, '.kubeconfig'), kubeconfig(url, namespace))
      const path = [programs, process.env['PATH']].join(delimiter)
      // one home for all cases: discovery is read once
      const env = { PATH: path, HOME: folder, KUBECONFIG: join(work, '.kubeconfig'), TZ: 'UTC', LANG: 'C.UTF-8', SHELL: '/bin/sh' }
      await request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
      await poll(
        async () => (await request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)) === 200,
        'the service account',
      )
      const commands: Command[] = []
      const start = (line: string): Command => {
        const command = startCommand(line, work, env)
        commands.push(command)
        return command
      }
      const shell: Shell = {
        minor: Number(version.split('.')[1]),
        namespace,
        run(line, stdin) {
          const command = start(line)
          if (stdin !== undefined) command.write(stdin)
          command.closeStdin()
          return command.ended
        },
        async says(line, answer, stdin) {
          const { out = '', err = '', code = 0 }: Answer = typeof answer === 'string' || answer instanceof RegExp ? { out: answer } : answer
          const result = await shell.run(line, stdin)
          const shown = { out: trim(result.stdout), err: trim(result.stderr), code: result.code }
          expect(shown, `$ ${line}`).toEqual({ out: wanted(out), err: wanted(err), code })
          return result
        },
        async does(...lines) {
          for (const line of lines) {
            const { code, stderr } = await shell.run(line)
            expect({ line, code, stderr }).toEqual({ line, code: 0, stderr })
          }
        },
        file: (name, text) => writeFileSync(join(work, name), text),
        start,
      }
      return Object.assign(shell, {
        async close() {
          for (const command of commands) command.kill()
          await request('DELETE', `/api/v1/namespaces/${namespace}`)
        },
      })
    },
    async stop() {
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function kubeconfig(server: string, namespace: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    clusters: [{ name: 'lab', cluster: { server } }],
    users: [{ name: 'me', user: { token: 'none' } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'me', namespace } }],
  })
}

function trim(text: string): string {
  return text.replace(/\n+$/, '')
}

function wanted(expected: string | RegExp): unknown {
  return typeof expected === 'string' ? trim(expected) : (expect.stringMatching(expected) as unknown)
}
