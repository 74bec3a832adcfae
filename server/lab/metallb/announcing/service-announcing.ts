/** Which services this node announces, how, and why not: SetBalancer of speaker/main.go, layer2_controller.go, and the decision of bgp_controller.go. */
import type { KubeObject } from '../../resources/definition.ts'
import type { Announcer } from './announcer.ts'
import type { BgpSpeaker } from './bgp-speaker.ts'
import { poolOfAddress } from '../configuration/pool.ts'
import type { Pool } from '../configuration/pool.ts'
import { electionOrder } from './election.ts'
import type { RecordEvent } from '../process/events.ts'
import type { Process } from '../process/process.ts'
import { ingressIps, isBalancer } from '../services/service.ts'
import type { Sync } from '../services/service-reconciler.ts'

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

type Protocol = 'bgp' | 'layer2'
const PROTOCOLS: Protocol[] = ['bgp', 'layer2']

export interface AnnouncingContext {
  process: Process
  record: RecordEvent
  announcer: Announcer
  bgp: BgpSpeaker
  /** The node's only interface on the LAN. */
  interfaceName: string
  ignoreExcludeLabel: boolean
  /** null until a configuration was read. */
  pools(): ReadonlyMap<string, Pool> | null
  /** The nodes whose speakers are alive. */
  speakers(): string[]
  onLanChanged(service: string): void
}

export interface ServiceAnnouncing {
  handle(key: string, service: KubeObject | null, slices: readonly KubeObject[]): Sync
  /** What is announced on the LAN of a service, for its status; null: nothing. */
  onLan(service: string): { interfaces?: { name: string }[] } | null
  /** The announced services' addresses. */
  addresses(): Iterable<[service: string, ip: string]>
  /** What of a node decides on whether it may announce. */
  availabilityOf(node: KubeObject): string
  metrics(): string
}

