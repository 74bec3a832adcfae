/** What wget and curl share: a URL, and a request that a process waits for. */
import type { NetworkOutcome } from '../../../contracts/network.ts'
import type { HttpRequest } from '../../../machinery/http.ts'
import type { Process } from '../process.ts'
import { first, type Routine, wait, type Wait } from '../../kernel/routine.ts'

export interface Target {
  scheme: string
  host: string
  port: number
  path: string
  /** As the Host header has it. */
  authority: string
}

/** null: no URL at all. */
export function targetOf(text: string): Target | null {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (!url || url.hostname === '') return null
  const scheme = url.protocol.slice(0, -1)
  return {
    scheme,
    host: url.hostname,
    port: Number(url.port || (scheme === 'https' ? 443 : 80)),
    path: `${url.pathname}${url.search}`,
    authority: url.host,
  }
}

/** What a target is asked; the path is the target's. */
export type Question = Omit<HttpRequest, 'path'>

/** Sends a request; null where `limit` (ms, 0: none) was over first. */
export function* request(process: Process, target: Target, { method, headers, body }: Question, limit = 0): Routine<NetworkOutcome | null> {
  const sent: Wait<NetworkOutcome> = (resume) => {
    const { host, port, path } = target
    const pending = process.machine.context.request(
      { host, port, method, path, headers: { host: target.authority, ...headers }, body },
      resume,
    )
    return () => pending.cancel()
  }
  if (limit <= 0) return yield* wait(sent)
  const { index, value } = yield* wait(first(sent, process.machine.after(limit)))
  return index === 0 ? (value as NetworkOutcome) : null
}

const REASONS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}

export function reasonOf(status: number): string {
  return REASONS[status] ?? ''
}
