/** wget of busybox, and its nslookup before 1.30. */
import { byteLength } from '../../../machinery/bytes.ts'
import { FileError } from '../../kernel/files.ts'
import type { Process, Program } from '../process.ts'
import { reasonOf, request, targetOf } from './http-client.ts'
import { flagsOf, usageOf } from './kit.ts'
import { awaitNobody, pointerOf } from './nslookup.ts'

const wgetUsage = (hasTimeouts: boolean): string => `wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT]${hasTimeouts ? ' [-T SEC]' : ''} URL...

Retrieve files via HTTP or FTP

	--spider	Only check URL existence: $? is 0 if exists
	--header STR	Add STR (of form 'header: value') to headers
	--post-data STR	Send STR using POST method
	--post-file FILE	Send FILE using POST method
	--no-check-certificate	Don't validate the server's certificate
	-c		Continue retrieval of aborted transfer
	-q		Quiet
	-P DIR		Save to DIR (default .)
	-S    		Show server response
${hasTimeouts ? '\t-T SEC\t\tNetwork read timeout is SEC seconds\n' : ''}	-O FILE		Save to FILE ('-' for stdout)
	-o LOGFILE	Log messages to FILE
	-U STR		Use STR for User-Agent header
	-Y on/off	Use proxy`

/** What a shell makes of signal 11. */
const SEGMENTATION_FAULT = 139

/** The kernel's patience; -T of wget is shorter by default only while reading. */
const DEFAULT_TIMEOUT = 900

export const wget: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'OoPUTtY', [
    'header',
    'post-data',
    'post-file',
    'timeout',
    'user-agent',
    'tries',
    'output-document',
  ])
  const { wgetDiesOfTimeouts = false } = process.machine.image.userland
  if (wgetDiesOfTimeouts && (values.has('T') || values.has('timeout'))) return SEGMENTATION_FAULT
  const [url] = words
  if (url === undefined) {
    yield* usageOf(process, wgetUsage(!wgetDiesOfTimeouts))
    return 1
  }
  const target = targetOf(url)
  if (!target || !/^https?$/.test(target.scheme)) {
    yield* process.complain(`not an http or ftp url: ${url}`)
    return 1
  }
  const quiet = flags.has('q')
  const fail = function* (message: string) {
    yield* process.complain(message)
    return 1
  }
  const [address] = process.machine.context.names.lookup(target.host) ?? []
  if (address === undefined) yield* awaitNobody(process)
  if (address === undefined) return yield* fail(`bad address '${target.authority}'`)
  if (!quiet) yield* process.write(2, `Connecting to ${target.authority} (${address}:${target.port})\n`)
  const headers: Record<string, string> = { 'user-agent': values.get('U') ?? values.get('user-agent') ?? 'Wget', connection: 'close' }
  const added = values.get('header')
  if (added) headers[added.slice(0, added.indexOf(':')).toLowerCase()] = added.slice(added.indexOf(':') + 1).trim()
  const body = values.get('post-data') ?? ''
  if (values.has('post-data')) headers['content-type'] ??= 'application/x-www-form-urlencoded'
  const seconds = Number(values.get('T') ?? values.get('timeout') ?? DEFAULT_TIMEOUT)
  const outcome = yield* request(
    process,
    target,
    { method: values.has('post-data') ? 'POST' : flags.has('spider') ? 'HEAD' : 'GET', headers, body },
    seconds * 1000,
  )
  if (outcome === null) return yield* fail('download timed out')
  switch (outcome.outcome) {
    case 'answered':
      break
    case 'unknown-host':
      return yield* fail(`bad address '${target.authority}'`)
    case 'reset':
      return yield* fail('error getting response: Connection reset by peer')
    default: {
      const why = {
        refused: 'Connection refused',
        'timed-out': 'Connection timed out',
        unreachable: outcome.outcome === 'unreachable' && outcome.why === 'no-network' ? 'Network unreachable' : 'Host is unreachable',
      }[outcome.outcome]
      return yield* fail(`can't connect to remote host (${address}): ${why}`)
    }
  }
  const { response } = outcome
  if (target.scheme === 'https') {
    yield* process.write(2, 'ssl_client: TLS error from peer (alert code 80): internal error\n')
    return yield* fail('error getting response: Connection reset by peer')
  }
  if (flags.has('S')) {
    yield* process.write(2, `  HTTP/1.1 ${response.status} ${reasonOf(response.status)}\n`)
    for (const [name, value] of Object.entries(response.headers)) yield* process.write(2, `  ${name}: ${value}\n`)
    yield* process.write(2, '  \n')
  }
  if (response.status >= 300) return yield* fail(`server returned error: HTTP/1.1 ${response.status} ${reasonOf(response.status)}`)
  if (flags.has('spider')) {
    if (!quiet) yield* process.write(2, 'remote file exists\n')
    return 0
  }
  const file =
    values.get('O') ?? values.get('output-document') ?? ((target.path.replace(/\?.*$/, '').split('/').at(-1) as string) || 'index.html')
  const size = byteLength(response.body)
  const bar = `${(file === '-' ? '-' : file).padEnd(20).slice(0, 20)} 100% |${'*'.repeat(32)}| ${String(size).padStart(5)}  0:00:00 ETA\n`
  if (file === '-') {
    if (!quiet) yield* process.write(2, 'writing to stdout\n')
    yield* process.out(response.body)
    if (!quiet) yield* process.write(2, `${bar}written to stdout\n`)
    return 0
  }
  try {
    const path = values.has('P') ? `${values.get('P')}/${file}` : file
    if (!values.has('O') && process.machine.files.find(path, process.cwd)) throw new FileError('File exists')
    process.machine.files.write(path, response.body, process.cwd, process.pid)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return yield* fail(`can't open '${file}': ${error.message}`)
  }
  if (!quiet) yield* process.write(2, `saving to '${file}'\n${bar}'${file}' saved\n`)
  return 0
}

function nameOf(process: Process, address: string): string | undefined {
  return process.machine.context.names.query(pointerOf(address), 'PTR').records[0]?.value
}

/** Before 1.30 busybox resolved names as libc does, and printed otherwise. */
export const oldNslookup: Program = function* (process, argv) {
  const { context } = process.machine
  const [name = '', server] = flagsOf(argv).words
  const dns = server ?? context.names.nameserver
  yield* process.out(`Server:    ${dns}\nAddress 1: ${dns}${server === undefined ? ' kube-dns.kube-system.svc.cluster.local' : ''}\n\n`)
  const found = context.names.lookup(name)
  if (!found) {
    yield* awaitNobody(process)
    yield* process.complain(`can't resolve '${name}'`)
    return 1
  }
  yield* process.out(`Name:      ${name}\n`)
  for (const [index, address] of found.entries())
    yield* process.out(`Address ${index + 1}: ${address} ${nameOf(process, address) ?? name}\n`)
  return 0
}
