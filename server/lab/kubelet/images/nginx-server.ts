/** How nginx answers: its choice of server and location, files, redirects, its error pages and its access log. */
import { byteLength } from '../../machinery/bytes.ts'
import { type Entry, type File, FileError, sizeOf, textOf } from '../kernel/files.ts'
import type { Machine } from '../linux/process.ts'
import { formatDate } from '../linux/programs/dates.ts'
import { reasonOf } from '../linux/programs/http-client.ts'
import type { IncomingRequest } from '../../contracts/http.ts'
import type { HttpResponse } from '../../machinery/http.ts'
import type { Directive, Location, NginxConfig, Server } from './nginx-config.ts'

interface Logs {
  access(line: string): void
  error(line: string): void
}

interface Answer {
  status: number
  body: string
  type: string
  headers?: Record<string, string>
  /** Headers that follow the length, as nginx orders them. */
  file?: { changedAt: number; size: number }
}

const REASONS: Record<number, string> = {
  302: 'Moved Temporarily',
  403: 'Forbidden',
  405: 'Not Allowed',
  503: 'Service Temporarily Unavailable',
}

export class NginxServer {
  private readonly machine: Machine
  private readonly version: string
  private readonly logs: Logs
  private config: NginxConfig
  private connections = 0
  /** The process that answers. */
  worker = 0

  constructor(machine: Machine, version: string, config: NginxConfig, logs: Logs) {
    this.machine = machine
    this.version = version
    this.config = config
    this.logs = logs
  }

  use(config: NginxConfig): void {
    this.config = config
  }

  get ports(): number[] {
    return [...new Set(this.config.servers.flatMap(({ ports }) => ports))]
  }

