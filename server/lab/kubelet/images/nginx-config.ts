/** nginx's configuration: its grammar, its include, and what the lab's nginx can do of it. */
import { FileError, type FileTree } from '../kernel/files.ts'
import { glob, hasWildcard } from '../linux/patterns.ts'

export interface Directive {
  name: string
  args: string[]
  block: Directive[] | null
  file: string
  line: number
}

export interface Location {
  exact: boolean
  /** Longest prefix, or a regular expression. */
  prefix: string
  regex: RegExp | null
  /** `^~`: no regular expressions after it. */
  final: boolean
  directives: Directive[]
}

export interface Server {
  ports: number[]
  names: string[]
  directives: Directive[]
  locations: Location[]
}

export interface NginxConfig {
  servers: Server[]
  /** Those of `http`, which servers inherit. */
  inherited: Directive[]
  types: Map<string, string>
}

/** `message` as after `nginx: [emerg] `. */
export class ConfigError extends Error {}

/** Known, and of no effect on what can be seen here. */
const SILENT = new Set([
  'user',
  'worker_processes',
  'worker_connections',
  'error_log',
  'pid',
  'events',
  'log_format',
  'access_log',
  'sendfile',
  'tcp_nopush',
  'tcp_nodelay',
  'keepalive_timeout',
  'gzip',
  'gzip_types',
  'gzip_min_length',
  'gzip_vary',
  'client_max_body_size',
  'server_tokens',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_protocols',
  'ssl_ciphers',
  'ssl_prefer_server_ciphers',
  'ssl_session_cache',
  'types_hash_max_size',
  'server_names_hash_bucket_size',
  'charset',
  'client_body_buffer_size',
  'large_client_header_buffers',
  'client_header_buffer_size',
  'worker_rlimit_nofile',
  'multi_accept',
  'use',
  'etag',
  'if_modified_since',
  'expires',
  'error_page',
  'resolver',
  'ssl_session_timeout',
  'http2',
  'load_module',
  'daemon',
])
/** Known, and done. */
const DONE = new Set([
  'http',
  'server',
  'location',
  'listen',
  'server_name',
  'root',
  'alias',
  'index',
  'return',
  'default_type',
  'add_header',
  'types',
  'include',
  'autoindex',
  'try_files',
  'deny',
  'allow',
])

/** Reads the configuration from a container's files. Throws {@link ConfigError}. */
export function readConfig(files: FileTree, path = '/etc/nginx/nginx.conf'): NginxConfig {
  const top = parseFile(files, path)
  const http = top.find(({ name }) => name === 'http')
  const block = http?.block ?? []
  const types = new Map<string, string>()
  for (const { name, block: entries } of block) {
    if (name === 'types') for (const entry of entries ?? []) for (const extension of entry.args) types.set(extension, entry.name)
  }
  const servers = block.filter(({ name }) => name === 'server').map((server) => serverOf(server.block ?? []))
  return { servers, inherited: block.filter(({ name }) => name !== 'server'), types }
}

function serverOf(directives: Directive[]): Server {
  const ports = directives
    .filter(({ name }) => name === 'listen')
    .flatMap(({ args: [where = ''] }) => {
      if (/^(unix:)/.test(where)) return []
      const port = /^(?:.*:)?(\d+)$/.exec(where)?.[1]
      return [port === undefined ? 80 : Number(port)]
    })
  const locations = directives.filter(({ name }) => name === 'location').map(locationOf)
  return {
    ports: ports.length > 0 ? [...new Set(ports)] : [80],
    names: directives.filter(({ name }) => name === 'server_name').flatMap(({ args }) => args),
    directives,
    locations,
  }
}

function locationOf({ args, block }: Directive): Location {
  const [first = '', second] = args
  const directives = block ?? []
  if (second === undefined) return { exact: false, prefix: first, regex: null, final: false, directives }
  if (first === '=') return { exact: true, prefix: second, regex: null, final: true, directives }
  if (first === '^~') return { exact: false, prefix: second, regex: null, final: true, directives }
  return { exact: false, prefix: '', regex: new RegExp(second, first === '~*' ? 'i' : ''), final: false, directives }
}

function parseFile(files: FileTree, path: string): Directive[] {
  let text: string
  try {
    text = files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    throw new ConfigError(`open() "${path}" failed (2: ${error.message})`)
  }
  return new ConfigParser(text, path, files).parse()
}

