/** The nginx of Docker Hub, on Debian and on Alpine, in the versions that people pull. */
import type { ContainerImage } from '../image.ts'
import type { ImageFiles } from '../linux/image-files.ts'
import type { LinuxImage } from '../linux/machine.ts'
import type { Process, Program } from '../linux/process.ts'
import { formatDate } from '../linux/programs/dates.ts'
import { kernelOf } from '../linux/proc.ts'
import { type Routine, wait } from '../linux/routine.ts'
import { runChild } from '../linux/programs/system.ts'
import { curl } from '../linux/programs/curl.ts'
import { alpineRoot, debianRoot } from './distributions.ts'
import { linuxImage } from './linux-image.ts'
import { ConfigError, type NginxConfig, readConfig } from './nginx-config.ts'
import { NginxServer } from './nginx-server.ts'

interface Debian {
  version: string
  name: string
  /** What the compiler calls itself. */
  gcc: string
  curl: string | null
}

const STRETCH: Debian = { version: '9', name: 'stretch', gcc: 'gcc 6.3.0 20170516 (Debian 6.3.0-18+deb9u1)', curl: null }
const BUSTER: Debian = { version: '10.13', name: 'buster', gcc: 'gcc 8.3.0 (Debian 8.3.0-6)', curl: '7.64.0' }
const BULLSEYE: Debian = { version: '11.7', name: 'bullseye', gcc: 'gcc 10.2.1 20210110 (Debian 10.2.1-6)', curl: '7.74.0' }
const BOOKWORM: Debian = { version: '12.10', name: 'bookworm', gcc: 'gcc 12.2.0 (Debian 12.2.0-14)', curl: '7.88.1' }
const TRIXIE: Debian = { version: '13.4', name: 'trixie', gcc: 'gcc 14.2.0 (Debian 14.2.0-19)', curl: '8.14.1' }

interface Release {
  version: string
  /** When the package was built: what the welcome page's Last-Modified says. */
  built: string
  debian: Debian
  /** Without the version itself and what it begins with. */
  more?: string[]
  /** The newest of its minor version: the tag of that leads to it. */
  newest?: boolean
  /** The image's size in bytes. */
  size: number
}

const RELEASES: Release[] = [
  { version: '1.29.8', built: '2026-04-07T14:40:20Z', debian: TRIXIE, more: ['latest', 'mainline', '1'], newest: true, size: 62_960_000 },
  { version: '1.29.7', built: '2026-03-24T17:22:07Z', debian: TRIXIE, size: 62_950_000 },
  { version: '1.29.1', built: '2025-08-13T14:33:41Z', debian: BOOKWORM, size: 72_324_501 },
  { version: '1.29.0', built: '2025-06-24T17:22:41Z', debian: BOOKWORM, size: 72_225_394 },
  { version: '1.28.0', built: '2025-04-23T11:48:54Z', debian: BOOKWORM, size: 72_237_192 },
  { version: '1.27.5', built: '2025-04-16T12:01:11Z', debian: BOOKWORM, newest: true, size: 72_404_038 },
  { version: '1.27.4', built: '2025-02-05T11:06:32Z', debian: BOOKWORM, size: 72_195_292 },
  { version: '1.27.3', built: '2024-11-26T15:55:00Z', debian: BOOKWORM, size: 72_099_501 },
  { version: '1.27.2', built: '2024-10-02T15:13:19Z', debian: BOOKWORM, size: 72_950_530 },
  { version: '1.27.1', built: '2024-08-12T14:21:01Z', debian: BOOKWORM, size: 71_028_105 },
  { version: '1.27.0', built: '2024-05-28T13:22:30Z', debian: BOOKWORM, size: 70_991_807 },
  { version: '1.26.3', built: '2025-02-05T11:06:32Z', debian: BOOKWORM, newest: true, size: 72_180_000 },
  { version: '1.26.0', built: '2024-04-23T15:00:00Z', debian: BOOKWORM, size: 70_500_000 },
  { version: '1.25.5', built: '2024-04-16T14:29:59Z', debian: BOOKWORM, newest: true, size: 71_005_258 },
  { version: '1.25.4', built: '2024-02-14T16:03:00Z', debian: BOOKWORM, size: 70_520_324 },
  { version: '1.25.3', built: '2023-10-24T13:46:47Z', debian: BOOKWORM, size: 70_544_635 },
  { version: '1.24.0', built: '2023-04-11T01:45:34Z', debian: BULLSEYE, newest: true, size: 56_884_000 },
  { version: '1.23.4', built: '2023-03-28T15:01:54Z', debian: BULLSEYE, newest: true, size: 57_000_000 },
  { version: '1.22.1', built: '2022-10-19T08:02:20Z', debian: BULLSEYE, newest: true, size: 56_800_000 },
  { version: '1.21.6', built: '2022-01-25T15:03:52Z', debian: BULLSEYE, newest: true, size: 56_746_000 },
  { version: '1.20.2', built: '2021-11-16T14:44:02Z', debian: BULLSEYE, newest: true, size: 56_600_000 },
  { version: '1.19.10', built: '2021-04-13T15:13:59Z', debian: BUSTER, newest: true, size: 53_600_000 },
  { version: '1.18.0', built: '2020-04-21T14:09:01Z', debian: BUSTER, newest: true, size: 53_600_000 },
  { version: '1.17.10', built: '2020-04-14T14:19:26Z', debian: BUSTER, newest: true, size: 51_030_000 },
  { version: '1.16.1', built: '2019-08-13T10:05:00Z', debian: BUSTER, newest: true, size: 51_030_575 },
  { version: '1.15.12', built: '2019-04-16T13:08:19Z', debian: STRETCH, newest: true, size: 44_710_204 },
  { version: '1.14.2', built: '2018-12-04T14:44:49Z', debian: STRETCH, newest: true, size: 44_708_492 },
]

