import type { RequestTrace } from '../../protocol/topology.ts'
import type { LabContext } from '../context.ts'
import { ControlError, badRequest, fieldsOf } from './errors.ts'

/** As long as `curl -m 3` waits, lab time in ms. */
const PATIENCE = 3_000

/** Sends one request of the client outside and gives its way, and the body that came back. */
export function traceRequest(lab: LabContext, body: unknown): Promise<RequestTrace & { body: string | null }> {
  const { url: text } = fieldsOf(body, '{"url": "http://192.168.1.11"}')
  if (typeof text !== 'string') throw badRequest(`url: expected a string like "http://192.168.1.11", got ${JSON.stringify(text)}`)
  const url = parseUrl(text)
  const { network } = lab
  if (!network) throw new ControlError(409, 'the lab has no network yet: try again in a moment')
  if (lab.clock.paused) throw new ControlError(409, "the lab's clock is paused, so nothing moves: let it run with `lab clock resume`")
  return new Promise((resolve, reject) => {
    let last: RequestTrace | null = null
    const wanted = {
      host: url.hostname,
      port: Number(url.port || 80),
      method: 'GET',
      path: url.pathname + url.search,
      headers: { host: url.host, accept: '*/*' },
      body: '',
      traced: (trace: RequestTrace) => void (last = trace),
    }
    const answer = (received: string | null): void => {
      giveUp.cancel()
      if (last === null) reject(new ControlError(409, `no packet was sent to ${url.hostname}`))
      else resolve({ ...last, body: received })
    }
    const sent = network.request({ from: 'client' }, wanted, (outcome) => {
      if (outcome.outcome === 'unknown-host')
        reject(badRequest(`could not resolve host: ${url.hostname}: the client outside knows addresses and the names of the nodes`))
      else answer(outcome.outcome === 'answered' ? outcome.response.body : null)
    })
    const giveUp = lab.clock.after(PATIENCE, () => {
      sent.cancel()
      answer(null)
    })
  })
}

function parseUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)
  } catch {
    throw badRequest(`"${text}" is not a URL: expected something like http://192.168.1.11 or 192.168.1.101:30080`)
  }
  if (url.protocol !== 'http:') throw badRequest(`the lab's network speaks plain HTTP: use http://${url.host} instead of ${url.protocol}//`)
  return url
}
