/** 500 open watches, sockets of another process: from a write to the last watcher that has it. */
import { fork, type ChildProcess } from 'node:child_process'
import { request } from 'node:http'
import { ms, percentile, print } from '../support/figures.ts'
import { startLab } from '../support/lab.ts'
import type { WriteOrder } from '../support/watchers.ts'

const COUNT = 500
const WRITES = 200
const WARM_UP = 20
const OBJECTS = '/api/v1/namespaces/default/pods'
const FORMS = {
  'as JSON': 'application/json',
  'as Tables': 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
}

export async function watches(): Promise<void> {
  const fanOut = fork(new URL('../support/fan-out.ts', import.meta.url))
  const bareUrl = await message<string>(fanOut)
  const lab = await startLab()
  try {
    await lab.api('POST', OBJECTS, pod())
    for (const [form, accept] of Object.entries(FORMS)) {
      const url = `${lab.server}${OBJECTS}?watch=true`
      const line = await firstLine(url, accept)
      const [watchers, bare] = [await open(url, accept), await open(bareUrl, accept)]
      const ours: number[] = []
      const theirs: number[] = []
      let cpu = 0
      for (let write = 0; write < WRITES + WARM_UP; write++) {
        const mark = `mark-${form.length}-${write}-`
        if (write === WARM_UP) cpu = await lab.cpu()
        const body = JSON.stringify({ metadata: { annotations: { mark } } })
        const told = await tell(watchers, { url: `${lab.server}${OBJECTS}/web`, method: 'PATCH', body, mark })
        const bareTold = await tell(bare, { url: bareUrl, method: 'POST', body: mark + line, mark })
        if (write >= WARM_UP) {
          ours.push(told)
          theirs.push(bareTold)
        }
      }
      cpu = ((await lab.cpu()) - cpu) / WRITES
      print(`write to the last of ${COUNT} watchers ${form}, p50 and p95 of ${WRITES}`, `${figures(ours)}`)
      print(`  beside it: a bare HTTP server writes the same ${line.length} bytes`, figures(theirs))
      print('  user and system time of the lab for each write', ms(cpu))
      watchers.disconnect()
      bare.disconnect()
    }
  } finally {
    fanOut.disconnect()
    await lab.stop()
  }
}

function figures(values: number[]): string {
  return `${ms(percentile(values, 0.5))}, ${ms(percentile(values, 0.95))} [${ms(Math.min(...values))} to ${ms(Math.max(...values))}]`
}

/** A pod that nobody runs: what changes it is the bench alone. */
function pod(): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { schedulerName: 'nobody', containers: [{ name: 'web', image: 'nginx' }] },
  }
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`a process of the bench ended with ${code}`))
    child.once('exit', gone)
    child.once('message', (answer) => {
      child.off('exit', gone)
      resolve(answer as T)
    })
  })
}

async function open(url: string, accept: string): Promise<ChildProcess> {
  const child = fork(new URL('../support/watchers.ts', import.meta.url), [url, String(COUNT), accept])
  await message(child)
  return child
}

async function tell(watchers: ChildProcess, order: WriteOrder): Promise<number> {
  const told = message<number>(watchers)
  watchers.send(order)
  return told
}

function firstLine(url: string, accept: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { accept } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (!text.includes('\n')) return
        asked.destroy()
        resolve(text.slice(0, text.indexOf('\n')))
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
