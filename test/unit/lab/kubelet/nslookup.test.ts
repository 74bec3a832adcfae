/** What an unmodified busybox prints against a DNS server that answers as CoreDNS does. */
import { beforeEach, describe, expect, it } from 'vitest'
import { dnsState } from '../../../../server/lab/machinery/dns.ts'
import { queryZone } from '../../../../server/lab/machinery/dns-zone.ts'
import { FakeLab } from '../fake-lab.ts'
import { startContainer } from './container.ts'

const HEAD = 'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n'
const NO_SERVER = ';; connection timed out; no servers could be reached\n\n'
let fake: FakeLab

beforeEach(() => {
  fake = new FakeLab()
  fake.service('web', { clusterIP: '10.96.1.2', ports: [{ name: 'http', port: 80 }] }, [
    { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' },
  ])
  fake.service('hl', { clusterIP: 'None' }, [
    { pod: 'p1', node: 'w1-k8s', address: '172.16.1.2' },
    { pod: 'p2', node: 'w2-k8s', address: '172.16.2.2' },
  ])
  fake.lab.store.create('services', {
    metadata: { name: 'ext', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'example.com' },
  })
  fake.lab.store.create('services', {
    metadata: { name: 'alias', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
  })
})

function run(line: string): { out: string; err: string; code: number | string | null; seconds: number } {
  const { store } = fake.lab
  const dns = { query: (name: string, type: string) => queryZone(store, name, type), state: (server?: string) => dnsState(store, server) }
  const container = startContainer('busybox', { args: ['sleep', '100'], dns })
  const began = container.clock.now()
  const { stdout, stderr, code } = container.exec(`nslookup ${line}`.trim().split(' '))
  return { out: stdout, err: stderr, code, seconds: Math.round((container.clock.now() - began) / 1000) }
}

describe('nslookup', () => {
  it.each([
    [
      'web',
      'Name:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n' +
        "** server can't find web.svc.cluster.local: NXDOMAIN\n\n** server can't find web.cluster.local: NXDOMAIN\n\n\n" +
        "** server can't find web.svc.cluster.local: NXDOMAIN\n\n** server can't find web.cluster.local: NXDOMAIN\n\n",
      1,
    ],
    ['web.default', "** server can't find web.default: NXDOMAIN\n\n** server can't find web.default: NXDOMAIN\n\n", 1],
    ['web.default.svc.cluster.local', 'Name:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n\n', 0],
    [
      '-type=a hl.default.svc.cluster.local',
      ['172.16.1.2', '172.16.2.2'].map((ip) => `Name:\thl.default.svc.cluster.local\nAddress: ${ip}\n`).join('') + '\n',
      0,
    ],
    ['-type=a 172-16-2-2.hl.default.svc.cluster.local', 'Name:\t172-16-2-2.hl.default.svc.cluster.local\nAddress: 172.16.2.2\n\n', 0],
    ['10.96.1.2', '2.1.96.10.in-addr.arpa\tname = web.default.svc.cluster.local\n\n', 0],
    ['10.96.1.3', "** server can't find 3.1.96.10.in-addr.arpa: NXDOMAIN\n\n", 1],
    [
      '-type=srv _http._tcp.web.default.svc.cluster.local',
      '_http._tcp.web.default.svc.cluster.local\tservice = 0 100 80 web.default.svc.cluster.local\n\n',
      0,
    ],
    ['-type=aaaa web.default.svc.cluster.local', '\n', 0],
    ['-type=a ext.default.svc.cluster.local', 'ext.default.svc.cluster.local\tcanonical name = example.com\n\n', 0],
    [
      '-type=a alias.default.svc.cluster.local',
      'alias.default.svc.cluster.local\tcanonical name = web.default.svc.cluster.local\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.1.2\n\n',
      0,
    ],
  ])('of %s', (line, answers, code) => {
    fake.dns()
    expect(run(line)).toEqual({ out: HEAD + answers, err: '', code, seconds: 0 })
  })

  it('waits 5 s where nobody serves', () => {
    expect(run('web')).toEqual({ out: NO_SERVER, err: '', code: 1, seconds: 5 })
  })

  it('is refused where the DNS service has nobody behind it', () => {
    fake.dns(false)
    expect(run('web')).toEqual({ out: NO_SERVER, err: "nslookup: write to '10.96.0.10': Connection refused\n", code: 1, seconds: 0 })
  })

  it.each([
    ['-type=zz web', 'nslookup: invalid query type "zz"\n'],
    ['web nowhere', "nslookup: bad address 'nowhere'\n"],
    ['', expect.stringContaining('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]')],
  ])('refuses %s', (line, err) => {
    expect(run(line)).toEqual({ out: '', err, code: 1, seconds: 0 })
  })
})
