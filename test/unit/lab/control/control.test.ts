import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startControlServer, type ControlServer } from './control-server.ts'

let server: ControlServer

beforeAll(async () => {
  server = await startControlServer({ http_proxy: 'http://proxy' })
  const { fake, clock } = server
  fake.pod('p1', 'w2-k8s', '172.16.2.2')
  fake.service('np', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, [{ pod: 'p1', node: 'w2-k8s', address: '172.16.2.2' }])
  await clock.forward(3_000)
})
afterAll(() => server.close())

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.url}/lab/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe("the lab's endpoints", () => {
  it('tell the status', async () => {
    expect(await call('GET', '/status')).toMatchObject({
      status: 200,
      body: {
        preset: 'test',
        kubernetes: 'v1.35.4',
        clock: { speed: 1, paused: false },
        nodes: [{ name: 'm-k8s', on: true, ready: 'True' }, {}, {}, {}],
      },
    })
  })

  it('switch machines off and on, and say whether that changed anything', async () => {
    expect((await call('POST', '/nodes/w1-k8s/stop')).body).toEqual({ node: 'w1-k8s', on: false, changed: true })
    expect((await call('POST', '/nodes/w1-k8s/stop')).body).toEqual({ node: 'w1-k8s', on: false, changed: false })
    expect((await call('POST', '/nodes/w1-k8s/start')).body).toEqual({ node: 'w1-k8s', on: true, changed: true })
  })

  it('trace a request, hop by hop, with what came back', async () => {
    expect((await call('POST', '/trace', { url: '192.168.1.101:30080' })).body).toMatchObject({
      outcome: 'answered',
      pod: 'p1',
      body: 'p1\n',
      hops: [{ hop: 'arp' }, { hop: 'frame' }, { hop: 'proxy' }, { hop: 'frame' }, { hop: 'pod' }],
    })
    expect((await call('GET', '/neighbours')).body).toMatchObject([{ address: '192.168.1.101', host: 'w1-k8s' }])
  })

  it('move the clock', async () => {
    const before = ((await call('GET', '/status')).body.clock as { elapsed: number }).elapsed
    const { body } = await call('POST', '/clock', { forward: 60_000 })
    expect(body.elapsed).toBeGreaterThanOrEqual(before + 60_000)
    expect((await call('POST', '/clock', { speed: 10 })).body.speed).toBe(10)
    expect((await call('POST', '/clock', { paused: true })).body.paused).toBe(true)
    expect((await call('POST', '/trace', { url: 'http://192.168.1.11' })).status).toBe(409)
    expect((await call('POST', '/clock', { paused: false })).body.paused).toBe(false)
    await call('POST', '/clock', { speed: 1 })
  })

  it.each([
    ['POST', '/nodes/w9-k8s/stop', undefined, 404, 'node "w9-k8s" not found: the lab has m-k8s, w1-k8s, w2-k8s, w3-k8s'],
    ['POST', '/nodes/m-k8s/stop', undefined, 409, 'runs the control plane'],
    ['POST', '/clock', {}, 400, 'exactly one of forward, speed and paused'],
    ['POST', '/clock', { forward: -1 }, 400, 'expected ms between 1 and'],
    ['POST', '/clock', { speed: 0 }, 400, 'expected a number between 0.1 and 1000'],
    ['POST', '/clock', { paused: 'yes' }, 400, 'expected true or false'],
    ['POST', '/clock', '{', 400, 'the body is not JSON'],
    ['POST', '/clock', '[]', 400, 'expected a body like'],
    ['POST', '/trace', { url: 'https://192.168.1.11' }, 400, 'plain HTTP'],
    ['POST', '/trace', { url: 7 }, 400, 'expected a string'],
    ['GET', '/reset', undefined, 400, 'takes POST, not GET'],
    ['GET', '/nope', undefined, 404, 'there is no /lab/v1/nope'],
  ])('answer %s %s %j with a reason', async (method, path, body, status, message) => {
    expect(await call(method, path, body)).toMatchObject({ status, body: { message: expect.stringContaining(message) } })
  })

  it('stream the state first, and then what happens', async () => {
    const response = await fetch(`${server.url}/lab/v1/watch`)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (part: string): Promise<void> => {
      while (!text.includes(part)) text += (await reader.read()).value ?? ''
    }
    await until('"op":"clock"')
    expect(
      text
        .split('\n')
        .slice(0, 6)
        .map((line) => JSON.parse(line).op),
    ).toEqual(['power', 'power', 'power', 'power', 'neighbours', 'clock'])
    await call('POST', '/nodes/w3-k8s/stop')
    await until('"op":"power","node":"w3-k8s","on":false')
    await call('POST', '/nodes/w3-k8s/start')
    await reader.cancel()
  })
})

describe('the lab command', () => {
  const lab = (
    args: string[],
    env: Record<string, string> = { LAB_SERVER: server.url },
  ): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      const file = fileURLToPath(new URL('../../../../server/lab/command.ts', import.meta.url))
      const child = execFile(process.execPath, [file, ...args], { env }, (_error, stdout, stderr) =>
        done({ code: child.exitCode ?? -1, stdout, stderr }),
      )
    })

  it('switches a node off and on', async () => {
    expect(await lab(['node', 'stop', 'w3-k8s'])).toEqual({ code: 0, stdout: 'node/w3-k8s switched off\n', stderr: '' })
    expect((await lab(['status'])).stdout).toMatch(/^w3-k8s +192\.168\.1\.103 +off +True$/m)
    expect((await lab(['node', 'start', 'node/w3-k8s'])).stdout).toBe('node/w3-k8s switched on\n')
    expect((await lab(['node', 'start', 'w3-k8s'])).stdout).toBe('node/w3-k8s already switched on\n')
  })

  it('shows a way and the neighbours', async () => {
    expect((await lab(['trace', 'http://192.168.1.102:30080'])).stdout).toMatch(
      /kube-proxy on w2-k8s, service default\/np: picks p1.*\n.*pod p1 on w2-k8s answers\n {4}answered\n\np1\n$/,
    )
    expect((await lab(['arp'])).stdout).toMatch(
      /^ADDRESS +HWADDRESS +HOST +STATE\n[^]*192\.168\.1\.102 +08:00:27:[0-9a-f:]+ +w2-k8s +reachable/,
    )
  })

  it.each([
    [['nod'], 2, /error: unknown command "nod" for "lab"\n\nDid you mean this\?\n\tnode\n/],
    [['node', 'stpo', 'w1-k8s'], 2, /unknown command "stpo" for "lab node"\n\nDid you mean this\?\n\tstop/],
    [['node', 'stop'], 2, /a node's name is needed: m-k8s, w1-k8s, w2-k8s, w3-k8s/],
    [['node', 'stop', 'w9'], 1, /Error from lab: node "w9" not found/],
    [['clock', 'forward', '5'], 2, /invalid duration "5"\nExpected something like 30s, 5m or 1h30m\./],
    [['clock', 'speed', 'x'], 2, /a number is needed/],
    [['status', 'more'], 2, /unexpected argument "more"/],
  ])('answers %j with exit code %i', async (args, code, stderr) => {
    expect(await lab(args)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) })
  })

  it('says what to do on a cluster that the deck did not start, or without a lab', async () => {
    expect(await lab(['status'], {})).toMatchObject({ code: 2, stderr: expect.stringContaining('a cluster that the deck did not start') })
    expect(await lab(['status'], { LAB_SERVER: 'http://127.0.0.1:1' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was refused'),
    })
    expect((await lab(['help'], {})).stdout).toContain('lab node stop|start NAME')
  })
})
