/**
 * What the parts of the lab share. A context lives from a start to the next reset: a reset disposes of it and makes a new one, so nothing that
 * belongs to a run may be kept elsewhere.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AdmissionRegistry } from './api/admission.ts'
import type { LabClock } from './clock.ts'
import type { HostLan, Listener, OutgoingResponse } from './kubelet/image.ts'
import type { NodePower } from './power.ts'
import type { Preset } from './presets/preset.ts'
import type { ClusterSettings } from './resources/definition.ts'
import type { Disposable, Store } from './store/store.ts'
import type { LabEvent, Neighbour, RequestTrace } from '../protocol/lab-control.ts'
import type { DnsState } from './machinery/dns.ts'
import type { DnsAnswer } from './machinery/dns-zone.ts'

export type { AdmissionAnswer, AdmissionRegistry, AdmissionRequest } from './api/admission.ts'

export interface LogLine {
  /** Lab time, ms. */
  at: number
  text: string
  /** The process ended in the middle of it: no newline follows. */
  partial?: true
}

export interface ContainerLog {
  readonly lines: readonly LogLine[]
  /** Lines from now on; `ended` once where the container ends, at once where it has ended already. */
  follow(line: (line: LogLine) => void, ended: () => void): Disposable
}

export interface ExecOutput {
  stdout(data: string): void
  stderr(data: string): void
  exit(code: number): void
  /** The command could not even start: the message as the runtime words it. Nothing comes after it. */
  fail(message: string): void
}

export interface ExecProcess {
  stdin(data: string): void
  closeStdin(): void
  resize(columns: number, rows: number): void
  kill(): void
}

/** Why a kubelet does not even begin a stream: in its own words, or (`silent`) in none, as where the runtime finds the options at odds. */
export type StreamRefusal = { words: string } | 'silent'

/** The kubelets as the API server and the network see them. Set by startKubelets. */
export interface PodRuntime {
  /** undefined: no such container has run (`previous`: not before this one). */
  log(namespace: string, pod: string, container: string, previous: boolean): ContainerLog | undefined
  /** Why {@link exec} or {@link attach} cannot begin; null where they can. `stderr`: the client wants it apart. */
  refuses(namespace: string, pod: string, container: string, how: { attach: boolean; tty: boolean; stderr: boolean }): StreamRefusal | null
  exec(namespace: string, pod: string, container: string, argv: string[], tty: boolean, output: ExecOutput): ExecProcess
  /** Joins the container's first process: what it writes from now on, and its input where it has one. `kill` leaves it. */
  attach(namespace: string, pod: string, container: string, stdin: boolean, output: ExecOutput): ExecProcess
  /** Joins a connection to a port on the pod's localhost. Returns why it cannot; the connection is then left as it is. */
  forward(namespace: string, pod: string, port: number, connection: Duplex): string | null
  /** Who listens on a port of the pod now. */
  listener(namespace: string, pod: string, port: number): Listener | undefined
  /** The ports of the pod at which anybody listens now. */
  ports(namespace: string, pod: string): number[]
}

/** Where a request comes from. `client` is the machine outside the cluster. */
export type RequestSource =
  | { from: 'client' }
  | { from: 'node'; node: string }
  | { from: 'pod'; node: string; namespace: string; pod: string; /** status.podIP. */ address: string }

export interface NetworkRequest {
  /** A name or an IPv4 address. */
  host: string
  port: number
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string
  /** Only opens the connection, as a TCP probe does; the answer is then empty, and `exchange` of the outcome sends requests over it. */
  connectOnly?: boolean
  /** Takes the way of this request, for requests of the client outside: each packet that was lost, and at last how it ended. */
  traced?(trace: RequestTrace): void
}

/** How a request ended, as the program that sent it learns of it. */
export type NetworkOutcome =
  | {
      outcome: 'answered'
      response: OutgoingResponse
      /** The pod that answered; null: a host. */
      pod: string | null
      /** Sends a request over the open connection, to the same pod; `lost` where a machine on the way is off by now. */
      exchange?(request: Pick<NetworkRequest, 'method' | 'path' | 'headers' | 'body'>): OutgoingResponse | 'reset' | 'lost'
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

export interface LabContext {
  readonly clock: LabClock
  readonly store: Store
  readonly settings: ClusterSettings
  readonly preset: Preset
  /** Lab time at the start of this run, ms since the epoch. */
  readonly startedAt: number
  /** A random number in [0, 1) from the lab's seeded generator. */
  random(): number
  readonly admission: AdmissionRegistry
  readonly power: NodePower
  /** Absent until startKubelets has run. */
  runtime?: PodRuntime
  /** Absent until createNetwork has run. */
  network?: LabNetwork
  /** Reports what must not happen (a bug of the lab's): printed on standard error, nothing stops. */
  fault(error: unknown): void
  /** Starts the cluster over: this context is disposed of and a new one takes its place. Resolves once its system pods are ready. */
  reset(): Promise<void>
  /** Called when this run ends: streams of clients close here. Dispose of it when the stream ends before. */
  onDispose(dispose: () => void): Disposable
}
