/** The zone that the cluster's DNS serves: services, endpoints and addresses, as CoreDNS's plugin `kubernetes` answers for them. */
import type { KubeObject } from '../resources/definition.ts'
import type { Store } from '../store/store.ts'

export interface DnsRecord {
  owner: string
  type: 'A' | 'CNAME' | 'PTR' | 'SRV'
  value: string
}

export interface DnsAnswer {
  code: 'NOERROR' | 'NXDOMAIN'
  /** False where a server outside would have been asked. */
  authoritative: boolean
  records: DnsRecord[]
}

export interface Endpoint {
  address: string
  /** Its first label below the service. */
  label: string
  ports: { name?: string; port: number; protocol?: string }[]
}

const ZONE = 'cluster.local'
const REVERSE = '.in-addr.arpa'
/** So many names may point at each other. */
const MOST_ALIASES = 8

const UNKNOWN: DnsAnswer = { code: 'NXDOMAIN', authoritative: true, records: [] }

function found(records: DnsRecord[]): DnsAnswer {
  return { code: 'NOERROR', authoritative: true, records }
}

/** The ready endpoints of a service. */
export function endpointsOf(store: Store, { namespace, name }: { namespace?: string | undefined; name: string }): Endpoint[] {
  return store
    .list('endpointslices.discovery.k8s.io', namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) =>
      ((slice.endpoints ?? []) as { addresses: string[]; hostname?: string; conditions?: { ready?: boolean } }[])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses, hostname }) =>
          addresses.map((address) => ({ address, label: hostname ?? address.replaceAll('.', '-'), ports: slice.ports ?? [] })),
        ),
    )
}

function nameOf(service: KubeObject): string {
  return `${service.metadata.name}.${service.metadata.namespace}.svc.${ZONE}`
}

function distinct(records: DnsRecord[]): DnsRecord[] {
  return [...new Map(records.map((record) => [`${record.owner} ${record.value}`, record])).values()]
}

/** What is asked below a service: nothing, one of its endpoints, or one of its ports as `_NAME._PROTOCOL`. */
interface Part {
  endpoint?: string
  port?: { name: string; protocol: string }
}

function partOf(labels: string[]): Part | null {
  const [first = '', second = ''] = labels
  if (labels.length === 0) return {}
  if (labels.length === 1) return { endpoint: first }
  if (labels.length === 2 && first.startsWith('_') && second.startsWith('_')) {
    return { port: { name: first.slice(1), protocol: second.slice(1) } }
  }
  return null
}

function matchesPort({ port }: Part, { name = '', protocol = 'TCP' }: { name?: string; protocol?: string }): boolean {
  return port === undefined || (port.name === name.toLowerCase() && port.protocol === protocol.toLowerCase())
}

function ofService(store: Store, service: KubeObject, part: Part, owner: string, type: string, aliases: number): DnsAnswer {
  const { spec } = service
  if (spec.type === 'ExternalName') {
    if (part.endpoint || part.port) return UNKNOWN
    const alias: DnsRecord = { owner, type: 'CNAME', value: spec.externalName }
    const further = type === 'CNAME' || aliases === 0 ? [] : queryZone(store, spec.externalName, type, aliases - 1).records
    return found([alias, ...further])
  }
  const targets: { host: string; address: string; port: number }[] = []
  if (spec.clusterIP === 'None' || part.endpoint !== undefined) {
    for (const { address, label, ports } of endpointsOf(store, service.metadata)) {
      if (part.endpoint !== undefined && part.endpoint !== label) continue
      for (const each of ports.length > 0 ? ports : [{ port: -1 }]) {
        if (matchesPort(part, each)) targets.push({ host: `${label}.${nameOf(service)}`, address, port: each.port })
      }
    }
  } else {
    for (const each of spec.ports ?? []) {
      if (matchesPort(part, each)) targets.push({ host: nameOf(service), address: spec.clusterIP, port: each.port })
    }
  }
  if (targets.length === 0) return UNKNOWN
  if (type === 'A') return found(distinct(targets.map(({ address }) => ({ owner, type, value: address }))))
  if (type !== 'SRV') return found([])
  const weight = Math.floor(100 / targets.length)
  return found(distinct(targets.map(({ host, port }) => ({ owner, type, value: `0 ${weight} ${port} ${host}` }))))
}

function reverse(store: Store, name: string): DnsAnswer {
  const address = name.slice(0, -REVERSE.length).split('.').toReversed().join('.')
  const pointer = (value: string): DnsAnswer => found([{ owner: name, type: 'PTR', value }])
  const services = store.list('services')
  const service = services.find(({ spec }) => spec.clusterIP === address)
  if (service) return pointer(nameOf(service))
  const names = services
    .filter(({ spec }) => spec.type !== 'ExternalName')
    .flatMap((each) =>
      endpointsOf(store, each.metadata).flatMap((endpoint) => (endpoint.address === address ? `${endpoint.label}.${nameOf(each)}` : [])),
    )
  if (names.length === 0) return { ...UNKNOWN, authoritative: false }
  return found(names.map((value) => ({ owner: name, type: 'PTR', value })))
}

/** The answer for one full name. */
export function queryZone(store: Store, fullName: string, type: string, aliases = MOST_ALIASES): DnsAnswer {
  const owner = fullName.replace(/\.$/, '')
  const name = owner.toLowerCase()
  if (name.endsWith(REVERSE)) return type === 'PTR' ? reverse(store, name) : { ...UNKNOWN, authoritative: false }
  if (name !== ZONE && !name.endsWith(`.${ZONE}`)) return { ...UNKNOWN, authoritative: false }
  const labels = name.slice(0, -ZONE.length).split('.').filter(Boolean)
  const [kind, namespace, ...below] = labels.toReversed()
  if (kind === undefined) return found([])
  if (kind !== 'svc' && kind !== 'pod') return UNKNOWN
  if (namespace === undefined) return found([])
  if (!store.get('namespaces', null, namespace)) return UNKNOWN
  if (below.length === 0) return found([])
  if (kind === 'pod') {
    // of pods the zone knows no more than that the name looks like an address
    const address = (below[0] as string).replaceAll('-', '.')
    if (below.length > 1 || !/^(\d+\.){3}\d+$/.test(address)) return UNKNOWN
    return found(type === 'A' ? [{ owner, type, value: address }] : [])
  }
  const service = store.get('services', namespace, below[0] as string)
  const part = partOf(below.slice(1).toReversed())
  return service && part ? ofService(store, service, part, owner, type, aliases) : UNKNOWN
}
