import type { Duplex } from 'node:stream'
import type { ExecOutput, ExecProcess, StreamRefusal } from './exec.ts'
import type { Listener } from './http.ts'
import type { ContainerLog } from './logs.ts'

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
