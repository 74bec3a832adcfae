/** Labs for the bench and how their API is spoken to. */
import { fork, type ChildProcess } from 'node:child_process'
import { Agent, request as httpRequest } from 'node:http'
import { LAB_CONTROL_PATH, type LabReady } from '../../../server/protocol/lab-control.ts'
import { ended } from './programs.ts'

export interface LabUse {
  /** Heap and buffers in use after a collection, bytes. */
  heap: number
  rss: number
  /** User and system time until it was asked, ms. */
  cpu: number
  /** What the lab itself reported as its bugs since it was asked last. */
  faults: string[]
}

export interface LabOptions {
  workers?: number
  speed?: number
}

export interface BenchLab extends LabReady {
  /** Collects garbage and tells what is left. Throws where the lab reported a bug. */
  use(): Promise<LabUse>
  /** User and system time since the start, ms, nothing being collected for it. */
  cpu(): Promise<number>
  /** Sends a request and gives the answer, parsed. Throws where it is refused. */
  api(method: string, path: string, body?: object): Promise<any>
  clock(change: { forward: number } | { speed: number } | { paused: boolean }): Promise<void>
  stop(): Promise<number>
}

/** Starts a lab of preset `today`, ready, with what is asked for. */
export async function startLab({ workers, speed = 1 }: LabOptions = {}): Promise<BenchLab> {
  const options = { preset: 'today', port: 0, kubeconfig: null, speed, seed: 1, workers: workers ?? null }
  const child = fork(new URL('lab-process.ts', import.meta.url), [JSON.stringify(options)], {
    execArgv: [...process.execArgv, '--expose-gc', ...extraFlags()],
  })
  const ready = await answer<LabReady>(child)
  const agent = new Agent({ keepAlive: true })
  const ask = <T>(question: 'use' | 'cpu'): Promise<T> => {
    const answered = answer<T>(child)
    child.send(question)
    return answered
  }
  const api: BenchLab['api'] = (method, path, body) => call(agent, `${ready.server}${path}`, method, body)
  return {
    ...ready,
    api,
    cpu: () => ask<number>('cpu'),
    async use() {
      const use = await ask<LabUse>('use')
      if (use.faults.length > 0) throw new Error(`the lab reported bugs of its own:\n${use.faults.join('\n')}`)
      return use
    },
    clock: (change) => api('POST', `${LAB_CONTROL_PATH}/clock`, change),
    async stop() {
      agent.destroy()
      return ended(child)
    },
  }
}

/** Flags for the lab's node, like `--cpu-prof`, from BENCH_LAB_FLAGS: to look into a figure. */
function extraFlags(): string[] {
  return (process.env.BENCH_LAB_FLAGS ?? '').split(' ').filter((flag) => flag !== '')
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the lab ended with ${code}`))
    child.once('exit', gone)
    child.once('message', (message) => {
      child.off('exit', gone)
      resolve(message as T)
    })
  })
}

function call(agent: Agent, url: string, method: string, body?: object): Promise<any> {
  return new Promise((resolve, reject) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const request = httpRequest(url, { method, agent, headers: { 'Content-Type': type } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text))
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`))
      })
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

export interface Following {
  /** Resolves once `enough` is true of the objects that are there. */
  until(enough: (objects: ReadonlyMap<string, any>) => boolean): Promise<void>
  close(): void
}

/** Lists by watching: keeps a resource's objects by uid. */
export function follow(lab: BenchLab, path: string): Following {
  const objects = new Map<string, any>()
  let waiting: (() => void)[] = []
  const request = httpRequest(`${lab.server}${path}?watch=true`, { agent: false }, (response) => {
    let rest = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const { type, object } = JSON.parse(line)
        if (type === 'DELETED') objects.delete(object.metadata.uid)
        else objects.set(object.metadata.uid, object)
      }
      for (const look of waiting) look()
    })
  })
  request.on('error', () => {})
  request.end()
  return {
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!enough(objects)) return
          waiting = waiting.filter((other) => other !== look)
          resolve()
        }
        waiting.push(look)
        look()
      }),
    close: () => void request.destroy(),
  }
}

/** A Deployment of the talk's web server with so many pods. */
export function deployment(name: string, replicas: number, extra: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image: 'nginx', ...extra }] } },
    },
  }
}

export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
export const PODS = '/api/v1/namespaces/default/pods'

export function running(count: number): (pods: ReadonlyMap<string, any>) => boolean {
  return (pods) => pods.size >= count && [...pods.values()].filter((pod) => pod.status?.phase === 'Running').length >= count
}
