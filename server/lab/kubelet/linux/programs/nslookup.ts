/** busybox's nslookup: a resolver of its own that searches names without a dot only, asks for both families, and prints every reply. */
import { isIPv4 } from 'node:net'
import { DNS_TIMEOUT } from '../../../machinery/dns.ts'
import type { DnsAnswer } from '../../../machinery/dns-zone.ts'
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { usageOf } from './kit.ts'

interface Query {
  type: string
  name: string
}

const TYPES = ['SOA', 'NS', 'A', 'AAAA', 'CNAME', 'MX', 'TXT', 'PTR', 'SRV', 'ANY']
const OPTIONS = ['type', 'querytype', 'port', 'retry', 'debug', 't', 'timeout']
const USAGE =
  'nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any'
/** From a query to its reply, ms. */
const REPLY_TIME = 2

export function pointerOf(address: string): string {
  return `${address.split('.').toReversed().join('.')}.in-addr.arpa`
}

/** What libc's resolver waits for where no server answers. */
export function* awaitNobody(process: Process): Routine<void> {
  if (process.machine.context.names.state() !== 'answering') yield* process.sleep(DNS_TIMEOUT)
}

function queriesFor(types: string[], host: string, domains: string[]): Query[] {
  const searched = (type: string): Query[] =>
    type === 'PTR' || host.includes('.') ? [{ type, name: host }] : domains.map((domain) => ({ type, name: `${host}.${domain}` }))
  if (types.length > 0) return TYPES.filter((type) => types.includes(type)).flatMap(searched)
  if (isIPv4(host)) return [{ type: 'PTR', name: pointerOf(host) }]
  return [...searched('A'), ...searched('AAAA')]
}

function printed({ records, authoritative }: DnsAnswer, debug: boolean): string {
  const head = authoritative ? (debug ? 'authoritative answer:\n' : '') : 'Non-authoritative answer:\n'
  const words = { CNAME: 'canonical name', PTR: 'name', SRV: 'service' }
  const lines = records.map(({ owner, type, value }) =>
    type === 'A' ? `Name:\t${owner}\nAddress: ${value}\n` : `${owner}\t${words[type]} = ${value}\n`,
  )
  return head + lines.join('')
}

/** The options and the other words, or what is wrong with them; empty: everything. */
function parse(argv: readonly string[]): { types: string[]; debug: boolean; words: string[] } | string {
  const types: string[] = []
  let debug = false
  let i = 1
  for (; argv[i]?.startsWith('-'); i++) {
    const [name = '', value = ''] = (argv[i] as string).slice(1).split('=')
    const option = OPTIONS.find((each) => each.startsWith(name))
    if (option === undefined) return ''
    if (option === 'debug') debug = true
    if (option !== 'type' && option !== 'querytype') continue
    if (!TYPES.includes(value.toUpperCase())) return `invalid query type "${value}"`
    types.push(value.toUpperCase())
  }
  const words = argv.slice(i)
  return words.length === 0 || words.length > 2 ? '' : { types, debug, words }
}

export const nslookup: Program = function* (process, argv) {
  const { names } = process.machine.context
  const parsed = parse(argv)
  if (typeof parsed === 'string') {
    yield* parsed === '' ? usageOf(process, USAGE) : process.complain(parsed)
    return 1
  }
  const [host = '', server = names.nameserver] = parsed.words
  if (!isIPv4(server)) {
    yield* process.complain(`bad address '${server}'`)
    return 1
  }
  const queries = queriesFor(parsed.types, host, names.searchDomains)
  const state = names.state(server)
  if (state !== 'answering') {
    // the first query goes out and its rejection comes back in time for the second
    const rejected = state === 'rejecting' && queries.length > 1
    if (rejected) yield* process.complain(`write to '${server}': Connection refused`)
    else yield* process.sleep(DNS_TIMEOUT)
    yield* process.out(';; connection timed out; no servers could be reached\n\n')
    return 1
  }
  yield* process.sleep(REPLY_TIME)
  yield* process.out(`Server:\t\t${server}\nAddress:\t${server}:53\n\n`)
  let code = 0
  for (const [i, { type, name }] of queries.entries()) {
    const answer = names.query(name, type)
    if (parsed.debug) yield* process.out(`Query #${i} completed in ${REPLY_TIME}ms:\n`)
    if (answer.code === 'NXDOMAIN') {
      code = 1
      yield* process.out(`** server can't find ${name}: NXDOMAIN\n\n`)
    } else yield* process.out(`${printed(answer, parsed.debug)}\n`)
  }
  return code
}
