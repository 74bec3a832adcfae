/** Who listens at a port of a pod. */
import type { HttpRequest, HttpResponse } from '../machinery/http.ts'

/** A request as it reaches a container's port. */
export interface IncomingRequest extends HttpRequest {
  /** The source address that the pod sees. */
  from: string
}

export interface Listener {
  port: number
  handle(request: IncomingRequest): HttpResponse
}
