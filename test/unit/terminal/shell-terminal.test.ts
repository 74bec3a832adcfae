import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { HIGH_WATER } from '../../../server/terminal/fan-out.ts'
import { findShell, prepareShell, type PreparedShell, type Shell } from '../../../server/terminal/shell.ts'
import { runningShells, ShellTerminal, type ShellState } from '../../../server/terminal/shell-terminal.ts'
import { poll } from '../support/poll.ts'

let folder: string
let open: { terminal: ShellTerminal; prepared: PreparedShell }[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shell-test-'))
  const kubectl = join(folder, 'kubectl')
  await writeFile(kubectl, '#!/bin/sh\necho "kubectl $*"\n')
  await chmod(kubectl, 0o755)
  await writeFile(join(folder, 'kubeconfig'), 'current-context: lab\n')
  return () => rm(folder, { recursive: true })
})

afterEach(async () => {
  for (const { terminal, prepared } of open) {
    await terminal.dispose()
    await prepared.dispose()
  }
  open = []
  expect(runningShells()).toBe(0)
})

/** Output without colours and cursor movements. */
function plain(output: string): string {
  return output.replaceAll(new RegExp(String.raw`\u001b\[[\d;?]*[A-Za-z]`, 'g'), '')
}

interface Opened {
  terminal: ShellTerminal
  prepared: PreparedShell
  /** Everything that pages would get. */
  output(): string
  states: [ShellState, number | null][]
  run(command: string): Promise<number | null>
  ready(): Promise<unknown>
}

async function openShell(shell: Shell = findShell()): Promise<Opened> {
  const nonce = 'abc123'
  const prepared = await prepareShell({
    shell,
    host: 'm-k8s',
    nonce,
    kubectl: join(folder, 'kubectl'),
    completion: null,
    kubeconfig: join(folder, 'kubeconfig'),
    files: [{ name: 'pool.yaml', text: 'kind: IPAddressPool\n' }],
    labCommand: ['/bin/echo', 'lab'],
    env: { LAB_SERVER: 'http://127.0.0.1:1' },
  })
  const terminal = new ShellTerminal({ shell, prepared, nonce, cols: 100, rows: 20 })
  open.push({ terminal, prepared })
  let output = ''
  const states: [ShellState, number | null][] = []
  terminal.listen({ output: (data) => void (output += data), state: (state, exit) => void states.push([state, exit]) })
  const ready = (): Promise<unknown> => poll(() => terminal.state === 'prompt', 'a prompt')
  await ready()
  return {
    terminal,
    prepared,
    output: () => plain(output),
    states,
    ready,
    async run(command) {
      const from = states.length
      terminal.input(command + '\r')
      const ended = await poll(
        () => states.slice(from).find(([state, exit]) => state === 'prompt' && exit !== null),
        `the end of ${command}`,
      )
      return ended[1]
    },
  }
}

