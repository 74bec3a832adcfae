/** nginx as a program: its options, its master and worker processes, its log. */
import type { Process, Program } from '../linux/process.ts'
import { formatDate } from '../linux/programs/dates.ts'
import { kernelOf } from '../linux/proc.ts'
import { type Routine, wait } from '../kernel/routine.ts'
import { ConfigError, type NginxConfig, readConfig } from './nginx-config.ts'
import { NginxServer } from './nginx-server.ts'

function now(process: Process): string {
  return formatDate('%Y/%m/%d %H:%M:%S', process.machine.context.clock.now())
}

function load(process: Process): NginxConfig | string {
  try {
    return readConfig(process.machine.files)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message
  }
}

export function nginxProgram(version: string, gcc: string, talks: boolean): Program {
  return function* nginx(process, argv) {
    const flags = argv.slice(1)
    if (flags.includes('-v') || flags.includes('-V')) {
      yield* process.write(
        2,
        `nginx version: nginx/${version}\n${flags.includes('-V') ? `built by ${gcc} \nTLS SNI support enabled\n` : ''}`,
      )
      return 0
    }
    const config = load(process)
    if (flags.includes('-t') || flags.includes('-T')) {
      if (typeof config === 'string') {
        yield* process.write(
          2,
          `${now(process)} [emerg] ${process.pid}#${process.pid}: ${config}\nnginx: [emerg] ${config}\nnginx: configuration file /etc/nginx/nginx.conf test failed\n`,
        )
        return 1
      }
      yield* process.write(
        2,
        'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
      )
      if (flags.includes('-T'))
        yield* process.out(`# configuration file /etc/nginx/nginx.conf:\n${process.machine.files.read('/etc/nginx/nginx.conf')}`)
      return 0
    }
    if (flags[0] === '-s') return yield* control(process, flags[1] ?? '')
    if (flags.some((flag) => flag.startsWith('-') && !['-g', '-c', '-p', '-e', '-q'].includes(flag))) {
      const bad = flags.find((flag) => flag.startsWith('-')) as string
      yield* process.write(2, `nginx: invalid option: "${bad.slice(1)}"\n`)
      return 1
    }
    return yield* serve(process, version, gcc, talks, config)
  }
}

function* control(process: Process, order: string): Routine<number> {
  const signal = ({ reload: 'HUP', quit: 'QUIT', stop: 'TERM', reopen: 'USR1' } as const)[order as 'reload']
  if (!signal) {
    yield* process.write(2, `nginx: invalid option: "-s ${order}"\n`)
    return 1
  }
  const config = load(process)
  if (typeof config === 'string') {
    yield* process.write(2, `nginx: [emerg] ${config}\n`)
    return 1
  }
  if (process.machine.files.find('/run/nginx.pid') === undefined) {
    yield* process.write(2, `nginx: [error] open() "/run/nginx.pid" failed (2: No such file or directory)\n`)
    return 1
  }
  yield* process.write(2, `${now(process)} [notice] ${process.pid}#${process.pid}: signal process started\n`)
  process.machine.processes.get(1)?.signal(signal)
  return 0
}

/** Each node of the lab has as many workers as it has processors. */
function workersOf(process: Process): number {
  return Number(process.machine.context.store.get('nodes', null, process.machine.context.node)?.['status']?.capacity?.cpu ?? 1) || 1
}

function* serve(process: Process, version: string, gcc: string, talks: boolean, loaded: NginxConfig | string): Routine<number> {
  const { machine, pid } = process
  const { context } = machine
  const print = (text: string): void => void process.descriptors.get(2)?.stream.write?.(`${text}\n`)
  const notice = (text: string, who = pid): void => {
    if (talks) print(`${now(process)} [notice] ${who}#${who}: ${text}`)
  }
  if (typeof loaded === 'string') {
    print(`${now(process)} [emerg] ${pid}#${pid}: ${loaded}\nnginx: [emerg] ${loaded}`)
    return 1
  }
  const server = new NginxServer(machine, version, loaded, {
    access: (line) => void process.descriptors.get(1)?.stream.write?.(`${line}\n`),
    error: print,
  })
  const busy = server.ports.find((port) => context.isListening(port))
  if (busy !== undefined) {
    const why = `bind() to 0.0.0.0:${busy} failed (98: Address already in use)`
    print(`${now(process)} [emerg] ${pid}#${pid}: ${why}\nnginx: [emerg] ${why}`)
    return 1
  }
  const listening = new Set<number>()
  const listen = (): void => {
    for (const port of server.ports) {
      if (listening.has(port)) continue
      listening.add(port)
      context.listen({ port, handle: (request) => server.handle(port, request) })
    }
  }
  listen()
  machine.files.mount('/run/nginx.pid', { kind: 'file', mode: 0o644, changedAt: context.clock.now(), text: `${pid}\n` })
  notice('using the "epoll" event method')
  notice(`nginx/${version}`)
  notice(`built by ${gcc} `)
  notice(`OS: Linux ${kernelOf(machine)}`)
  notice('getrlimit(RLIMIT_NOFILE): 1048576:1048576')
  notice('start worker processes')
  const workers: number[] = []
  const startWorkers = (): void => {
    for (let count = workersOf(process); count > 0; count--) {
      const worker = machine.create({
        argv: ['nginx: worker process'],
        env: process.env,
        cwd: '/',
        descriptors: new Map(),
        parent: process,
        terminal: null,
      })
      worker.start(() => wait<number>(() => () => {}))
      workers.push(worker.pid)
      server.worker = workers[0] ?? 0
      notice(`start worker process ${worker.pid}`)
    }
  }
  startWorkers()
  process.argv = [`nginx: master process nginx -g daemon off;`]
  for (;;) {
    const signal = yield* wait<'TERM' | 'QUIT' | 'INT' | 'HUP'>((resume) => {
      for (const name of ['TERM', 'QUIT', 'INT', 'HUP'] as const) process.handlers.set(name, () => resume(name))
      process.handlers.set('USR1', () => {})
      process.handlers.set('WINCH', () => {})
      return () => {}
    })
    if (signal === 'HUP') {
      notice('signal 1 (SIGHUP) received, reconfiguring')
      notice('reconfiguring')
      const next = load(process)
      if (typeof next === 'string') {
        print(`${now(process)} [emerg] ${pid}#${pid}: ${next}`)
        continue
      }
      server.use(next)
      listen()
      notice('using the "epoll" event method')
      notice('start worker processes')
      const old = workers.splice(0)
      startWorkers()
      for (const worker of old) notice('gracefully shutting down', worker)
      for (const worker of old) machine.processes.get(worker)?.kill()
      continue
    }
    const number = { TERM: 15, QUIT: 3, INT: 2 }[signal]
    notice(`signal ${number} (SIG${signal}) received, ${signal === 'QUIT' ? 'shutting down' : 'exiting'}`)
    for (const worker of workers) {
      if (signal === 'QUIT') notice('gracefully shutting down', worker)
      notice('exiting', worker)
      notice('exit', worker)
    }
    yield* process.sleep(15)
    notice('signal 17 (SIGCHLD) received from '.concat(String(workers[0] ?? 0)))
    for (const worker of workers) notice(`worker process ${worker} exited with code 0`)
    notice('exit')
    return 0
  }
}
