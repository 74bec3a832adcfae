/** A cluster that a lab runs on, whichever it is: a kubeconfig, and what no kubeconfig tells. */
import type { Step } from '../protocol/lab.ts'
import type { ClusterIdentity } from '../protocol/messages.ts'
import type { TopologyChange } from '../protocol/topology.ts'

export interface ClusterListener {
  /** What no object of the cluster carries: power, neighbours, requests, the clock. */
  changes?(changes: TopologyChange[]): void
  /** The cluster has ended by itself, `ended` says how: a signal or an exit code. A reset starts another one in its place. */
  lost?(ended: string): void
}

export interface Cluster {
  identity: ClusterIdentity
  /** Path of a kubeconfig with this cluster alone in it. */
  kubeconfig: string
  /** What a shell needs beside the kubeconfig: the way of curl into the lab's network. */
  env: Record<string, string>
  /** Calls with the current state, then with every change. */
  listen(listener: ClusterListener): void
  /** Told about every step, so that a cluster that the deck did not start knows what to delete at a reset. */
  stepBegins?(step: Step): void
  stepEnded?(step: Step): void
  /** Back to the start. Resolves when it is there. */
  reset(): Promise<void>
  dispose(): Promise<void>
}
