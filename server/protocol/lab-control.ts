/**
 * How the embedded lab is controlled, beside its Kubernetes API, on the same port under {@link LAB_CONTROL_PATH}: by the `lab` command in the
 * pane, and by the bridge. A JSON body in, a JSON body out; an error is `{"message": "..."}` with a status of 400, 404 or 409.
 *
 *     GET  /lab/v1/status                                   LabStatus
 *     POST /lab/v1/nodes/NAME/stop | start                  {"node": NAME, "on": boolean, "changed": boolean}
 *     POST /lab/v1/clock   {"forward": ms} | {"speed": x} | {"paused": boolean}     LabStatus['clock']
 *     POST /lab/v1/reset                                    LabStatus
 *     GET  /lab/v1/neighbours                               Neighbour[]
 *     POST /lab/v1/trace   {"url": "http://192.168.1.11"}   RequestTrace & {"body": string | null}
 *     GET  /lab/v1/client                                   LabClient
 *     GET  /lab/v1/watch                                    newline-delimited LabEvent, first the current state, then as it happens
 */
import type { Neighbour, RequestTrace, TopologyChange } from './topology.ts'

export const LAB_CONTROL_PATH = '/lab/v1'

/**
 * A header of requests to the Kubernetes API: `cluster` asks for times as the cluster's own clock has them. Without it the lab tells times by its clients'
 * clocks, which a client that keeps them while the lab's clock is forwarded cannot compare. Other clusters know nothing of it.
 */
export const TIMES_HEADER = 'lab-times'

/** The clusters that the embedded lab can start from: server/lab/presets has one file for each. */
export const PRESET_NAMES: readonly string[] = ['today', '2021', 'bare']

/**
 * What the lab's `watch` sends: the changes that no Kubernetes object carries. `clear` is sent when the lab was reset, by whomever; the current state
 * follows it.
 */
export type LabEvent = Extract<TopologyChange, { op: 'clear' | 'power' | 'neighbours' | 'gratuitous-arp' | 'request' | 'clock' }>

export interface LabStatus {
  preset: string
  kubernetes: string
  metallb: string | null
  clock: { at: number; speed: number; paused: boolean; /** ms of lab time since the start. */ elapsed: number }
  nodes: { name: string; address: string; on: boolean; ready: 'True' | 'False' | 'Unknown' }[]
}

/** What a shell needs that stands for the client outside the cluster, so that an unmodified curl sees the lab's network. */
export interface LabClient {
  /** Environment variables to set: `http_proxy`, and `CURL_HOME`, a folder whose .curlrc the lab keeps up to date as its network changes. */
  env: Record<string, string>
}

/** The one line of JSON that the lab's process prints on standard output once all is ready. */
export interface LabReady {
  /** URL of the API server. */
  server: string
  /** Path of the kubeconfig that was written. */
  kubeconfig: string
  /** The http_proxy of a client outside the cluster. */
  proxy: string
  pid: number
}

export type { Neighbour, RequestTrace }
