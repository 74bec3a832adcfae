/**
 * The http_proxy of the client outside the cluster: what the lab's network does with a connection is done to the program's connection to the
 * proxy, as far as HTTP can tell it.
 *
 *     answered             the answer
 *     refused, no route    the connection is closed without an answer   curl: (52) Empty reply from server
 *     reset                the connection is reset                      curl: (56) Recv failure: Connection reset by peer
 *     lost                 silence                                      curl -m 3: (28) Operation timed out
 *
 * A program's own "connection refused" needs the other way, client-gateway.ts.
 */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { LabNetwork, NetworkRequest } from '../contracts/network.ts'
import { MAX_BODY, passedHeaders, readBody, sendResponse } from '../machinery/http-connection.ts'

/** Sends a request into the network and does to the program's connection what became of it. */
function relay(
  send: LabNetwork['request'],
  wanted: NetworkRequest,
  response: ServerResponse,
  refuse: (response: ServerResponse) => void,
  now: () => number,
): void {
  const pending = send({ from: 'client' }, wanted, (outcome) => {
    switch (outcome.outcome) {
      case 'answered': {
        sendResponse(response, outcome.response, wanted.method === 'HEAD', now())
        return
      }
      case 'unknown-host':
        return plain(
          response,
          502,
          `Could not resolve host: ${wanted.host}: the lab's network knows addresses and the names of its nodes\n`,
        )
      case 'reset':
        return void response.socket?.resetAndDestroy?.()
      default:
        return refuse(response)
    }
  })
  // a program that has waited long enough closes its connection
  response.on('close', () => pending.cancel())
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}

export function createProxyHandlers(
  send: LabNetwork['request'],
  now: () => number,
): Pick<LabNetwork, 'handleProxyRequest' | 'handleProxyConnect'> {
  return {
    handleProxyRequest(request, response) {
      let url: URL
      try {
        url = new URL(request.url ?? '')
      } catch {
        return plain(response, 400, 'This proxy takes absolute URLs: http://192.168.1.11/\n')
      }
      if (url.protocol !== 'http:') return plain(response, 400, `The lab's network speaks plain HTTP, not ${url.protocol.slice(0, -1)}\n`)
      readBody(request, (body) => {
        if (response.destroyed) return
        if (body === null) return plain(response, 413, `The lab's network passes on bodies of at most ${MAX_BODY} bytes\n`)
        const wanted: NetworkRequest = {
          host: url.hostname,
          port: Number(url.port || 80),
          method: request.method ?? 'GET',
          path: url.pathname + url.search,
          headers: passedHeaders(request),
          body,
        }
        relay(send, wanted, response, (each) => each.socket?.destroy(), now)
      })
    },
    handleProxyConnect(request, socket: Duplex) {
      socket.on('error', () => socket.destroy())
      socket.end(
        `HTTP/1.1 501 Not Implemented\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nThe lab's network speaks plain HTTP: no tunnel to ${request.url ?? ''}\n`,
      )
    },
  }
}
