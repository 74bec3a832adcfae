import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { startBridgeServer, type BridgeServer, type BridgeServerOptions } from '../../../server/http/server.ts'
import { LIMITS, type Page } from '../../../server/http/sockets.ts'
import { Problem } from '../../../server/problem.ts'
import { MAX_INPUT, SOCKET_PATH, SUBPROTOCOL, type ClientMessage } from '../../../server/protocol/messages.ts'
import { poll } from '../support/poll.ts'

let folder: string
let open: BridgeServer[] = []

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'pages-test-'))
  folder = join(root, 'dist')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(root, 'secret.txt'), 'outside')
  await writeFile(join(folder, 'index.html'), '<!doctype html><script>inline()</script><script src="./assets/a.js"></script>')
  await writeFile(join(folder, 'assets/a.js'), 'deck()')
  await writeFile(join(folder, '.built-from'), 'digest')
  return () => rm(root, { recursive: true })
})

afterEach(async () => {
  for (const server of open) await server.dispose()
  open = []
})

interface Served {
  server: BridgeServer
  port: number
  pages: Page[]
  messages: ClientMessage[]
  closed: () => number
}

async function serve(options: Partial<BridgeServerOptions> = {}): Promise<Served> {
  const pages: Page[] = []
  const messages: ClientMessage[] = []
  let closed = 0
  const server = await startBridgeServer({
    host: '127.0.0.1',
    port: 0,
    folder,
    dev: null,
    connect(page) {
      pages.push(page)
      return { message: (message) => void messages.push(message), closed: () => void closed++ }
    },
    ...options,
  })
  open.push(server)
  return { server, port: Number(new URL(server.url).port), pages, messages, closed: () => closed }
}

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A request as a hand-written client sends it: fetch would mend paths and forbid headers. */
function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

function cookie({ server }: Served, role: 'presenter' | 'viewer' = 'presenter'): { Cookie: string } {
  return { Cookie: `${server.gate.cookieName}=${server.gate.tokens[role]}` }
}

interface Opened {
  socket: WebSocket | null
  status: number
  body: string
  close: Promise<{ code: number; reason: string }>
}

/** Opens a socket, or tells how it was refused. */
function connect(
  served: Served,
  headers: Record<string, string>,
  path = SOCKET_PATH,
  protocols: string[] = [SUBPROTOCOL],
  options: ClientOptions = {},
): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, protocols, { ...options, headers })
    const close = new Promise<{ code: number; reason: string }>((done) =>
      socket.on('close', (code, reason) => done({ code, reason: String(reason) })),
    )
    socket.on('open', () => resolve({ socket, status: 101, body: '', close }))
    socket.on('error', () => {})
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ socket: null, status: response.statusCode!, body, close }))
    })
  })
}