export function createServiceAnnouncing(context: AnnouncingContext): ServiceAnnouncing {
  const { process, record, announcer, bgp, interfaceName } = context
  const { log } = process
  const { store, node } = process.context
  const announced: Record<Protocol, Set<string>> = { bgp: new Set(), layer2: new Set() }
  const addresses = new Map<string, string>()

  const interfacesFor = (pool: Pool): string[] => {
    const here = pool.l2.filter(({ nodes }) => nodes.has(node))
    return here.some(({ interfaces }) => interfaces.length === 0) ? [] : [...new Set(here.flatMap(({ interfaces }) => interfaces))]
  }

  const withdrawFrom = (protocol: Protocol, key: string, reason: string, fields: Record<string, unknown>): void => {
    if (!announced[protocol].delete(key)) return
    if (protocol === 'bgp') bgp.withdraw(key)
    else if (announcer.announces(key)) {
      announcer.delete(key)
      context.onLanChanged(key)
    }
    if (PROTOCOLS.some((each) => announced[each].has(key))) return
    const msg = 'withdrawing service announcement'
    log('main.go:488', { ...fields, event: 'serviceWithdrawn', ip: [addresses.get(key)], msg, reason })
    addresses.delete(key)
  }
  const withdraw = (key: string, reason: string, fields: Record<string, unknown> = {}): Sync => {
    for (const protocol of PROTOCOLS) withdrawFrom(protocol, key, reason, fields)
    return 'success'
  }

  const isUnavailable = (object: KubeObject | undefined): boolean =>
    (object?.status?.conditions ?? []).some(
      ({ type, status }: { type: string; status: string }) => type === 'NetworkUnavailable' && status === 'True',
    )
  const isExcluded = (object: KubeObject | undefined): boolean =>
    !context.ignoreExcludeLabel && Object.hasOwn(object?.metadata.labels ?? {}, EXCLUDED)

  /** Why not, or null. */
  const whyNotOnLan = (service: KubeObject, pool: Pool, ip: string, ready: ReadonlySet<string> | null): string | null => {
    const mayAnnounce = (each: string): boolean => pool.l2.some(({ nodes }) => nodes.has(each))
    if (ready === null || !mayAnnounce(node)) return 'notOwner'
    const usable = context.speakers().filter((each) => {
      const object = store.get('nodes', null, each)
      return !isUnavailable(object) && !isExcluded(object) && mayAnnounce(each)
    })
    const candidates = service.spec.externalTrafficPolicy === 'Local' ? usable.filter((each) => ready.has(each)) : usable
    return electionOrder(candidates, ip)[0] === node ? null : 'notOwner'
  }
  const whyNotByBgp = (service: KubeObject, pool: Pool, ready: ReadonlySet<string> | null): string | null => {
    const skip = (line: number, reason: string): void =>
      log(`bgp_controller.go:${line}`, { level: 'warn', event: 'skipping should announce bgp', service: service.metadata.name, reason })
    if (!pool.bgp.some(({ nodes }) => nodes.has(node))) return 'notOwner'
    const object = store.get('nodes', null, node)
    if (isUnavailable(object)) {
      skip(178, "speaker's node has NodeNetworkUnavailable condition")
      return 'nodeNetworkUnavailable'
    }
    if (isExcluded(object)) {
      skip(183, `speaker's node has labeled '${EXCLUDED}'`)
      return 'nodeLabeledExcludeBalancers'
    }
    if (service.spec.externalTrafficPolicy === 'Local' && !ready?.has(node)) return 'noLocalEndpoints'
    return ready === null ? 'noEndpoints' : null
  }

  const announceOnLan = (key: string, service: KubeObject, pool: Pool, ip: string): void => {
    const interfaces = interfacesFor(pool)
    if (interfaces.length === 0 || interfaces.includes(interfaceName)) {
      announcer.set(key, ip)
      context.onLanChanged(key)
      return
    }
    log('layer2_controller.go:133', {
      level: 'warn',
      op: 'SetBalancer',
      protocol: 'layer2',
      service: key,
      ips: [ip],
      pool: pool.name,
      IPAdvertisement: {},
      localIfs: ['lo', interfaceName],
      msg: "the specified interfaces used to announce LB IP don't exist",
    })
    const where = `assigned node ${JSON.stringify(node)} with protocol "layer2"`
    record(service, 'Warning', 'announceFailed', `the interfaces specified by LB IP ${JSON.stringify(ip)} doesn't exist in ${where}`)
  }

  return {
    handle(key, service, slices) {
      if (!service) return withdraw(key, 'serviceDeleted')
      if (!isBalancer(service)) return withdraw(key, 'notLoadBalancer')
      const pools = context.pools()
      if (pools === null) return 'success'
      const [ip] = ingressIps(service)
      if (ip === undefined) return withdraw(key, 'noIPAllocated')
      const pool = poolOfAddress(pools, ip)
      if (!pool) {
        const msg = 'IP allocated by controller not allowed by config'
        log('main.go:383', { level: 'error', op: 'setBalancer', error: 'assigned IP not allowed by config', ips: [ip], msg })
        return withdraw(key, 'ipNotAllowed', { ips: [ip] })
      }
      const fields = { ips: [ip], pool: pool.name }
      if (addresses.has(key) && addresses.get(key) !== ip) withdraw(key, 'loadBalancerIPChanged', fields)
      const ready = readyNodes(slices)
      for (const protocol of PROTOCOLS) {
        const reason = protocol === 'bgp' ? whyNotByBgp(service, pool, ready) : whyNotOnLan(service, pool, ip, ready)
        if (reason !== null) {
          withdrawFrom(protocol, key, reason, { ...fields, protocol })
          continue
        }
        if (protocol === 'bgp') bgp.advertise(key, ip, pool)
        else announceOnLan(key, service, pool, ip)
        announced[protocol].add(key)
        addresses.set(key, ip)
        log('main.go:444', { ...fields, event: 'serviceAnnounced', msg: 'service has IP, announcing', protocol })
        record(service, 'Normal', 'nodeAssigned', `announcing from node ${JSON.stringify(node)} with protocol ${JSON.stringify(protocol)}`)
      }
      return 'success'
    },
    onLan(service) {
      if (!announcer.announces(service)) return null
      const pool = poolOfAddress(context.pools(), addresses.get(service) ?? '')
      const interfaces = pool ? interfacesFor(pool) : []
      return interfaces.length > 0 ? { interfaces: interfaces.map((name) => ({ name })) } : {}
    },
    addresses: () => addresses,
    availabilityOf: (object) => `${isUnavailable(object)} ${isExcluded(object)}`,
    metrics: () =>
      PROTOCOLS.flatMap((protocol) =>
        [...announced[protocol]].map(
          (service) =>
            `metallb_speaker_announced{ip="${addresses.get(service)}",node="${node}",protocol="${protocol}",service="${service}"} 1\n`,
        ),
      ).join(''),
  }
}

/** The nodes with an endpoint that can serve, or null where there is none at all (an endpoint without a node counts as being somewhere). */
function readyNodes(slices: readonly KubeObject[]): Set<string> | null {
  const nodes = new Set<string>()
  let any = false
  for (const slice of slices) {
    for (const { conditions = {}, nodeName } of slice.endpoints ?? []) {
      // EndpointCanServe of MetalLB
      if (conditions.ready === false && conditions.serving !== true) continue
      any = true
      if (nodeName) nodes.add(nodeName)
    }
  }
  return any ? nodes : null
}
