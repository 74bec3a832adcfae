/** The finished talk as a speaker starts it, in a process of its own with a temporary folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from '@playwright/test'
import { findShell } from '../../../server/terminal/shell.ts'
import { Kubectl } from './kubectl.ts'
import { descendantsOf, stillRunning } from './processes.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface StartedDeck {
  /** URLs with their tokens: the first two may type, `viewer` may watch. */
  deck: string
  presenter: string
  viewer: string
  kubeconfig: string
  pid: number
  /** How many shells were started so far. */
  shells(): Promise<number>
  /** Every embedded cluster that was started so far: its preset, and a kubectl for it. */
  clusters(): Promise<{ preset: string; kubectl: Kubectl }[]>
  /** Ends it as Ctrl-C or a system's shutdown would, and fails where anything of it is left. */
  end(): Promise<void>
  /** Ends it as a crash would, and waits until nothing of it runs any more. */
  kill(): Promise<void>
  /** Deletes what a crash has left. */
  clear(): Promise<void>
}

/** A port that was free a moment ago, for a talk that is to be started on it twice. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A folder with a `bash` that takes down that it was started, then is the real one. */
export async function countingShell(folder: string): Promise<{ path: string; count(): Promise<number> }> {
  const log = join(folder, 'shells')
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'bash'), `#!/bin/sh\necho started >> '${log}'\nexec '${findShell().path}' "$@"\n`, { mode: 0o755 })
  return {
    path: [bin, process.env.PATH].join(delimiter),
    count: () =>
      readFile(log, 'utf8').then(
        (text) => text.split('\n').length - 1,
        () => 0,
      ),
  }
}

/** `dev` serves the pages from Slidev's dev server, which has a page for export that the built deck has not. */
export async function startDeck(command: 'start' | 'dev' = 'start', port = 0): Promise<StartedDeck> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-test-'))
  const temporary = join(folder, 'tmp')
  await mkdir(temporary)
  const shell = await countingShell(folder)
  const child = spawn(process.execPath, ['server/cli.ts', command, '--json', '--no-open', '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, PATH: shell.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const ended = once(child, 'exit')
  await expect
    .poll(() => out.includes('\n') || child.exitCode !== null, { message: 'the line of JSON that says that all is ready' })
    .toBe(true)
  expect(out, `what it said instead:\n${said}`).toContain('\n')
  const ready = JSON.parse(out.slice(0, out.indexOf('\n'))) as { deck: string; presenter: string; kubeconfig: string; pid: number }
  expect(Object.keys(ready)).toEqual(['deck', 'presenter', 'kubeconfig', 'pid'])
  expect(ready.pid).toBe(child.pid)
  const viewer = /watch only\s+(http\S+)/.exec(said)?.[1]
  expect(viewer, said).toBeDefined()

  return {
    ...ready,
    viewer: viewer!,
    shells: shell.count,
    async clusters() {
      const folders = (await readdir(temporary)).filter((name) => name.startsWith('lab-cluster-'))
      return Promise.all(
        folders.map(async (name) => {
          const kubectl = await Kubectl.of(join(temporary, name, 'kubeconfig'))
          return { preset: await kubectl.preset(), kubectl }
        }),
      )
    },
    async end() {
      const started = await descendantsOf(ready.pid)
      expect(started.length, 'processes of the labs').toBeGreaterThan(0)
      child.kill('SIGTERM')
      const [code, signal] = await ended
      expect({ code, signal }, said).toEqual({ code: 0, signal: null })
      expect(out.trimEnd().split('\n'), 'lines on standard output').toHaveLength(1)
      await expect.poll(() => stillRunning(started), { message: 'processes that are left' }).toEqual([])
      expect(
        (await readdir(temporary)).filter((name) => name.startsWith('lab-')),
        'folders that are left',
      ).toEqual([])
      await rm(folder, { recursive: true, force: true })
    },
    async kill() {
      const started = await descendantsOf(ready.pid)
      child.kill('SIGKILL')
      await ended
      await expect.poll(() => stillRunning(started), { message: 'processes that are left' }).toEqual([])
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  }
}