describe('pages', () => {
  it('take the token out of the URL into a cookie that scripts and other sites cannot use', async () => {
    const served = await serve()
    const { presenter } = served.server.gate.tokens
    const answer = await get(served.port, `/?token=${presenter}&print=1`)
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/?print=1')
    expect(answer.headers['set-cookie']).toEqual([`lab-token-${served.port}=${presenter}; Path=/; HttpOnly; SameSite=Strict`])
    const page = await get(served.port, '/', cookie(served))
    expect(page.status).toBe(200)
    expect(page.body).toContain('<!doctype html>')
  })

  it.each([
    ['/5', '/#/5'],
    ['/presenter/1', '/#/presenter/1'],
    ['/presenter', '/#/presenter'],
    ['/overview', '/#/overview'],
    ['/export', '/#/export'],
  ])('send the typed address %s to its place by hash', async (path, location) => {
    const served = await serve()
    const answer = await get(served.port, path, cookie(served))
    expect([answer.status, answer.headers.location]).toEqual([303, location])
    const withToken = await get(served.port, `${path}?token=${served.server.gate.tokens.viewer}`)
    expect([withToken.status, withToken.headers.location]).toEqual([303, location])
  })

  it('are refused without a token, with a wrong one, and with one of another run', async () => {
    const served = await serve()
    const other = await serve()
    for (const [path, headers] of [
      ['/', {}],
      ['/assets/a.js', {}],
      ['/?token=wrong', {}],
      ['/?token=', {}],
      [`/?token=${other.server.gate.tokens.presenter}`, {}],
      ['/', { Cookie: `${served.server.gate.cookieName}=${other.server.gate.tokens.presenter}` }],
      ['/?token=wrong', cookie(served)],
    ] as [string, Record<string, string>][]) {
      const answer = await get(served.port, path, headers)
      expect(answer.status).toBe(403)
      expect(answer.body).toMatch(/^no valid token: open the whole URL.*\n$/)
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it.each(['evil.example', 'evil.example:80', 'localhost', '127.0.0.1:1', '127.0.0.1.nip.io'])(
    'are refused for the host %j',
    async (host) => {
      const served = await serve()
      const answer = await get(served.port, '/', { ...cookie(served), Host: host.replace('nip.io', `nip.io:${served.port}`) })
      expect(answer.status).toBe(421)
      expect(answer.body).toContain('does not answer for the host')
    },
  )

  it('answer to every name of the loopback interface', async () => {
    const served = await serve()
    for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      expect((await get(served.port, '/', { ...cookie(served), Host: `${host}:${served.port}` })).status).toBe(200)
    }
  })

  it('are refused to pages of another origin', async () => {
    const served = await serve()
    for (const origin of ['http://evil.example', `https://127.0.0.1:${served.port}`, 'null', `http://127.0.0.1:${served.port + 1}`]) {
      const answer = await get(served.port, '/', { ...cookie(served), Origin: origin })
      expect(answer.status).toBe(403)
      expect(answer.body).toContain('may not use this server')
    }
    expect((await get(served.port, '/', { ...cookie(served), Origin: served.server.url })).status).toBe(200)
  })

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//../secret.txt',
    '/..\\secret.txt',
    '/%5c..%5csecret.txt',
    '/\0',
    '/%',
    '/.built-from',
  ])('give nothing from outside their folder for %j', async (path) => {
    const served = await serve()
    const answer = await get(served.port, path.replace('\0', '%00'), cookie(served))
    expect(answer.body).not.toContain('outside')
    expect(answer.body).not.toContain('digest')
    expect([200, 303, 404]).toContain(answer.status)
  })

  it('carry the headers that keep other sites out', async () => {
    const served = await serve()
    const { headers } = await get(served.port, '/', cookie(served))
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toMatch(/script-src 'self' 'sha256-[^']+'/)
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
  })

  it('take nothing but GET and HEAD', async () => {
    const served = await serve()
    expect((await get(served.port, '/', cookie(served), 'POST')).status).toBe(405)
    expect((await get(served.port, '/', cookie(served), 'HEAD')).status).toBe(200)
  })

  it("come from Slidev's dev server where there is one", async () => {
    const served = await serve({ dev: 'http://localhost:4444' })
    const answer = await get(served.port, `/presenter/1?token=${served.server.gate.tokens.presenter}`)
    expect(answer.headers.location).toBe('http://localhost:4444/#/presenter/1')
    const { socket } = await connect(served, { ...cookie(served), Origin: 'http://localhost:4444' })
    expect(socket).not.toBeNull()
    socket!.terminate()
  })

  it('say which port is in use, and what to do', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) =>
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
    )
    await expect(serve({ port })).rejects.toThrow(
      new Problem(
        `port ${port} on 127.0.0.1 is in use: end the other program, or choose another port with --port N (0 takes any free one)`,
      ),
    )
    await new Promise((resolve) => blocker.close(resolve))
  })
})

