/** HTTP as the parts of the lab pass it on to each other: whole requests and whole answers. */

export interface HttpRequest {
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string
}

export interface HttpResponse {
  status: number
  /** The words after the status; HTTP's own where absent. */
  reason?: string
  headers: Record<string, string>
  body: string
}

/** What becomes of a request: an answer, a connection that breaks, or silence. */
export type HttpAnswer = (request: HttpRequest) => HttpResponse | 'reset' | 'lost'
