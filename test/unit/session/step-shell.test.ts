import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { stepShell } from '../../../server/session/step-shell.ts'
import { findShell, prepareShell, type PreparedShell } from '../../../server/terminal/shell.ts'
import { ShellTerminal } from '../../../server/terminal/shell-terminal.ts'
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
