/** curl, as far as HTTP goes without TLS. */
import { byteLength } from '../../../machinery/bytes.ts'
import { canonicalHeader } from '../../../machinery/header-names.ts'
import { FileError } from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { type Question, reasonOf, request, type Target, targetOf } from './http-client.ts'
import { flagsOf } from './kit.ts'
import { awaitNobody } from './nslookup.ts'

const VALUED = 'odXHmAueTwcbrxQ'
const LONG = [
  'output',
  'data',
  'data-raw',
  'data-binary',
  'json',
  'request',
  'header',
  'max-time',
  'connect-timeout',
  'user-agent',
  'user',
  'write-out',
  'retry',
  'retry-delay',
  'referer',
  'url',
  'cookie',
  'resolve',
  'interface',
  'proxy',
  'noproxy',
]
const MOST_REDIRECTS = 50

interface Options {
  version: string
  silent: boolean
  showErrors: boolean
  verbose: boolean
  include: boolean
  head: boolean
  failing: boolean
  follow: boolean
  connectTimeout: number
  maxTime: number
  output: string | null
  writeOut: string
  request: Question
}

/** `version`: what it calls itself. */
export function curl(version: string): Program {
  return function* curlProgram(process, argv) {
    const all = flagsOf(argv, VALUED, LONG)
    const { flags, values } = all
    const has = (...names: string[]): boolean => names.some((name) => flags.has(name))
    const value = (...names: string[]): string | undefined => names.map((name) => values.get(name)).find((each) => each !== undefined)
    if (has('V', 'version')) {
      yield* process.out(`curl ${version} (x86_64-pc-linux-gnu) libcurl/${version}\nProtocols: http\n`)
      return 0
    }
    const urls = [...(value('url') === undefined ? [] : [value('url') as string]), ...all.words]
    if (urls.length === 0) {
      yield* process.write(
        2,
        version.startsWith('7')
          ? "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n"
          : 'curl: (2) no URL specified\n'.concat("curl: try 'curl --help' or 'curl --manual' for more information\n"),
      )
      return 2
    }
    const headers: Record<string, string> = { 'user-agent': value('A', 'user-agent') ?? `curl/${version}`, accept: '*/*' }
    for (const header of headersOf(argv)) {
      const at = header.indexOf(':')
      if (at > 0) headers[header.slice(0, at).toLowerCase()] = header.slice(at + 1).trim()
    }
    if (value('u', 'user') !== undefined) headers['authorization'] = `Basic ${Buffer.from(value('u', 'user') as string).toString('base64')}`
    const json = value('json')
    const data = value('d', 'data', 'data-raw', 'data-binary') ?? json
    if (json !== undefined) Object.assign(headers, { 'content-type': 'application/json', accept: 'application/json' })
    else if (data !== undefined) headers['content-type'] ??= 'application/x-www-form-urlencoded'
    const options: Options = {
      version,
      silent: has('s', 'silent'),
      showErrors: has('S', 'show-error') || !has('s', 'silent'),
      verbose: has('v', 'verbose'),
      include: has('i', 'include') || has('I', 'head'),
      head: has('I', 'head'),
      failing: has('f', 'fail'),
      follow: has('L', 'location'),
      connectTimeout: Number(value('connect-timeout') ?? 0) * 1000,
      maxTime: Number(value('m', 'max-time') ?? 0) * 1000,
      output: value('o', 'output') ?? null,
      writeOut: value('w', 'write-out') ?? '',
      request: {
        method: value('X', 'request') ?? (has('I', 'head') ? 'HEAD' : data === undefined ? 'GET' : 'POST'),
        headers,
        body: data ?? '',
      },
    }
    let code = 0
    for (const url of urls)
      code = yield* fetchOne(process, url, has('O', 'remote-name') ? { ...options, output: url.replace(/^.*\//, '') } : options)
    return code
  }
}

function headersOf(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) =>
    word === '-H' || word === '--header' ? [argv[index + 1] ?? ''] : /^-H./.test(word) ? [word.slice(2)] : [],
  )
}

function* fetchOne(process: Process, url: string, options: Options): Routine<number> {
  const { clock } = process.machine.context
  const began = clock.now()
  const fail = function* (code: number, message: string): Routine<number> {
    if (options.showErrors) yield* process.write(2, `curl: (${code}) ${message}\n`)
    return code
  }
  let target = targetOf(url)
  if (!target)
    return yield* fail(
      3,
      options.version.startsWith('7') ? 'URL using bad/illegal format or missing URL' : 'URL rejected: Malformed input to a URL function',
    )
  if (!/^https?$/.test(target.scheme))
    return yield* fail(
      1,
      options.version.startsWith('7')
        ? `Protocol "${target.scheme}" not supported or disabled in libcurl`
        : `Protocol "${target.scheme}" not supported`,
    )
  const meter = !options.silent && (options.output !== null || !process.isTerminal(1))
  if (meter) yield* process.write(2, METER_HEAD)
  for (let redirects = 0; ; redirects++) {
    const found = process.machine.context.names.lookup(target.host)
    if (!found) yield* awaitNobody(process)
    if (!found) return yield* fail(6, `Could not resolve host: ${target.host}`)
    const address = found[0] as string
    if (options.verbose) yield* process.write(2, `*   Trying ${address}:${target.port}...\n`)
    const limits = [options.connectTimeout, options.maxTime].filter((limit) => limit > 0)
    const limit = limits.length > 0 ? Math.min(...limits) : 0
    const outcome = yield* request(process, target, options.request, limit)
    const passed = clock.now() - began
    const cannot =
      options.version.startsWith('7') || /^8\.([0-9]|1[01])\./.test(options.version)
        ? "Couldn't connect to server"
        : 'Could not connect to server'
    const failed = `Failed to connect to ${target.host} port ${target.port} after ${passed} ms: ${cannot}`
    if (outcome === null) return yield* fail(28, `Connection timed out after ${passed} milliseconds`)
    if (outcome.outcome === 'unknown-host') return yield* fail(6, `Could not resolve host: ${target.host}`)
    if (outcome.outcome === 'reset') return yield* fail(56, 'Recv failure: Connection reset by peer')
    if (outcome.outcome === 'timed-out') return yield* fail(28, failed)
    if (outcome.outcome !== 'answered') return yield* fail(7, failed)
    if (target.scheme === 'https') return yield* fail(35, 'OpenSSL SSL_connect: the lab speaks no TLS')
    const { response } = outcome
    const headers = { ...response.headers }
    if (!Object.keys(headers).some((name) => name.toLowerCase() === 'content-length'))
      headers['Content-Length'] = String(byteLength(response.body))
    const lines = [
      `HTTP/1.1 ${response.status} ${reasonOf(response.status)}`,
      ...Object.entries(headers).map(([name, value]) => `${canonicalHeader(name)}: ${value}`),
    ]
    if (options.verbose) yield* verbose(process, target, address, options, lines)
    const location = response.headers['Location'] ?? response.headers['location']
    if (options.include) yield* process.out(lines.map((line) => `${line}\r\n`).join('') + '\r\n')
    if (options.follow && location !== undefined && response.status >= 300 && response.status < 400 && redirects < MOST_REDIRECTS) {
      const next = targetOf(new URL(location, `${target.scheme}://${target.authority}${target.path}`).href)
      if (!next) return yield* fail(3, 'URL rejected')
      target = next
      continue
    }
    if (options.failing && response.status >= 400) return yield* fail(22, `The requested URL returned error: ${response.status}`)
    const body = options.head ? '' : response.body
    const size = byteLength(body)
    if (meter) yield* process.write(2, `\r${meterLine(size, passed)}\n`)
    if (options.output === null) yield* process.out(body)
    else {
      try {
        const descriptor = process.machine.open(process, options.output, 'write')
        descriptor.stream.write?.(body)
        descriptor.close()
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return yield* fail(23, `client returned ERROR on write, ${size} bytes were not written`)
      }
    }
    if (options.writeOut !== '')
      yield* process.out(
        written(options.writeOut, {
          http_code: String(response.status).padStart(3, '0'),
          response_code: String(response.status),
          size_download: String(size),
          time_total: (passed / 1000).toFixed(6),
          url_effective: url,
          remote_ip: address,
          remote_port: String(target.port),
          content_type: response.headers['Content-Type'] ?? response.headers['content-type'] ?? '',
        }),
      )
    return 0
  }
}

function* verbose(process: Process, target: Target, address: string, options: Options, lines: string[]): Routine<void> {
  const { request: sent } = options
  yield* process.write(
    2,
    options.version.startsWith('7')
      ? `* Connected to ${target.host} (${address}) port ${target.port} (#0)\n`
      : `* Established connection to ${target.host} (${address} port ${target.port}) from ${process.machine.context.pod.status?.podIP ?? ''} port ${32768 + Math.floor(process.machine.context.random() * 28_000)} \n* using HTTP/1.x\n`,
  )
  const shown = [['Host', target.authority], ...Object.entries(sent.headers).map(([name, value]) => [canonicalHeader(name), value])]
  yield* process.write(2, `> ${sent.method} ${target.path} HTTP/1.1\n${shown.map(([name, value]) => `> ${name}: ${value}\n`).join('')}> \n`)
  if (!options.version.startsWith('7')) yield* process.write(2, '* Request completely sent off\n')
  yield* process.write(2, `${lines.map((line) => `< ${line}\n`).join('')}< \n`)
}

const METER_HEAD =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0'

function meterLine(size: number, ms: number): string {
  const speed = Math.round(size / Math.max(ms / 1000, 0.001))
  const shown = speed < 100_000 ? String(speed) : `${Math.round(speed / 1024)}k`
  return `100 ${String(size).padStart(5)}  100 ${String(size).padStart(5)}    0     0 ${shown.padStart(6)}      0 --:--:-- --:--:-- --:--:-- ${shown.padStart(5)}`
}

function written(format: string, facts: Record<string, string>): string {
  return format.replace(/%\{(\w+)\}|\\([nt\\r])/g, (_all, name?: string, letter?: string) =>
    name === undefined ? ({ n: '\n', t: '\t', r: '\r' }[letter ?? ''] ?? '\\') : (facts[name] ?? ''),
  )
}
