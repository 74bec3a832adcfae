import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigFor } from '../topology/fake-api-server.ts'

const CLI = fileURLToPath(new URL('../../../server/cli.ts', import.meta.url))

let folder: string
let kubectl: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-test-'))
  kubectl = join(folder, 'kubectl')
  await writeFile(kubectl, '#!/bin/sh\n')
  await chmod(kubectl, 0o755)
  return () => rm(folder, { recursive: true })
})

interface Ended {
  code: number | null
  out: string
  error: string
}

function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KUBECTL: kubectl, ...env },
    })
    let [out, error] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text))
    child.on('close', (code) => resolve({ code, out, error }))
  })
}

/** One clear line: no stack, nothing on standard output. */
function expectProblem({ code, out, error }: Ended, message: string | RegExp): void {
  const last = error.trim().split('\n').at(-1)!
  expect(last).toMatch(message)
  expect(last).toMatch(/^\[error\] /)
  expect(error).not.toMatch(/\n\s+at /)
  expect([code, out]).toEqual([2, ''])
}

const START = ['start', '--no-open', '--port', '0', '--json']

describe('the command line', { timeout: 30_000 }, () => {
  it.each(['start', 'dev', 'lab'])('tells by --help how npm starts %s, and every preset', async (command) => {
    const { code, out } = await run([command, '--help'])
    expect(code).toBe(0)
    expect(out).toContain(`$ npm run ${command} -- [options]`)
    expect(out).toContain('today, 2021, bare')
    expect(out).not.toContain('default: true')
  })
  it('is what npm itself starts where it serves, so that a signal for npm ends it', async () => {
    const { scripts } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      scripts: Record<string, string>
    }
    for (const command of ['start', 'dev', 'lab']) expect(scripts[command]).toBe(`exec node server/cli.ts ${command}`)
  })
  it('names the commands to whoever asks for help with none', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('$ npm run <command> -- [options]')
    for (const command of ['start', 'dev', 'build', 'record', 'export', 'lab']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
  })
  it.each<[string[], string | RegExp]>([
    [[...START, '--preset', 'tomorrow'], '--preset tomorrow: there is no such preset; choose one of today, 2021, bare'],
    [[...START, '--pool', '10.0.0.9-10.0.0.1'], 'the last address comes before the first'],
    [[...START, '--frobnicate'], /Unknown option.*frobnicate.*see --help/],
    [['start', '--no-open', '--port'], /--port.*see --help|--port takes a whole number/],
    [['start', '--port', 'http'], '--port takes a whole number from 0 to 65535'],
    [[...START, 'extra'], 'extra is no option: see --help'],
    [['prsent'], 'there is no command prsent: choose one of start, dev'],
    [[], 'no command is given: choose one of start, dev'],
    [[...START, '--kubeconfig', '/nowhere/config'], '--kubeconfig /nowhere/config: there is no such file'],
    [['export', '--output', '/nowhere/x.pdf'], /\/nowhere\/x\.pdf cannot be written: ENOENT.*name a file in another folder by --output/],
    [['lab', '--preset', 'tomorrow'], '--preset tomorrow: there is no such preset'],
  ])('ends with 2 and one line for %j', async (args, message) => {
    expectProblem(await run(args), message)
  })

  it('ends with 2 for a kubeconfig that is none', async () => {
    const file = join(folder, 'malformed')
    await writeFile(file, 'apiVersion: v1\nkind: Pod\n')
    expectProblem(await run([...START, '--kubeconfig', file]), /--kubeconfig .*malformed: this is no kubeconfig/)
  })

  it('ends with 2 for a context that is not there', async () => {
    const file = join(folder, 'contexts')
    await writeFile(file, kubeconfigFor('http://127.0.0.1:1'))
    expectProblem(
      await run([...START, '--kubeconfig', file, '--context', 'other']),
      'it has no context other; choose one with --context: fake',
    )
  })

  it('ends with 2 for a cluster that does not answer', async () => {
    const file = join(folder, 'unreachable')
    await writeFile(file, kubeconfigFor('http://127.0.0.1:1'))
    expectProblem(
      await run([...START, '--kubeconfig', file]),
      /the cluster of context fake at http:\/\/127\.0\.0\.1:1 does not answer as it should: .*ECONNREFUSED.*check it with kubectl get nodes/,
    )
  })

  it('ends with 2 where $KUBECTL is none', async () => {
    expectProblem(
      await run(START, { KUBECTL: '/nowhere/kubectl' }),
      '$KUBECTL is /nowhere/kubectl, which is no program that can be run: correct it or unset it',
    )
  })

  it('ends with 2 for a port in use', async () => {
    const blocker = createServer()
    const port = await new Promise<number>((resolve) =>
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port)),
    )
    expectProblem(await run(['start', '--no-open', '--port', String(port), '--json']), `port ${port} on 127.0.0.1 is in use`)
    await new Promise((resolve) => blocker.close(resolve))
  })
})
