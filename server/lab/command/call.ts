import { request } from 'node:http'
import { LAB_CONTROL_PATH } from '../../protocol/lab-control.ts'

/** The lab understood and will not: its own words. */
export class LabRefusal extends Error {}
/** Nobody answers at $LAB_SERVER. */
export class LabUnreachable extends Error {}

/** Calls an endpoint of the lab and gives its answer. Throws LabRefusal or LabUnreachable. */
export function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    // node:http, not fetch: http_proxy of this shell is the lab's client outside, and fetch takes longer to load
    const sent = request(
      new URL(LAB_CONTROL_PATH + path, process.env.LAB_SERVER),
      { method, agent: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', () => reject(new LabUnreachable()))
        response.on('end', () => {
          let answer: unknown
          try {
            answer = JSON.parse(text)
          } catch {
            return reject(new LabRefusal(`unexpected answer with status ${response.statusCode}: ${text.slice(0, 200)}`))
          }
          if (response.statusCode === 200) resolve(answer as T)
          else reject(new LabRefusal((answer as { message?: string }).message ?? text))
        })
      },
    )
    sent.on('error', () => reject(new LabUnreachable()))
    sent.end(body === undefined ? '' : JSON.stringify(body))
  })
}
