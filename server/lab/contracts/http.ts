/** A request that reaches a port of a pod, and its answer. */

/** A request as it reaches a container's port. */
export interface IncomingRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: string
  /** The source address that the pod sees. */
  from: string
}

export interface OutgoingResponse {
  status: number
  /** The words after the status; HTTP's own where absent. */
  reason?: string
  headers: Record<string, string>
  body: string
}

export interface Listener {
  port: number
  handle(request: IncomingRequest): OutgoingResponse
}
