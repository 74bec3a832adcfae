/**
 * `npm run bench`: figures of this machine, each beside a baseline of the same run: starting, keystrokes through the bridge beside a bare pty, memory.
 * It prints and asserts nothing: machines are shared, and a figure that fails a build teaches nobody anything.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as pty from 'node-pty'
import { WebSocket } from 'ws'
import { SOCKET_PATH, SUBPROTOCOL, type ServerMessage } from '../../server/protocol/messages.ts'
import { findShell } from '../../server/terminal/shell.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Keystrokes measured on each way, after as many to warm up. */
const KEYSTROKES = 500

const print = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(58)} ${value}\n`)
const ms = (value: number): string => `${value.toFixed(2)} ms`

/** Starts a program of the project and waits for its line of JSON. */
async function started(args: string[]): Promise<{ child: ChildProcess; ready: Record<string, any>; took: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout!) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  if (text === '') throw new Error(`node ${args.join(' ')} ended before it was ready`)
  return { child, ready: JSON.parse(text), took: performance.now() - began }
}

async function ended(child: ChildProcess): Promise<number> {
  const began = performance.now()
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
  return performance.now() - began
}

/** Resident memory of a process, MB; Linux only. */
async function memory(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kilobytes === undefined ? 'not to be had on this system' : `${Math.round(Number(kilobytes) / 1024)} MB`
}

function percentile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

/** Types one key after the other, each when the one before was echoed. Returns the sorted round trips, ms. */
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
  return times.toSorted((a, b) => a - b)
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
async function openSocket(deck: string): Promise<WebSocket> {
  const url = new URL(deck)
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

const folder = await mkdtemp(join(tmpdir(), 'bench-'))
try {
  const lab = await started([
    'server/lab/main.ts',
    '--preset',
    'today',
    '--port',
    '0',
    '--kubeconfig',
    join(folder, 'kubeconfig'),
    '--json',
  ])
  print('the lab, from start to all system pods Running and Ready', ms(lab.took))
  print('  its resident memory', await memory(lab.child.pid!))
  await ended(lab.child)

  const empty = performance.now()
  await new Promise((resolve) => spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }).once('exit', resolve))
  print('  beside it: starting Node and nothing else', ms(performance.now() - empty))

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
  print('  the bridge: resident memory', await memory(talk.child.pid!))

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
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exit(0)
