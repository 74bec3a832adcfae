/** What the machine itself takes to tell 500 sockets of something: a bare HTTP server that writes what it gets to whoever has a GET open. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const open = new Set<ServerResponse>()
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    open.add(response)
    response.writeHead(200).flushHeaders()
    return
  }
  let text = ''
  request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  request.on('end', () => {
    for (const watcher of open) watcher.write(`${text}\n`)
    response.end()
  })
})
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`))
process.on('disconnect', () => process.exit(0))