describe('sockets', () => {
  it('know who may type', async () => {
    const served = await serve()
    for (const role of ['presenter', 'viewer'] as const) {
      const { socket } = await connect(served, { ...cookie(served, role), Origin: served.server.url })
      expect(served.pages.at(-1)!.role).toBe(role)
      socket!.terminate()
    }
    await poll(() => served.closed() === 2)
    expect(served.server.pages).toBe(0)
  })

  it.each([
    ['a wrong token', (served: Served) => ({ Cookie: `${served.server.gate.cookieName}=wrong` }), 403, 'no valid token'],
    ['no token', () => ({}), 403, 'no valid token'],
    ['a wrong Host', (served: Served) => ({ ...cookie(served), Host: `evil.example:${served.port}` }), 421, 'does not answer for the host'],
    ['a wrong Origin', (served: Served) => ({ ...cookie(served), Origin: 'http://evil.example' }), 403, 'may not use this server'],
  ])('are refused with %s, in one line', async (_what, headers, status, message) => {
    const served = await serve()
    const refused = await connect(served, headers(served) as Record<string, string>)
    expect(refused.status).toBe(status)
    expect(refused.body).toContain(message)
    expect(refused.body.trim().split('\n')).toHaveLength(1)
    expect(served.pages).toEqual([])
  })

  it('are refused at another path and without the subprotocol', async () => {
    const served = await serve()
    expect((await connect(served, cookie(served), '/')).status).toBe(400)
    const other = await connect(served, cookie(served), SOCKET_PATH, ['other'])
    expect([other.status, other.body]).toEqual([400, `this server speaks ${SUBPROTOCOL}: reload the page\n`])
  })

  it.each([
    ['no JSON', 'hello', 'the frame is not JSON'],
    ['another message', '{"t":"command","command":"rm -rf /"}', 't: '],
    ['a message with something added', '{"t":"attach","lab":"talk","cwd":"/"}', 'cwd: '],
    ['a lab that is no name', '{"t":"attach","lab":"../../etc"}', 'lab: '],
    ['binary', Buffer.from('{"t":"attach","lab":"talk"}'), 'the frame is binary'],
  ])('that send a frame which is %s are closed with the reason, and nobody else is', async (_what, frame, reason) => {
    const served = await serve()
    const bad = await connect(served, cookie(served))
    const good = await connect(served, cookie(served))
    bad.socket!.send(frame)
    expect(await bad.close).toEqual({ code: 1008, reason: expect.stringContaining(reason) })
    good.socket!.send('{"t":"attach","lab":"talk"}')
    await poll(() => served.messages.length === 1)
    expect(served.messages).toEqual([{ t: 'attach', lab: 'talk' }])
    good.socket!.terminate()
  })

  it('take a paste of the longest size, and no frame that is longer than any message', async () => {
    const served = await serve()
    const { socket, close } = await connect(served, cookie(served))
    const data = '\u0001'.repeat(MAX_INPUT)
    socket!.send(JSON.stringify({ t: 'input', lab: 'talk', data }))
    await poll(() => served.messages.length === 1)
    socket!.send('x'.repeat(LIMITS.frame + 1))
    expect((await close).code).toBe(1009)
  })

  it('that send too many messages are closed, while acknowledgements are free', async () => {
    const served = await serve({ limits: { ...LIMITS, burst: 20, messagesPerSecond: 0 } })
    const { socket, close } = await connect(served, cookie(served))
    for (let n = 0; n < 100; n++) socket!.send('{"t":"ack","lab":"talk","characters":5000}')
    for (let n = 0; n < 21; n++) socket!.send('{"t":"detach","lab":"talk"}')
    expect(await close).toEqual({ code: 1008, reason: 'too many messages: slow down, then connect again' })
    expect(served.messages.filter((message) => message.t === 'detach')).toHaveLength(20)
    expect(served.messages.filter((message) => message.t === 'ack')).toHaveLength(100)
  })

  it('are refused above the limit of connections', async () => {
    const served = await serve({ limits: { ...LIMITS, connections: 1 } })
    const first = await connect(served, cookie(served))
    const second = await connect(served, cookie(served))
    expect([second.status, second.body]).toEqual([503, '1 pages are connected, which is the limit: close one\n'])
    first.socket!.terminate()
  })

  it('of pages that do not answer are ended', async () => {
    const served = await serve({ limits: { ...LIMITS, pingEvery: 20 } })
    // ws answers pings by itself; a page whose machine sleeps does not
    const { close } = await connect(served, cookie(served), SOCKET_PATH, [SUBPROTOCOL], { autoPong: false })
    expect((await close).code).toBe(1006)
    await poll(() => served.closed() === 1)
  })

  it('get what the server says, in order', async () => {
    const served = await serve()
    const { socket } = await connect(served, cookie(served))
    const heard: string[] = []
    socket!.on('message', (data) => heard.push(JSON.parse(String(data)).data))
    for (let n = 0; n < 100; n++) served.pages[0]!.send({ t: 'output', lab: 'talk', data: String(n) })
    await poll(() => heard.length === 100)
    expect(heard).toEqual(Array.from({ length: 100 }, (_, n) => String(n)))
    socket!.terminate()
  })
})