interface Token {
  text: string
  quoted: boolean
  line: number
}

class ConfigParser {
  private readonly tokens: Token[]
  private readonly file: string
  private readonly files: FileTree
  private at = 0

  constructor(text: string, file: string, files: FileTree) {
    this.file = file
    this.files = files
    this.tokens = tokenize(text)
  }

  parse(): Directive[] {
    return this.block(false, false)
  }

  private fail(message: string, line: number): ConfigError {
    return new ConfigError(`${message} in ${this.file}:${line}`)
  }

  private block(inner: boolean, free: boolean): Directive[] {
    const directives: Directive[] = []
    let last = 1
    for (;;) {
      const token = this.tokens[this.at++]
      if (!token) {
        if (inner) throw this.fail('unexpected end of file, expecting "}"', last)
        return directives
      }
      last = token.line
      if (!token.quoted && token.text === '}') {
        if (!inner) throw this.fail('unexpected "}"', token.line)
        return directives
      }
      if (!token.quoted && (token.text === ';' || token.text === '{')) throw this.fail(`unexpected "${token.text}"`, token.line)
      const directive: Directive = { name: token.text, args: [], block: null, file: this.file, line: token.line }
      for (;;) {
        const next = this.tokens[this.at++]
        if (!next) throw this.fail('unexpected end of file, expecting ";" or "}"', last)
        last = next.line
        if (!next.quoted && next.text === ';') break
        if (!next.quoted && next.text === '}') throw this.fail('unexpected "}"', next.line)
        if (!next.quoted && next.text === '{') {
          directive.block = this.block(true, directive.name === 'types')
          break
        }
        directive.args.push(next.text)
      }
      if (directive.name === 'include' && !free) {
        const [pattern = ''] = directive.args
        const path = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`
        const found = hasWildcard(path) ? glob(this.files, path, '/') : [path]
        for (const each of found) directives.push(...parseFile(this.files, each))
        continue
      }
      if (!free && !DONE.has(directive.name) && !SILENT.has(directive.name)) {
        throw this.fail(
          ELSEWHERE.has(directive.name) ? `the lab's nginx does not do "${directive.name}"` : `unknown directive "${directive.name}"`,
          directive.line,
        )
      }
      directives.push(directive)
    }
  }
}

/** Directives of nginx that the lab's does not have: it says so instead of doing something else. */
const ELSEWHERE = new Set([
  'proxy_pass',
  'proxy_set_header',
  'proxy_http_version',
  'proxy_redirect',
  'proxy_buffering',
  'proxy_read_timeout',
  'proxy_connect_timeout',
  'upstream',
  'rewrite',
  'if',
  'set',
  'map',
  'stream',
  'auth_basic',
  'auth_basic_user_file',
  'limit_req',
  'limit_req_zone',
  'limit_conn',
  'fastcgi_pass',
  'fastcgi_param',
  'uwsgi_pass',
  'grpc_pass',
  'sub_filter',
  'stub_status',
  'geo',
  'split_clients',
  'mirror',
  'internal',
  'proxy_cache',
  'proxy_cache_path',
  'mail',
])

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length;) {
    const letter = text[at] as string
    if (letter === '\n') line++
    if (/\s/.test(letter)) at++
    else if (letter === '#') while (at < text.length && text[at] !== '\n') at++
    else if (';{}'.includes(letter)) {
      tokens.push({ text: letter, quoted: false, line })
      at++
    } else if (letter === '"' || letter === "'") {
      let value = ''
      const begin = line
      for (at++; at < text.length && text[at] !== letter; at++) {
        if (text[at] === '\n') line++
        if (text[at] === '\\' && at + 1 < text.length) {
          const next = text[++at] as string
          value += { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" }[next] ?? `\\${next}`
        } else value += text[at]
      }
      at++
      tokens.push({ text: value, quoted: true, line: begin })
    } else {
      const word = (/^(?:\$\{\w+\}|\\.|[^\s;{}])+/.exec(text.slice(at)) as RegExpExecArray)[0]
      tokens.push({ text: word.replace(/\\n/g, '\n'), quoted: false, line })
      at += word.length
    }
  }
  return tokens
}
