/** The embedded lab as a cluster: a process of its own, controlled beside its API (protocol/lab-control.ts). */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf, Problem } from '../problem.ts'
import { LAB_CONTROL_PATH, type LabClient, type LabEvent, type LabReady, type LabStatus } from '../protocol/lab-control.ts'
import type { Cluster, ClusterListener } from './cluster.ts'

const MAIN = fileURLToPath(new URL('../lab/main.ts', import.meta.url))
/** How long a lab may take to come up on a slow machine, and to end, ms. */
const READY_WITHIN = 30_000
const END_WITHIN = 1_000
const RECONNECT_AFTER = 200

export interface EmbeddedOptions {
  preset: string
  speed?: number
  seed?: number
  /** The program to run instead of server/lab/main.ts, for tests. */
  main?: string
}

/** Resolves with the lab's line of JSON, or rejects with what it said before it ended. */
function readReady(child: ChildProcess): Promise<LabReady> {
  return new Promise((resolve, reject) => {
    let out = ''
    let said = ''
    const timer = setTimeout(() => reject(new Error(`it was not ready within ${READY_WITHIN / 1000} s`)), READY_WITHIN)
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-4_000)))
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      const end = out.indexOf('\n')
      if (end === -1) return
      clearTimeout(timer)
      try {
        resolve(JSON.parse(out.slice(0, end)))
      } catch {
        reject(new Error(`its first line is no JSON: ${out.slice(0, 200)}`))
      }
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      const last = said.trim().split('\n').at(-1)
      reject(new Error(`it ended with ${signal ?? `exit code ${code}`}${last ? `: ${last}` : ''}`))
    })
  })
}

interface LabProcess {
  child: ChildProcess
  ready: LabReady
  /** True once the process has ended. */
  ended: boolean
}

/** `port`: where the one before was, so that whoever knows its address finds this one there. */
async function startProcess(options: EmbeddedOptions, kubeconfig: string, port: string): Promise<LabProcess> {
  const args = [
    options.main ?? MAIN,
    '--preset',
    options.preset,
    '--port',
    port,
    '--kubeconfig',
    kubeconfig,
    '--json',
    '--until-stdin-closes',
  ]
  if (options.speed !== undefined) args.push('--speed', String(options.speed))
  if (options.seed !== undefined) args.push('--seed', String(options.seed))
  // its standard input is its life line: it ends when we do, however we do
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  try {
    const ready = await readReady(child)
    const lab: LabProcess = { child, ready, ended: false }
    child.once('exit', () => (lab.ended = true))
    return lab
  } catch (error) {
    child.kill('SIGKILL')
    throw new Problem(
      `the embedded lab (preset ${options.preset}) did not start: ${messageOf(error)}; try \`npm run lab\` to see all it says`,
    )
  }
}

function endProcess({ child, ended }: LabProcess): Promise<void> {
  if (ended || child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.stdin!.end()
    child.kill('SIGTERM')
  })
}

/** Starts a lab. Throws a Problem where it does not come up. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-cluster-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true })
  let lab: LabProcess
  try {
    lab = await startProcess(options, kubeconfig, '0')
  } catch (error) {
    await discard()
    throw error
  }
  const listeners = new Set<ClusterListener>()
  const life = { disposed: false }
  let following = new AbortController()

  const control = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const response = await fetch(lab.ready.server + LAB_CONTROL_PATH + path, init)
    const body: any = await response.json()
    if (!response.ok) throw new Error(body?.message ?? `the lab answered ${response.status}`)
    return body
  }

  const follow = async (): Promise<void> => {
    following = new AbortController()
    const { signal } = following
    while (!life.disposed && !signal.aborted) {
      try {
        const response = await fetch(`${lab.ready.server}${LAB_CONTROL_PATH}/watch`, { signal })
        let rest = ''
        const decoder = new TextDecoder()
        for await (const chunk of response.body!) {
          const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
          rest = lines.pop()!
          const changes = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LabEvent)
          if (changes.length > 0) for (const listener of listeners) listener.changes?.(changes)
        }
      } catch {
        // the lab's end is told by its process; everything else mends itself with a new connection
      }
      if (!life.disposed && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_AFTER))
    }
  }

  const watchProcess = (): void => {
    const { child } = lab
    child.once('exit', (code, signal) => {
      following.abort()
      if (life.disposed) return
      for (const listener of listeners) listener.lost?.(signal ?? `exit code ${code}`)
    })
  }

  try {
    const status = await control<LabStatus>('/status')
    const clientOf = (): Promise<LabClient> => control<LabClient>('/client').catch(() => ({ env: { http_proxy: lab.ready.proxy } }))
    let client = await clientOf()
    watchProcess()
    const host = new URL(lab.ready.server).hostname
    return {
      identity: { source: 'embedded', kubernetes: status.kubernetes, preset: status.preset, context: 'lab' },
      kubeconfig,
      get env() {
        return { ...client.env, no_proxy: host, LAB_SERVER: lab.ready.server }
      },
      listen(listener) {
        const isFirst = listeners.size === 0
        listeners.add(listener)
        if (isFirst) void follow()
      },
      async reset() {
        if (!lab.ended) {
          await control('/reset', { method: 'POST' })
          return
        }
        // what a process that was killed could not put away itself
        if (client.env.CURL_HOME) await rm(client.env.CURL_HOME, { recursive: true, force: true })
        lab = await startProcess(options, kubeconfig, new URL(lab.ready.server).port)
        client = await clientOf()
        watchProcess()
        void follow()
      },
      async dispose() {
        life.disposed = true
        following.abort()
        listeners.clear()
        await endProcess(lab)
        await discard()
      },
    }
  } catch (error) {
    life.disposed = true
    await endProcess(lab)
    await discard()
    throw new Problem(`the embedded lab (preset ${options.preset}) started, but does not answer: ${messageOf(error)}; try \`npm run lab\``)
  }
}
