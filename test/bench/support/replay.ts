/** A bare HTTP server that has another server's answers ready: what is left of a command's time where the server takes none. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Answer {
  status: number
  type: string
  body: Buffer
}

export interface Replay {
  url: string
  close(): void
}

/**
 * Asks `server` for what it is asked first; the second time the same is asked, by method, address and Accept, the answer is there. `changed` makes another
 * body of an answer's.
 */
export async function replayOf(server: string, changed: (body: Buffer) => Buffer = (body) => body): Promise<Replay> {
  const answers = new Map<string, Answer>()
  const ask = async (method: string, path: string, accept: string): Promise<Answer> => {
    const response = await fetch(server + path, { method, headers: { accept } })
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? 'application/json',
      body: changed(Buffer.from(await response.arrayBuffer())),
    }
  }
  const bare = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request
    const accept = headers.accept ?? ''
    const key = `${method} ${url} ${accept}`
    const send = ({ status, type, body }: Answer): void => {
      response.writeHead(status, { 'content-type': type, 'content-length': body.length })
      response.end(body)
    }
    const known = answers.get(key)
    if (known) return send(known)
    const pass = async (): Promise<void> => {
      const asked = await ask(method, url, accept)
      answers.set(key, asked)
      send(asked)
    }
    void pass().catch((error: unknown) => void response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(bare.address() as AddressInfo).port}`,
    close() {
      bare.closeAllConnections()
      bare.close()
    },
  }
}

/** A Table whose objects are cut down to what kubectl cannot do without: their names. Any other body as it is. */
export function namesOnly(body: Buffer): Buffer {
  const table = JSON.parse(String(body))
  if (table.kind !== 'Table') return body
  for (const { object } of table.rows) object.metadata = { name: object.metadata.name, namespace: object.metadata.namespace }
  return Buffer.from(JSON.stringify(table))
}
