/** An unmodified curl on the way that the lab prepares for it. Skipped, and said so, where there is no curl. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { LabClock } from '../../../../server/lab/clock.ts'
import { startClientGateway } from '../../../../server/lab/network/client-gateway.ts'
import type { ClientGateway } from '../../../../server/lab/network/client-gateway.ts'
import { FakeLab } from '../fake-lab.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0

describe.skipIf(!hasCurl)('curl in a shell of the client outside', () => {
  let gateway: ClientGateway
  let fake: FakeLab
  let clock: LabClock

  const curl = (url: string, seconds = 1): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const child = execFile(
        'curl',
        ['-sS', '-m', String(seconds), url],
        { env: { PATH: process.env.PATH, ...gateway.env, http_proxy: 'http://127.0.0.1:1' } },
        (_error, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr: stderr.trim().replace(/after \d+ /, 'after N ') }),
      )
    })
  /** Waits until the file says so: the lab writes it a moment after its network has changed. */
  const configured = async (text: RegExp): Promise<void> => {
    await vi.waitFor(() => expect(readFileSync(join(gateway.env.CURL_HOME as string, '.curlrc'), 'utf8')).toMatch(text), { timeout: 5_000 })
  }

  beforeAll(async () => {
    clock = new LabClock((error) => void fake.faults.push(error))
    fake = new FakeLab(1, 'v1.35.4', clock)
    fake.pod('p1', 'w1-k8s', '172.16.1.2')
    fake.pod('broken', 'w1-k8s', '172.16.1.9', { broken: true })
    const endpoint = { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' }
    fake.service('np', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, [endpoint])
    fake.service('lb', { type: 'LoadBalancer', ports: [{ port: 80 }] }, [endpoint], ['192.168.1.11'])
    fake.service(
      'broken',
      { type: 'LoadBalancer', ports: [{ port: 80 }] },
      [{ pod: 'broken', node: 'w1-k8s', address: '172.16.1.9' }],
      ['192.168.1.13'],
    )
    for (const address of ['192.168.1.11', '192.168.1.13']) fake.lab.network?.lan('w2-k8s').announce(address)
    gateway = await startClientGateway(() => fake.lab)
    await configured(/192\.168\.1\.101:30080:/)
  })
  afterAll(() => {
    gateway.close()
    clock.dispose()
  })

  it.each(['http://192.168.1.101:30080', 'http://192.168.1.10:30080/any/path', 'http://192.168.1.11', 'http://w3-k8s:30080'])(
    'gets the answer of %s',
    async (url) => {
      expect(await curl(url)).toEqual({ code: 0, stdout: 'p1\n', stderr: '' })
    },
  )

  it('is refused with 7 and the address that was typed', async () => {
    expect(await curl('http://192.168.1.101:30081')).toEqual({
      code: 7,
      stdout: '',
      stderr: expect.stringMatching(/^curl: \(7\) Failed to connect to 192\.168\.1\.101 port 30081/),
    })
  })

  it('is heard of all the same, and drawn', async () => {
    await configured(/libcurl = /)
    await curl('http://192.168.1.101:30099/x')
    await vi.waitFor(() =>
      expect(fake.events.flatMap((event) => (event.op === 'request' ? [event.request] : []))).toContainEqual(
        expect.objectContaining({ url: 'http://192.168.1.101:30099/x', outcome: 'refused' }),
      ),
    )
  })

  it('times out while it connects where a machine drops its packets, and that is drawn too', async () => {
    fake.service('local', { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30085 }] }, [
      { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' },
    ])
    await configured(/192\.168\.1\.102:30085:/)
    expect(await curl('http://192.168.1.102:30085')).toMatchObject({ code: 28, stderr: expect.stringContaining('Connection timed out') })
    expect(await curl('http://192.168.1.101:30085')).toMatchObject({ code: 0, stdout: 'p1\n' })
    await vi.waitFor(() =>
      expect(fake.events.flatMap((event) => (event.op === 'request' ? [event.request] : []))).toContainEqual(
        expect.objectContaining({ url: 'http://192.168.1.102:30085', outcome: 'lost' }),
      ),
    )
  })

  it.each(['http://lb', 'http://lb.default', 'http://lb.default.svc.cluster.local'])(
    "does not know the cluster's own name %s",
    async (url) => {
      expect(await curl(url, 10)).toEqual({ code: 6, stdout: '', stderr: `curl: (6) Could not resolve host: ${new URL(url).hostname}` })
    },
  )

  it('has no way out of the LAN', async () => {
    expect((await curl('http://10.96.0.1')).code).toBe(7)
  })

  it('times out with 28 while it connects, where nobody answers', async () => {
    expect(await curl('http://192.168.1.12')).toMatchObject({ code: 28, stderr: expect.stringContaining('onnection timed out after N ') })
  })

  it('is reset with 56', async () => {
    expect(await curl('http://192.168.1.13')).toMatchObject({ code: 56, stderr: 'curl: (56) Recv failure: Connection reset by peer' })
  })

  it('follows the network: a machine that is off is silent, a service that is gone refuses', async () => {
    fake.lab.power.set('w3-k8s', false)
    await configured(/noproxy = "192\.168\.1\.10,192\.168\.1\.101,192\.168\.1\.102,localhost/)
    expect((await curl('http://192.168.1.103:30080')).code).toBe(28)
    fake.lab.store.delete('services', 'default', 'np')
    await configured(/^(?![^]*30080)/)
    expect((await curl('http://192.168.1.101:30080')).code).toBe(7)
    expect(fake.events.some((event) => event.op === 'request' && event.request.outcome === 'lost')).toBe(true)
  })
})