  /** Null where no server listens there any more. */
  handle(port: number, request: IncomingRequest): HttpResponse {
    const candidates = this.config.servers.filter(({ ports }) => ports.includes(port))
    const host = (request.headers['host'] ?? '').replace(/:\d+$/, '')
    const server =
      candidates.find(({ names }) => names.some((name) => name === host || (name.startsWith('*.') && host.endsWith(name.slice(1))))) ??
      candidates[0]
    this.connections++
    const [path = '/'] = request.path.split('?')
    const answer = server ? this.answer(server, decode(path), request) : this.errorPage(444)
    const { status, body, type, file } = answer
    const bodyless = request.method === 'HEAD' || status === 304
    const headers: Record<string, string> = {
      Server: `nginx/${this.version}`,
      Date: new Date(this.machine.context.clock.now()).toUTCString(),
    }
    if (status !== 304) {
      headers['Content-Type'] = type
      headers['Content-Length'] = String(file?.size ?? byteLength(body))
    }
    if (file) headers['Last-Modified'] = new Date(file.changedAt).toUTCString()
    if (answer.headers?.['Location']) headers['Location'] = answer.headers['Location']
    headers['Connection'] = 'keep-alive'
    if (file) headers['ETag'] = etagOf(file)
    if (file && status === 200) headers['Accept-Ranges'] = 'bytes'
    for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name] = value
    const sent = bodyless ? 0 : byteLength(body)
    this.logs.access(
      `${request.from} - - [${formatDate('%d/%b/%Y:%H:%M:%S %z', this.machine.context.clock.now())}] "${request.method} ${request.path} HTTP/1.1" ${status} ${sent} "${request.headers['referer'] ?? '-'}" "${request.headers['user-agent'] ?? '-'}" "${request.headers['x-forwarded-for'] ?? '-'}"`,
    )
    const reason = REASONS[status]
    return { status, headers, body: bodyless ? '' : body, ...(reason === undefined ? {} : { reason }) }
  }

  private answer(server: Server, path: string, request: IncomingRequest): Answer {
    const location = locate(server, path)
    const own = location?.directives ?? []
    const find = (name: string): Directive | undefined =>
      last(own, name) ?? last(server.directives, name) ?? last(this.config.inherited, name)
    const added = (answer: Answer): Answer => {
      const list =
        [own, server.directives, this.config.inherited]
          .map((each) => each.filter(({ name }) => name === 'add_header'))
          .find((each) => each.length > 0) ?? []
      if (answer.status >= 400 && !list.some(({ args }) => args.includes('always'))) return answer
      const headers = Object.fromEntries(list.map(({ args }) => [args[0] ?? '', this.variables(args[1] ?? '', request)]))
      return { ...answer, headers: { ...answer.headers, ...headers } }
    }
    const returned = last(own, 'return') ?? last(server.directives, 'return')
    if (returned) return added(this.returned(returned.args, find('default_type')?.args[0] ?? 'text/plain', request))
    if (last(own, 'deny')?.args[0] === 'all' && !last(own, 'allow')) return this.errorPage(403)
    if (!['GET', 'HEAD'].includes(request.method)) return this.errorPage(405)
    const root = find('root')?.args[0] ?? 'html'
    const folder = root.startsWith('/') ? root : `/etc/nginx/${root}`
    const alias = last(own, 'alias')?.args[0]
    const onDisk = (uri: string): string => (alias !== undefined && location ? alias + uri.slice(location.prefix.length) : folder + uri)
    const tries = last(own, 'try_files')?.args
    if (tries) {
      for (const [index, each] of tries.entries()) {
        const uri = this.variables(each, request).replaceAll('$uri', path)
        const final = index === tries.length - 1
        if (final && uri.startsWith('=')) return this.errorPage(Number(uri.slice(1)))
        const entry = this.machine.files.find(onDisk(uri))
        if (final || (uri.endsWith('/') ? entry?.kind === 'directory' : entry?.kind === 'file'))
          return added(this.file(onDisk(uri), uri, find, request, server))
      }
    }
    return added(this.file(onDisk(path), path, find, request, server))
  }

  private file(disk: string, uri: string, find: (name: string) => Directive | undefined, request: IncomingRequest, server: Server): Answer {
    const { files } = this.machine
    let path = disk
    let entry: Entry
    try {
      entry = files.get(path)
      if (entry.kind === 'directory' && !uri.endsWith('/')) {
        const location = `http://${request.headers['host'] ?? ''}${uri}/`
        return { ...this.errorPage(301), headers: { Location: location } }
      }
      if (entry.kind === 'directory') {
        const indexes = find('index')?.args ?? ['index.html']
        const name = indexes.find((each) => files.find(`${path}${each}`)?.kind === 'file')
        if (name === undefined) {
          if (find('autoindex')?.args[0] === 'on') return this.listing(path, uri)
          this.log(`directory index of "${path}" is forbidden`, request, server)
          return this.errorPage(403)
        }
        path += name
        entry = files.get(path)
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      this.log(`open() "${path}" failed (${error.message === 'Not a directory' ? 20 : 2}: ${error.message})`, request, server)
      return this.errorPage(404)
    }
    if (entry.kind !== 'file') return this.errorPage(404)
    if ((entry.mode & 0o444) === 0) {
      this.log(`open() "${path}" failed (13: Permission denied)`, request, server)
      return this.errorPage(403)
    }
    return this.content(path, entry, find, request)
  }

  private content(path: string, entry: File, find: (name: string) => Directive | undefined, request: IncomingRequest): Answer {
    const body = textOf(entry)
    const file = { changedAt: entry.changedAt, size: sizeOf(entry) }
    const type = this.config.types.get(/\.([^./]+)$/.exec(path)?.[1] ?? '') ?? find('default_type')?.args[0] ?? 'text/plain'
    const known =
      request.headers['if-none-match'] === etagOf(file) || request.headers['if-modified-since'] === new Date(file.changedAt).toUTCString()
    if (known) return { status: 304, body: '', type, file }
    return { status: 200, body, type, file }
  }

  private listing(path: string, uri: string): Answer {
    const rows = this.machine.files
      .list(path)
      .filter(([name]) => !name.startsWith('.'))
      .toSorted(([a, x], [b, y]) => Number(y.kind === 'directory') - Number(x.kind === 'directory') || (a < b ? -1 : 1))
      .map(([name, entry]) => {
        const folder = entry.kind === 'directory'
        const shown = folder ? `${name}/` : name
        return `<a href="${shown}">${shown}</a>${' '.repeat(Math.max(1, 51 - shown.length))}${formatDate('%d-%b-%Y %H:%M', entry.changedAt)}${(folder ? '-' : String(sizeOf(entry))).padStart(20)}\r\n`
      })
    return {
      status: 200,
      type: 'text/html',
      body: `<html>\r\n<head><title>Index of ${uri}</title></head>\r\n<body>\r\n<h1>Index of ${uri}</h1><hr><pre><a href="../">../</a>\r\n${rows.join('')}</pre><hr></body>\r\n</html>\r\n`,
    }
  }

  private returned(args: string[], type: string, request: IncomingRequest): Answer {
    const [first = '', text] = args
    if (!/^\d+$/.test(first)) return { ...this.errorPage(302), headers: { Location: this.variables(first, request) } }
    const status = Number(first)
    if ([301, 302, 303, 307, 308].includes(status) && text !== undefined) {
      return { ...this.errorPage(status), headers: { Location: this.variables(text, request) } }
    }
    return text === undefined
      ? status < 300
        ? { status, body: '', type }
        : this.errorPage(status)
      : { status, body: this.variables(text, request), type }
  }

  private variables(text: string, request: IncomingRequest): string {
    const [path = '', query = ''] = request.path.split('?')
    const host = request.headers['host'] ?? ''
    return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced?: string, plain?: string) => {
      const name = braced ?? plain ?? ''
      if (name.startsWith('http_')) return request.headers[name.slice(5).replaceAll('_', '-')] ?? ''
      if (name.startsWith('arg_')) return new URLSearchParams(query).get(name.slice(4)) ?? ''
      const facts: Record<string, string> = {
        hostname: this.machine.context.hostname,
        host: host.replace(/:\d+$/, ''),
        remote_addr: request.from,
        request_uri: request.path,
        uri: path,
        request_method: request.method,
        args: query,
        query_string: query,
        scheme: 'http',
        server_addr: this.machine.context.pod.status?.podIP ?? '',
        nginx_version: this.version,
        request: `${request.method} ${request.path} HTTP/1.1`,
        time_local: formatDate('%d/%b/%Y:%H:%M:%S %z', this.machine.context.clock.now()),
        time_iso8601: formatDate('%Y-%m-%dT%H:%M:%S+00:00', this.machine.context.clock.now()),
      }
      return facts[name] ?? all
    })
  }

  /** The page that nginx has built in for a status. */
  private errorPage(status: number): Answer {
    const title = `${status} ${REASONS[status] ?? reasonOf(status)}`
    return {
      status,
      type: 'text/html',
      body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${this.version}</center>\r\n</body>\r\n</html>\r\n`,
    }
  }

  private log(what: string, request: IncomingRequest, server: Server): void {
    const { context } = this.machine
    this.logs.error(
      `${formatDate('%Y/%m/%d %H:%M:%S', context.clock.now())} [error] ${this.worker}#${this.worker}: *${this.connections} ${what}, client: ${request.from}, server: ${server.names[0] ?? ''}, request: "${request.method} ${request.path} HTTP/1.1", host: "${request.headers['host'] ?? ''}"`,
    )
  }
}

function etagOf({ changedAt, size }: { changedAt: number; size: number }): string {
  return `"${Math.floor(changedAt / 1000).toString(16)}-${size.toString(16)}"`
}

function last(directives: Directive[], name: string): Directive | undefined {
  return directives.findLast((each) => each.name === name)
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function locate({ locations }: Server, path: string): Location | undefined {
  const exact = locations.find((each) => each.exact && each.prefix === path)
  if (exact) return exact
  const prefix = locations
    .filter((each) => !each.exact && !each.regex && path.startsWith(each.prefix))
    .toSorted((a, b) => b.prefix.length - a.prefix.length)[0]
  if (prefix?.final) return prefix
  return locations.find((each) => each.regex?.test(path)) ?? prefix
}
