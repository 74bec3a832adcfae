import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stepShell } from '../../../server/session/step-shell.ts'
import { findShell, prepareShell, type PreparedShell } from '../../../server/terminal/shell.ts'
import { ShellTerminal } from '../../../server/terminal/shell-terminal.ts'
import type { Notice } from '../../../server/protocol/notices.ts'
import { poll } from '../support/poll.ts'

let folder: string
let prepared: PreparedShell
let terminal: ShellTerminal

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'step-shell-test-'))
  const shell = findShell()
  await writeFile(join(folder, 'kubeconfig'), '')
  prepared = await prepareShell({
    shell,
    host: 'm-k8s',
    nonce: 'abc123',
    kubectl: join(folder, 'kubectl'),
    completion: null,
    kubeconfig: join(folder, 'kubeconfig'),
    files: [],
    labCommand: ['/bin/echo', 'lab'],
    env: {},
  })
  terminal = new ShellTerminal({ shell, prepared, nonce: 'abc123', cols: 100, rows: 20 })
})

afterEach(async () => {
  await terminal.dispose()
  await prepared.dispose()
  await rm(folder, { recursive: true })
})

it('interrupts a command that keeps running', async () => {
  const shell = stepShell(terminal)
  const ending = shell.run('while sleep 0.2; do echo turn; done')
  await poll(() => terminal.text().includes('turn'))
  shell.interrupt()
  expect(await ending).toBe(130)
})

it('interrupts again what has not heard the first time', async () => {
  const shell = stepShell(terminal)
  const ending = shell.run(`(trap 'trap "exit 7" INT; echo missed' INT; echo begun; while :; do sleep 0.1; done)`)
  await poll(() => terminal.text().includes('begun'))
  shell.interrupt()
  expect(await ending).toBe(7)
  expect(terminal.text().join('\n')).toContain('missed')
})

/** What a click meets while a command that a person typed is running. */
async function click(command: string, begun: () => boolean) {
  await poll(() => terminal.state === 'prompt')
  terminal.input(command + '\r')
  await poll(begun)
  const told: Notice[] = []
  const request = new AbortController()
  let over = false
  const room = stepShell(terminal)
    .makeRoom((notice) => void told.push(notice), request.signal)
    .finally(() => (over = true))
  await poll(() => told.length > 0 || over)
  return { room, told, request, isOver: () => over }
}

it('makes room at once at the prompt', async () => {
  await poll(() => terminal.state === 'prompt')
  expect(await stepShell(terminal).makeRoom(() => expect.unreachable(), new AbortController().signal)).toBeNull()
})

it('interrupts a command that only prints', async () => {
  const { room, told } = await click('while sleep 0.1; do echo turn; done', () => terminal.text().includes('turn'))
  expect(told).toEqual([{ kind: 'busy', program: expect.any(String), interrupts: true }])
  expect(await room).toBeNull()
  expect(terminal.lastStatus).toBe(130)
})

it('lets a command that is over in a moment end', async () => {
  const { room } = await click('sleep 0.3; echo over', () => terminal.state === 'running')
  expect(await room).toBeNull()
  expect(terminal.lastStatus).toBe(0)
})

it.each([
  ['reads keys', String.raw`stty raw; printf 'be''gun\r\n'; head -c 1 | od -c; stty sane`, 'q'],
  ['has the whole screen', String.raw`printf '\e[?1049hbe''gun\n'; head -c 1 > ~/key; printf '\e[?1049l'; od -c ~/key`, 'q\r'],
  ['asks for a password', String.raw`stty -echo; printf 'be''gun\n'; head -c 1 | od -c; stty echo`, 'q\r'],
])('types nothing into a program that %s, and goes on when a person has ended it', async (_what, command, key) => {
  const { room, told, isOver } = await click(command, () => {
    const reads = terminal.foreground === 'head' || terminal.foreground === 'od'
    // what it has printed, its modes among it, has reached the screen
    return reads && terminal.text().some((line) => line.startsWith('begun'))
  })
  expect(told[0]).toMatchObject({ kind: 'busy', interrupts: false })
  expect(isOver()).toBe(false)
  terminal.input(key)
  expect(await room).toBeNull()
  // the screen takes what was printed a moment after the shell has its prompt
  await poll(() => /0000000 +q/.test(terminal.text().join('\n')), 'the key that was read')
})

it('types nothing into a program that a person talks to', async () => {
  await poll(() => terminal.state === 'prompt')
  terminal.input('cat\r')
  // the shell's word that a command runs may come after its process is there
  await poll(() => terminal.foreground === 'cat' && terminal.state === 'running')
  terminal.input('hello\r')
  const told: Notice[] = []
  const request = new AbortController()
  const room = stepShell(terminal).makeRoom((notice) => void told.push(notice), request.signal)
  await poll(() => told.length > 0)
  expect(told).toEqual([{ kind: 'busy', program: 'cat', interrupts: false }])
  request.abort()
  expect(await room).toBeNull()
  expect(terminal.state).toBe('running')
})
