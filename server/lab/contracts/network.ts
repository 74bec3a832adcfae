/** The lab's network as those who send over it see it: programs in pods, kubelets, speakers, the client outside. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LabEvent, Neighbour, RequestTrace } from '../../protocol/lab-control.ts'
import type { DnsState } from '../machinery/dns.ts'
import type { DnsAnswer } from '../machinery/dns-zone.ts'
import type { HttpAnswer, HttpRequest, HttpResponse } from '../machinery/http.ts'
import type { Disposable } from '../store/store.ts'

/** Where a request comes from. `client` is the machine outside the cluster. */
export type RequestSource =
  | { from: 'client' }
  | { from: 'node'; node: string }
  | { from: 'pod'; node: string; namespace: string; pod: string; /** status.podIP. */ address: string }

export interface NetworkRequest extends HttpRequest {
  /** A name or an IPv4 address. */
  host: string
  port: number
  /** Only opens the connection, as a TCP probe does; the answer is then empty, and `exchange` of the outcome sends requests over it. */
  connectOnly?: boolean
  /** Takes the way of this request, for requests of the client outside: each packet that was lost, and at last how it ended. */
  traced?(trace: RequestTrace): void
}

/** How a request ended, as the program that sent it learns of it. */
export type NetworkOutcome =
  | {
      outcome: 'answered'
      response: HttpResponse
      /** The pod that answered; null: a host. */
      pod: string | null
      /** Sends a request over the open connection, to the same pod; `lost` where a machine on the way is off by now. */
      exchange?: HttpAnswer
    }
  /** The port is closed, or kube-proxy rejects because a service has no endpoints. */
  | { outcome: 'refused' }
  /** The connection was open and broke. */
  | { outcome: 'reset' }
  /** `EHOSTUNREACH`: nobody answered ARP for three seconds. `ENETUNREACH`: no route at all, at once. */
  | { outcome: 'unreachable'; why: 'no-route' | 'no-network' }
  /** The kernel gave up sending SYNs, after 131 s. */
  | { outcome: 'timed-out' }
  | { outcome: 'unknown-host' }

/** The names that a pod's resolver knows. */
export interface NameLookup {
  /** The addresses of a name, as the search list completes it; null: there is none. */
  lookup(name: string): string[] | null
  /** What the cluster's DNS says to one question for a whole name. */
  query(name: string, type: string): DnsAnswer
  /** What becomes of a question that is sent to a server. */
  state(server?: string): DnsState
}

/** The lab's network as the other parts see it. Set by createNetwork. */
export interface LabNetwork extends Disposable {
  /** The LAN as a node uses it. */
  lan(node: string): HostLan
  /**
   * Sends one request on a new connection. `done` is called once, from a timer of the clock, unless it was cancelled before: a program that
   * is more impatient than the kernel cancels, and what it sent counts as lost.
   */
  request(source: RequestSource, request: NetworkRequest, done: (outcome: NetworkOutcome) => void): { cancel(): void }
  /** Names as pods of a namespace ask for them. */
  names(namespace: string): NameLookup
  /** The client outside: its own address, and its neighbour table. */
  readonly client: string
  neighbours(): Neighbour[]
  /** What would happen to a connection of the client outside, without sending anything: every way that it may end. */
  foresee(host: string, port: number): Set<'answered' | 'refused' | 'reset' | 'unreachable' | 'lost'>
  /** Requests of the client outside, gratuitous ARP and changes of the neighbour table, as they happen. */
  onEvent(listener: (event: NetworkEvent) => void): Disposable
  /** Called when {@link foresee} may give something else than before. */
  onChange(listener: () => void): Disposable
  /** Addresses and ports of the LAN that something may answer at: what is worth asking {@link foresee} for. Hosts that are off are left out. */
  doors(): { host: string; own: boolean; ports: number[] }[]
  /** A request to the http_proxy of the client outside: absolute-form target. */
  handleProxyRequest(request: IncomingMessage, response: ServerResponse): void
  /** CONNECT through the same proxy. */
  handleProxyConnect(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export type NetworkEvent = Extract<LabEvent, { op: 'neighbours' | 'gratuitous-arp' | 'request' }>

/** The LAN as a host on it uses it. Implemented by network/, used by MetalLB's speaker and by probes. */
export interface HostLan {
  /** Answer (or stop answering) ARP for an address from this node. */
  announce(address: string): void
  withdraw(address: string): void
  /** Broadcasts a gratuitous ARP for an address. */
  gratuitousArp(address: string): void
  /** Addresses of the other nodes that answer now, for memberlist: which speakers can be heard. */
  reaches(node: string): boolean
}