describe('a shell behind a pty', () => {
  it('shows the prompt of the talk, and no marks', async () => {
    const { output, run } = await openShell()
    await run('true')
    expect(output()).toMatch(/^\[root@m-k8s ~\]# true\r\n\[root@m-k8s ~\]# $/)
  })

  it('knows when a command begins and ends, and its exit code', async () => {
    const { run, states } = await openShell()
    expect(await run('sh -c "exit 7"')).toBe(7)
    expect(await run('true')).toBe(0)
    expect(states.map(([state]) => state)).toContain('running')
  })

  it('has an exit code of none after an empty line', async () => {
    const { terminal, states, run } = await openShell()
    await run('false')
    const from = states.length
    terminal.input('\r')
    await poll(() => states.slice(from).some(([state]) => state === 'prompt'))
    expect(states.at(-1)).toEqual(['prompt', null])
  })

  it('has k, ka and the lab command, and the manifests in its home', async () => {
    const { output, run } = await openShell()
    await run('k get pod')
    await run('ka pool.yaml')
    await run('lab status')
    await run('cat ~/pool.yaml')
    for (const line of ['kubectl get pod', 'kubectl apply -f pool.yaml', 'lab status', 'kind: IPAddressPool'])
      expect(output()).toContain(`\n${line}\r\n`)
  })

  it('has nothing of the host in its environment but what it needs', async () => {
    process.env.SECRET_OF_THE_HOST = 'hidden'
    const { output, run } = await openShell()
    await run('env')
    delete process.env.SECRET_OF_THE_HOST
    const names = [...output().matchAll(/^([A-Z_][A-Z_0-9]*)=/gm)].map((match) => match[1])
    const own = [
      'HOME',
      'USER',
      'LOGNAME',
      'SHELL',
      'PATH',
      'LANG',
      'TERM',
      'TMPDIR',
      'KUBECONFIG',
      'KUBECACHEDIR',
      'LAB_SERVER',
      'PWD',
      'OLDPWD',
      'SHLVL',
      '_',
    ]
    expect(names.filter((name) => !own.includes(name!))).toEqual([])
    expect(output()).not.toContain('hidden')
  })

  it('leaves no history behind', async () => {
    const { run, prepared } = await openShell()
    await run('echo secret')
    expect(await readdir(prepared.home)).toEqual(['.kube', 'pool.yaml'])
  })

  it('does not take a mark from a program for one of the shell', async () => {
    const { run, terminal, states } = await openShell()
    const from = states.length
    await run(String.raw`printf '\e]133;D;0;wrong\a\e]133;B;wrong\a'; sleep 0`)
    expect(states.slice(from).map(([state]) => state)).toEqual(['running', 'prompt'])
    expect(terminal.state).toBe('prompt')
  })

  it('asks for the rest of a command that goes on', async () => {
    const { terminal, run, output } = await openShell()
    terminal.input('echo one \\\r')
    await poll(() => terminal.state === 'continuation')
    expect(await run('  two')).toBe(0)
    expect(output()).toContain('one two\r\n')
  })

  it('clears what somebody has begun to type', async () => {
    const { terminal, run, output } = await openShell()
    terminal.input('rm -rf /')
    await poll(() => output().includes('rm -rf /'))
    // the cursor stands in the middle
    terminal.input('\u001b[D\u001b[D')
    terminal.clearLine()
    expect(await run('echo clean')).toBe(0)
    expect(output()).toContain('\nclean\r\n')
  })

  it('clears the last line of a paste that ends without Enter', async () => {
    const { terminal, run, output } = await openShell()
    terminal.input('echo one\recho two\recho three')
    await poll(() => /\ntwo\r\n.*# echo three$/s.test(output()), 'the last line of the paste')
    expect(terminal.hasPartialInput).toBe(true)
    terminal.clearLine()
    expect(terminal.hasPartialInput).toBe(false)
    expect(await run('echo four')).toBe(0)
    expect(output()).toContain('\nfour\r\n')
    expect(output()).not.toMatch(/\nthree/)
  })

  it('clears what was typed while a command ran', async () => {
    const { terminal, run, output } = await openShell()
    terminal.input('sleep 0.5\r')
    await poll(() => terminal.state === 'running', 'the command')
    terminal.input('echo typed')
    await poll(() => terminal.state === 'prompt' && output().endsWith('# echo typed'), 'the prompt after it')
    expect(terminal.hasPartialInput).toBe(true)
    terminal.clearLine()
    expect(await run('echo next')).toBe(0)
    expect(output()).not.toMatch(/\ntyped/)
  })

  it('starts a new shell when somebody leaves it', async () => {
    const { terminal, output, states, run } = await openShell()
    const pid = terminal.pid
    const from = states.length
    terminal.input('exit 3\r')
    await poll(() => states.slice(from).some(([state]) => state === 'starting'))
    await poll(() => terminal.state === 'prompt')
    expect(output()).toContain('the shell has ended, exit code 3')
    expect(terminal.pid).not.toBe(pid)
    expect(await run('true')).toBe(0)
  })

  it('starts anew on an empty screen', async () => {
    const { terminal, prepared, run, ready } = await openShell()
    await run('echo before; rm ~/pool.yaml; touch ~/other')
    await prepared.refill()
    const page: string[] = []
    terminal.attach({ screen: (data) => void page.push(data), output: () => {} })
    await poll(() => page.length === 1)
    expect(page[0]).toContain('before')
    terminal.restart()
    await ready()
    await poll(() => page.length === 2)
    await poll(() => terminal.text()[0] === '[root@m-k8s ~]#')
    expect(page[1]).not.toContain('before')
    expect(await readdir(prepared.home)).toEqual(['.kube', 'pool.yaml'])
  })

  it('has its home, its kubeconfig and its caches as at the start after a refill, under a shell that goes on', async () => {
    const { prepared, run, output } = await openShell()
    await run(
      'echo changed > $KUBECONFIG; echo changed > ~/pool.yaml; mkdir -p $KUBECACHEDIR/discovery ~/more; touch $KUBECACHEDIR/discovery/x',
    )
    await prepared.refill({ LAB_SERVER: 'http://127.0.0.1:2' })
    expect(await run('pwd; cat $KUBECONFIG pool.yaml; ls -A1 $KUBECACHEDIR ~')).toBe(0)
    expect(output().slice(output().indexOf('ls -A1'))).toContain(
      [
        prepared.home,
        'current-context: lab',
        'kind: IPAddressPool',
        `${prepared.env.KUBECACHEDIR}:`,
        '',
        `${prepared.home}:`,
        '.kube',
        'pool.yaml',
      ].join('\r\n'),
    )
    expect((await stat(join(prepared.home, '.kube/config'))).mode.toString(8).slice(-3)).toBe('600')
    // the one that was copied is nobody's to change
    expect(await readFile(join(folder, 'kubeconfig'), 'utf8')).toBe('current-context: lab\n')
    expect(prepared.env.LAB_SERVER).toBe('http://127.0.0.1:2')
  })

  it('gives a page that comes in the middle of a full-screen program the program as it stands', async () => {
    const { terminal, run } = await openShell()
    await run('seq 1 9')
    terminal.input(String.raw`printf '\e[?1049h\e[2J\e[5;5Hhere'; read answer; printf '\e[?1049l'` + '\r')
    await poll(() => terminal.text()[4]?.includes('here'))
    const pages: string[] = []
    terminal.attach({ screen: (data) => void pages.push(data), output: () => {} })
    await poll(() => pages.length === 1)
    expect(pages[0]).toContain('\u001b[?1049h')
    expect(pages[0]).toContain('here')
    terminal.input('\r')
    await poll(() => terminal.state === 'prompt')
  })

  it('pauses while a page does not keep up, and loses nothing', async () => {
    const { terminal, states } = await openShell()
    let received = ''
    const attachment = terminal.attach({ screen: () => {}, output: (data) => void (received += data) })
    const from = states.length
    terminal.input('seq 1 100000\r')
    await poll(() => terminal.isPaused)
    expect(received.length).toBeLessThan(HIGH_WATER + 200_000)
    let acknowledged = 0
    await poll(() => {
      if (received.length > acknowledged) attachment.acknowledge(received.length - acknowledged)
      acknowledged = received.length
      return states.slice(from).some(([state]) => state === 'prompt')
    })
    const lines = plain(received)
      .split('\r\n')
      .filter((line) => /^\d+$/.test(line))
    expect(lines).toHaveLength(100_000)
    expect(lines.at(-1)).toBe('100000')
  })

  it('takes the program in the foreground down with it', async () => {
    const { terminal } = await openShell()
    terminal.input('sleep 1000\r')
    await poll(() => terminal.foreground === 'sleep')
    const pid = terminal.pid!
    await terminal.dispose()
    expect(() => process.kill(pid, 0)).toThrow()
  })

  it('works with a plain sh where there is no bash', async () => {
    const { run, output, terminal } = await openShell({ path: '/bin/sh', kind: 'sh' })
    expect(await run('k get pod')).toBe(0)
    expect(await run('(exit 4)')).toBe(4)
    terminal.input('junk')
    terminal.clearLine()
    expect(await run('echo clean')).toBe(0)
    expect(output()).toContain('[root@m-k8s ~]# ')
    expect(output()).not.toContain('133;')
  })

  it('shows Hangul as it was typed', async () => {
    const { run, output } = await openShell()
    await run('echo 쿠버네티스')
    expect(output()).toContain('\n쿠버네티스\r\n')
  })
})
