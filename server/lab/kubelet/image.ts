/** What a container image does when it runs in the lab. Images register in images/index.ts; MetalLB's stand in ../metallb. */
import type { Clock } from '../clock.ts'
import type { AdmissionRegistry } from '../admission.ts'
import type { ExecOutput, ExecProcess } from '../contracts/exec.ts'
import type { Listener } from '../contracts/http.ts'
import type { HostLan, NameLookup, NetworkOutcome, NetworkRequest } from '../contracts/network.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { Store } from '../store/store.ts'
import type { File } from './kernel/files.ts'
import type { VolumeFacts } from './kernel/volumes.ts'

/** Names as the pod's /etc/resolv.conf and /etc/hosts have them. */
export interface ContainerNames extends NameLookup {
  nameserver: string
  searchDomains: string[]
}

/** What a container finds in its file system besides its image. Made when somebody first looks. */
export interface ContainerFiles {
  /** Path and text of the files that the kubelet keeps. */
  managed: Record<string, string>
  terminationLog: File
  terminationLogPath: string
  mounts: { mountPath: string; volume: { name: string }; subPath: string; readOnly: boolean }[]
  facts: VolumeFacts
}

export interface ContainerContext {
  clock: Clock
  store: Store
  /** The pod's own object as it stands in the store when the container starts. */
  pod: KubeObject
  container: {
    name: string
    image: string
    command: string[]
    args: string[]
    env: Record<string, string>
    /** Its first process has an input that somebody may attach to; otherwise it reads the end at once. */
    stdin: boolean
    /** It runs on a terminal. */
    tty: boolean
    /** Empty: as the image says. */
    workingDir: string
    securityContext: { runAsUser?: number; runAsGroup?: number; readOnlyRootFilesystem?: boolean }
  }
  /** The name of the node that the container runs on. */
  node: string
  lan: HostLan
  /** Where a container that serves validating webhooks registers them. */
  admission: AdmissionRegistry
  hostname: string
  readonly files: ContainerFiles
  readonly names: ContainerNames
  /** Appends a line to the container's log. */
  log(line: string): void
  /** Writes to standard output or standard error, which the log and whoever is attached get. */
  write(stream: 'stdout' | 'stderr', data: string): void
  /** Opens a port on the pod's address. Closed when the container ends. */
  listen(listener: Listener): void
  /** Whether somebody in the pod listens at a port already. */
  isListening(port: number): boolean
  /** The container ends by itself. */
  exit(code: number): void
  /** Sends a request from inside the pod, through DNS, kube-proxy and the LAN. `done` is called from a timer of the clock, unless it was cancelled. */
  request(request: NetworkRequest, done: (outcome: NetworkOutcome) => void): { cancel(): void }
  random(): number
}

export interface RunningContainer {
  /** SIGTERM: end within the grace period by calling `context.exit`, or be killed. */
  terminate(): void
  /** The process is gone (killed, or its node lost its power): drop all timers and watches. Called exactly once, always. */
  dispose(): void
  /** The standard input of its first process. Absent: it reads none. */
  input?: { write(data: string): void; close(): void; resize(columns: number, rows: number): void }
  /** Starts a command inside, for exec and exec probes. Absent: the image has no shell and no programs but its own. */
  exec?(argv: string[], tty: boolean, output: ExecOutput): ExecProcess
}

export interface ContainerImage {
  /** Repositories as a user may write them, without tag: `sysnet4admin/echo-hname`, `nginx`. */
  names: string[]
  /** Tags that exist, `latest` included where it does. */
  tags: string[]
  /** Bytes. */
  size: number
  /** How long a first pull takes on a node, ms. */
  pullTime: number
  /** Whom its first process runs as, as the image has it written: a name or a number. Absent: root. */
  user?: string
  start(context: ContainerContext): RunningContainer
}
