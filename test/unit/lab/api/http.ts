import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleApiRequest } from '../../../../server/lab/api/server.ts'
import { startCustomResources } from '../../../../server/lab/api/custom-resources.ts'
import { createAdmissionRegistry } from '../../../../server/lab/admission.ts'
import type { LabContext } from '../../../../server/lab/context.ts'
import type { ManualClock } from '../../../../server/lab/clock.ts'
import type { Store } from '../../../../server/lab/store/store.ts'
import { testStore } from '../store/fixture.ts'

export interface TestApi {
  url: string
  store: Store
  clock: ManualClock
  faults: unknown[]
  /** Sends a request; a body that is no text goes as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: any; headers: Headers }>
  close(): Promise<void>
}

/** An API server over an empty store; no controller and no kubelet runs. */
export async function startApi(): Promise<TestApi> {
  const { store, clock, faults } = testStore()
  const disposals: (() => void)[] = []
  const settings = store.context().settings
  const lab = {
    clock,
    store,
    settings,
    admission: createAdmissionRegistry(),
    fault: (error: unknown) => void faults.push(error),
    onDispose(dispose: () => void) {
      disposals.push(dispose)
      return { dispose: () => void disposals.splice(disposals.indexOf(dispose), 1) }
    },
  } as unknown as LabContext
  startCustomResources(lab)
  const server: Server = createServer((request, response) => void handleApiRequest(lab, request, response))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    store,
    clock,
    faults,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: response.headers }
    },
    async close() {
      for (const dispose of [...disposals]) dispose()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Reads newline-delimited JSON from a watch, one event a call. */
export function eventsOf(response: Response): () => Promise<any> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  return async () => {
    for (;;) {
      const end = text.indexOf('\n')
      if (end >= 0) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        return JSON.parse(line)
      }
      const { value, done } = await reader.read()
      if (done) return null
      text += decoder.decode(value, { stream: true })
    }
  }
}
