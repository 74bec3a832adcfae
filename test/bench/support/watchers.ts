/**
 * 500 watchers in a process of their own, for parts/watches.ts: `node watchers.ts URL COUNT ACCEPT`. On a message {write} it does that request and answers how long it took, ms,
 * until the last watcher had read a line that has the mark in it.
 */
import { Agent, request } from 'node:http'

export interface WriteOrder {
  url: string
  method: string
  body: string
  /** What the line has that tells the watchers of this write. */
  mark: string
}

const [url = '', count = '0', accept = ''] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
let mark = ''
let left = 0
let done = (): void => {}

function watch(): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, headers: { accept } }, (response) => {
      resolve()
      let rest = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) if (mark !== '' && line.includes(mark) && --left === 0) done()
      })
      response.on('end', () => reject(new Error('a watch was ended')))
    })
    asked.on('error', reject)
    asked.end()
  })
}

process.on('message', (order: WriteOrder) => {
  mark = order.mark
  left = Number(count)
  const began = performance.now()
  done = () => process.send?.(performance.now() - began)
  const type = order.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const asked = request(order.url, { method: order.method, agent, headers: { 'content-type': type } }, (response) => void response.resume())
  asked.end(order.body)
})
process.on('disconnect', () => process.exit(0))
await Promise.all(Array.from({ length: Number(count) }, watch))
process.send?.('open')
