/** Apache httpd of Docker Hub. */
import type { ContainerImage } from '../image.ts'
import type { IncomingRequest } from '../../contracts/http.ts'
import type { HttpResponse } from '../../machinery/http.ts'
import { byteLength } from '../../machinery/bytes.ts'
import { FileError, textOf } from '../kernel/files.ts'
import type { Process, Program } from '../linux/process.ts'
import { formatDate } from '../linux/programs/dates.ts'
import { reasonOf } from '../linux/programs/http-client.ts'
import { wait } from '../kernel/routine.ts'
import { debianRoot, upon } from './distributions.ts'
import { linuxImage } from './linux-image.ts'

const VERSION = '2.4.66'
const ROOT = '/usr/local/apache2/htdocs'
const PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html>
<head>
<title>It works! Apache httpd</title>
</head>
<body>
<p>It works!</p>
</body>
</html>
`

const TYPES: Record<string, string> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  txt: 'text/plain',
  json: 'application/json',
}

function answer(process: Process, request: IncomingRequest): HttpResponse {
  const { machine } = process
  const now = machine.context.clock.now()
  const [path = '/'] = request.path.split('?')
  const head: Record<string, string> = { Date: new Date(now).toUTCString(), Server: `Apache/${VERSION} (Unix)` }
  let status = 200
  let body = ''
  let headers: Record<string, string> = {}
  try {
    const disk = `${ROOT}${decodeURI(path)}`
    let entry = machine.files.get(disk)
    const entryPath = entry.kind === 'directory' ? 'index.html' : path
    if (entry.kind === 'directory') entry = machine.files.get(`${disk.replace(/\/$/, '')}/index.html`)
    if (entry.kind !== 'file') throw new FileError('No such file or directory')
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) status = 405
    else {
      body = textOf(entry)
      const type = TYPES[/\.([a-z]+)$/.exec(entryPath)?.[1] ?? ''] ?? ''
      headers = {
        'Last-Modified': new Date(entry.changedAt).toUTCString(),
        ETag: `"${byteLength(body).toString(16)}-${(BigInt(Math.floor(entry.changedAt)) * 1000n).toString(16)}"`,
        'Accept-Ranges': 'bytes',
        'Content-Length': String(byteLength(body)),
        ...(type ? { 'Content-Type': type } : {}),
      }
    }
  } catch (error) {
    if (!(error instanceof FileError) && !(error instanceof URIError)) throw error
    status = 404
  }
  if (status !== 200) {
    const why =
      status === 404
        ? 'The requested URL was not found on this server.'
        : `The requested method ${request.method} is not allowed for this URL.`
    const title = `${status} ${status === 405 ? 'Method Not Allowed' : reasonOf(status)}`
    body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${title}</title>\n</head><body>\n<h1>${title.slice(4)}</h1>\n<p>${why}</p>\n</body></html>\n`
    headers = { 'Content-Length': String(byteLength(body)), 'Content-Type': 'text/html; charset=iso-8859-1' }
  }
  process.descriptors
    .get(1)
    ?.stream.write?.(
      `${request.from} - - [${formatDate('%d/%b/%Y:%H:%M:%S %z', now)}] "${request.method} ${request.path} HTTP/1.1" ${status} ${request.method === 'HEAD' ? '-' : byteLength(body)}\n`,
    )
  return { status, headers: { ...head, ...headers }, body: request.method === 'HEAD' ? '' : body }
}

/** httpd-foreground, and httpd itself. */
const httpdProgram: Program = function* (process, argv) {
  const { context } = process.machine
  if (argv.includes('-v')) {
    yield* process.out(`Server version: Apache/${VERSION} (Unix)\n`)
    return 0
  }
  if (argv.includes('-t')) {
    yield* process.write(2, 'Syntax OK\n')
    return 0
  }
  const log = (module: string, line: string): void =>
    void process.descriptors
      .get(2)
      ?.stream.write?.(
        `[${formatDate('%a %b %d %H:%M:%S', context.clock.now())}.${String(context.clock.now() % 1000).padStart(3, '0')}000 ${formatDate('%Y', context.clock.now())}] [${module}:notice] [pid ${process.pid}:tid ${process.pid}] ${line}\n`,
      )
  const warning = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${context.pod.status?.podIP ?? '127.0.0.1'}. Set the 'ServerName' directive globally to suppress this message\n`
  yield* process.write(2, warning + warning)
  context.listen({ port: 80, handle: (request) => answer(process, request) })
  log('mpm_event', `AH00489: Apache/${VERSION} (Unix) configured -- resuming normal operations`)
  log('core', "AH00094: Command line: 'httpd -D FOREGROUND'")
  process.argv = ['httpd', '-DFOREGROUND']
  const signal = yield* wait<string>((resume) => {
    process.handlers.set('WINCH', () => resume('SIGWINCH'))
    process.handlers.set('TERM', () => resume('SIGTERM'))
    return () => {}
  })
  log('mpm_event', signal === 'SIGTERM' ? 'AH00491: caught SIGTERM, shutting down' : 'AH00492: caught SIGWINCH, shutting down gracefully')
  return 0
}

export const httpd: ContainerImage = linuxImage({
  names: ['httpd'],
  tags: ['latest', '2', '2.4', VERSION, 'trixie', '2-trixie', '2.4-trixie', `${VERSION}-trixie`],
  size: 45_130_000,
  pullTime: 1300,
  linux: () => {
    const root = debianRoot({ version: '13.4', name: 'trixie', curl: null }, Date.parse('2025-12-04T10:00:00Z'))
    return upon(root, {
      files: {
        '/usr/local/bin/httpd-foreground': { program: httpdProgram, size: 138 },
        '/usr/local/apache2/bin/httpd': { program: httpdProgram, size: 721_000 },
        [`${ROOT}/index.html`]: PAGE,
      },
      env: { PATH: `/usr/local/apache2/bin:${root.env['PATH']}`, HTTPD_PREFIX: '/usr/local/apache2', HTTPD_VERSION: VERSION },
      workingDirectory: '/usr/local/apache2',
    })
  },
  entrypoint: [],
  command: ['httpd-foreground'],
  stopSignal: 'WINCH',
})
