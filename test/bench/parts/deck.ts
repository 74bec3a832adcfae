/** The deck as a speaker has it: `npm start`, keystrokes through the bridge beside a bare pty, memory, the end. */
import { spawn } from 'node:child_process'
import * as pty from 'node-pty'
import { WebSocket } from 'ws'
import { SOCKET_PATH, SUBPROTOCOL, type ServerMessage } from '../../../server/protocol/messages.ts'
import { findShell } from '../../../server/terminal/shell.ts'
import { megabytes, ms, percentile, print } from '../support/figures.ts'
import { ended, memory, ROOT, started } from '../support/programs.ts'

/** Keystrokes measured on each way, after as many to warm up. */
const KEYSTROKES = 500

/** Types one key after the other, each when the one before was echoed. Returns the round trips, ms. */
async function echoes(type: (key: string) => void, listen: (heard: (data: string) => void) => void): Promise<number[]> {
  let heard: (() => void) | null = null
  listen(() => heard?.())
  const times: number[] = []
  for (let key = 0; key < 2 * KEYSTROKES; key++) {
    // a line is wiped before it is long enough to be redrawn
    const text = key % 40 === 39 ? '\x15' : 'x'
    const began = performance.now()
    const echoed = new Promise<void>((resolve) => (heard = resolve))
    type(text)
    await echoed
    if (text === 'x' && key >= KEYSTROKES) times.push(performance.now() - began)
  }
  return times
}

async function bareEchoes(): Promise<number[]> {
  const shell = pty.spawn(findShell().path, ['--norc', '--noprofile'], { cols: 150, rows: 12, env: { PATH: process.env.PATH!, PS1: '$ ' } })
  await new Promise<void>((resolve) => {
    const first = shell.onData(() => {
      first.dispose()
      resolve()
    })
  })
  const times = await echoes(
    (key) => shell.write(key),
    (heard) => void shell.onData(heard),
  )
  shell.kill()
  return times
}

/** Opens a page's socket as a browser does: the token for a cookie, then the upgrade with it. */
async function openSocket(page: string): Promise<WebSocket> {
  const url = new URL(page)
  const answer = await fetch(url, { redirect: 'manual' })
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!
  const socket = new WebSocket(`ws://${url.host}${SOCKET_PATH}`, SUBPROTOCOL, { headers: { cookie }, origin: url.origin })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** Attaches to a lab and resolves once its shell shows a prompt. */
function attached(socket: WebSocket, lab: string): Promise<void> {
  return new Promise((resolve) => {
    let ready = false
    let prompt = false
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as ServerMessage
      if (message.t === 'cluster' && message.state === 'ready') ready = true
      if ((message.t === 'screen' || message.t === 'output') && message.data.includes('# ')) prompt = true
      if (ready && prompt) resolve()
    })
    socket.send(JSON.stringify({ t: 'attach', lab }))
  })
}

export async function deck(): Promise<void> {
  const build = performance.now()
  const builder = spawn(process.execPath, ['server/cli.ts', 'build'], { cwd: ROOT, stdio: 'ignore' })
  await new Promise((resolve) => builder.once('exit', resolve))
  const building = performance.now() - build

  const began = performance.now()
  const talk = await started(['server/cli.ts', 'start', '--json', '--no-open', '--port', '0'])
  const socket = await openSocket(talk.ready.deck)
  await attached(socket, 'talk')
  const prompt = performance.now() - began
  print('npm start, deck built, to a prompt that answers', ms(prompt))
  print("npm start with the deck's build (the two added)", ms(prompt + building))
  print('  the bridge: resident memory', megabytes(await memory(talk.child.pid!)))

  const bare = await bareEchoes()
  const bridged = await echoes(
    (key) => socket.send(JSON.stringify({ t: 'input', lab: 'talk', data: key })),
    (heard) =>
      void socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as ServerMessage
        if (message.t !== 'output') return
        socket.send(JSON.stringify({ t: 'ack', lab: 'talk', characters: message.data.length }))
        heard(message.data)
      }),
  )
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const [ours, theirs] = [percentile(bridged, share), percentile(bare, share)]
    print(`keystroke echo, ${name}: bridge, bare pty, overhead`, `${ms(ours)}, ${ms(theirs)}, ${ms(ours - theirs)}`)
  }
  socket.close()
  print('from SIGTERM to nothing left running', ms(await ended(talk.child)))
}