function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [index, part] of b.entries()) if ((a[index] ?? 0) !== part) return (a[index] ?? 0) > part
  return true
}

// --- the program

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

function nginxProgram(version: string, gcc: string, talks: boolean): Program {
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

// --- the image

/** docker-entrypoint.sh: what it says while it prepares the configuration, and then the command. */
function entrypoint(version: string): Program {
  return function* script(process, argv) {
    const words = argv.slice(1)
    if (words[0] === 'nginx' || words[0] === 'nginx-debug') {
      const say = (line: string): Routine<void> => process.out(`${line}\n`)
      const launch = (name: string): Routine<void> => say(`/docker-entrypoint.sh: Launching /docker-entrypoint.d/${name}`)
      yield* say('/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration')
      yield* say('/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/')
      yield* launch('10-listen-on-ipv6-by-default.sh')
      yield* say(`10-listen-on-ipv6-by-default.sh: info: ${listenOnIpv6(process)}`)
      if (isAtLeast(version, '1.25')) yield* say('/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh')
      yield* launch('20-envsubst-on-templates.sh')
      if (isAtLeast(version, '1.19.7')) yield* launch('30-tune-worker-processes.sh')
      yield* say('/docker-entrypoint.sh: Configuration complete; ready for start up')
      process.machine.skipPids(29)
    }
    process.argv = words
    const found = process.machine.findProgram(words[0] ?? '', process.env.get('PATH') ?? '', process.cwd)
    const program = found && process.machine.programOf(found.entry)
    if (program) return yield* program(process, words)
    if (found) return yield* runChild(process, words)
    yield* process.write(
      2,
      `/docker-entrypoint.sh: ${process.machine.image.userland.busybox ? 'exec: line 47' : '47: exec'}: ${words[0]}: not found\n`,
    )
    return 127
  }
}

const CONF = '/etc/nginx/conf.d/default.conf'

function listenOnIpv6({ machine }: Process): string {
  const place = machine.files.find(CONF)
  if (place?.kind !== 'file') return `${CONF} is not a file or does not exist`
  const text = machine.files.read(CONF)
  if (machine.files.locate(CONF).readOnly) return `can not modify ${CONF} (read-only file system?)`
  if (text !== DEFAULT_CONF)
    return text.includes('listen  [::]:80;')
      ? 'IPv6 listen already enabled'
      : `Getting the checksum of ${CONF}\n10-listen-on-ipv6-by-default.sh: info: ${CONF} differs from the packaged version`
  place.text = text.replace('listen       80;', 'listen       80;\n    listen  [::]:80;')
  return `Getting the checksum of ${CONF}\n10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in ${CONF}`
}

const NGINX_CONF = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`

const DEFAULT_CONF = `server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

const MIME_TYPES = `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/webp                                       webp;
    image/x-icon                                     ico;
    font/woff                                        woff;
    font/woff2                                       woff2;
    application/json                                 json;
    application/pdf                                  pdf;
    application/zip                                  zip;
    application/octet-stream                         bin exe dll;
}
`

const STYLE = `<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>`

const OLD_STYLE = `<style>
    body {
        width: 35em;
        margin: 0 auto;
        font-family: Tahoma, Verdana, Arial, sans-serif;
    }
</style>`

const SHORT_TEXT = `<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>`

const LONG_TEXT = `<p>If you see this page, nginx is successfully installed and working.
Further configuration is required for the web server, reverse proxy, 
API gateway, load balancer, content cache, or other features.</p>

<p>For online documentation and support please refer to
<a href="https://nginx.org/">nginx.org</a>.<br/>
To engage with the community please visit
<a href="https://community.nginx.org/">community.nginx.org</a>.<br/>
For enterprise grade support, professional services, additional 
security features and capabilities please refer to
<a href="https://f5.com/nginx">f5.com/nginx</a>.</p>`

function welcome(version: string): string {
  const text = isAtLeast(version, '1.29.4') ? LONG_TEXT : SHORT_TEXT
  const style = isAtLeast(version, '1.21') ? STYLE : OLD_STYLE
  return `<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n${style}\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n${text}\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n`
}

function errorPage(style: string): string {
  return `<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n${style}\n</head>\n<body>\n<h1>An error occurred.</h1>\n<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again later.</p>\n<p>If you are the system administrator of this resource then you should check\nthe error log for details.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n`
}

/** The files of nginx in an image. */
export function nginxFiles(version: string, gcc: string, more: ImageFiles = {}): ImageFiles {
  const talks = isAtLeast(version, '1.21')
  return {
    '/usr/sbin/nginx': { program: nginxProgram(version, gcc, talks), size: 1_557_784 },
    ...(isAtLeast(version, '1.19')
      ? { '/docker-entrypoint.sh': { program: entrypoint(version), size: 1620 }, '/docker-entrypoint.d': { directory: true } }
      : {}),
    '/etc/nginx/nginx.conf': NGINX_CONF,
    '/etc/nginx/mime.types': MIME_TYPES,
    '/etc/nginx/conf.d/default.conf': DEFAULT_CONF,
    '/usr/share/nginx/html/index.html': welcome(version),
    '/usr/share/nginx/html/50x.html': errorPage(isAtLeast(version, '1.21') ? STYLE : OLD_STYLE),
    '/var/log/nginx/access.log': { link: '/dev/stdout' },
    '/var/log/nginx/error.log': { link: '/dev/stderr' },
    ...more,
  } as ImageFiles
}

/** `ENTRYPOINT` of the image: none before 1.19. */
export function nginxEntrypoint(version: string): string[] {
  return isAtLeast(version, '1.19') ? ['/docker-entrypoint.sh'] : []
}

export const NGINX_COMMAND = ['nginx', '-g', 'daemon off;']

const ALPINE_GCC = 'gcc 14.2.0 (Alpine 14.2.0)'

function imageOf(release: Release, alpine: boolean): ContainerImage {
  const { version, built, debian, more = [], newest, size } = release
  const minor = version.replace(/\.\d+$/, '')
  const own = [version, ...(newest || version === '1.28.0' ? [minor] : []), ...more]
  const onAlpine = own.flatMap((tag) =>
    tag === 'latest' ? ['alpine'] : [`${tag}-alpine`, ...(isAtLeast(version, '1.21') ? [`${tag}-alpine-slim`] : [])],
  )
  const onDebian = own.flatMap((tag) => (isAtLeast(version, '1.25') && tag !== 'latest' ? [tag, `${tag}-${debian.name}`] : [tag]))
  const root: LinuxImage = alpine ? alpineRoot('3.22.2', '1.37.0', '2025-08-05 16:40:33 UTC') : debianRoot(debian, Date.parse(built))
  const files = nginxFiles(
    version,
    alpine ? ALPINE_GCC : debian.gcc,
    alpine ? { '/usr/bin/curl': { program: curl('8.14.1'), size: 262_000 } } : {},
  )
  const linux: LinuxImage = {
    ...root,
    builtAt: Date.parse(built),
    files: { ...root.files, ...files },
    env: { ...root.env, NGINX_VERSION: version },
  }
  return linuxImage({
    names: ['nginx'],
    tags: alpine ? onAlpine : onDebian,
    size: alpine ? 20_534_112 : size,
    pullTime: alpine ? 900 : 1500,
    linux,
    entrypoint: nginxEntrypoint(version),
    command: NGINX_COMMAND,
    stopSignal: isAtLeast(version, '1.19') ? 'QUIT' : 'TERM',
  })
}

export const nginx: ContainerImage[] = RELEASES.flatMap((release) => [imageOf(release, false), imageOf(release, true)])
