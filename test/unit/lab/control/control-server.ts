/** The lab's control, as it stands beside its API, on a server of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LabClock } from '../../../../server/lab/clock.ts'
import { handleLabControl } from '../../../../server/lab/control/handle-control.ts'
import { FakeLab } from '../fake-lab.ts'

export interface ControlServer {
  url: string
  fake: FakeLab
  clock: LabClock
  close(): void
}

/** Over a lab whose clock runs. `env`: what a client outside of the cluster is told to start with. */
export async function startControlServer(env: Record<string, string> = {}): Promise<ControlServer> {
  const clock = new LabClock(() => {})
  const fake = new FakeLab(1, 'v1.35.4', clock)
  const control = { current: () => fake.lab, client: () => ({ env }) }
  const server = createServer((request, response) => handleLabControl(control, request, response))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fake,
    clock,
    close() {
      server.closeAllConnections()
      server.close()
      clock.dispose()
    },
  }
}
