/** The lab's control, as it stands beside its API, on a server of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleLabControl } from '../../../../server/lab/control/handle-control.ts'
import type { FakeLab } from '../fake-lab.ts'

export interface ControlServer {
  url: string
  close(): void
}

/** `env`: what a client outside of the cluster is told to start with. */
export async function startControlServer({ lab }: FakeLab, env: Record<string, string> = {}): Promise<ControlServer> {
  const control = { current: () => lab, client: () => ({ env }) }
  const server = createServer((request, response) => handleLabControl(control, request, response))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
