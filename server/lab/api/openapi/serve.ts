/** /openapi/v2 and /openapi/v3. */
import { sendJson, sendText, type Exchange } from '../exchange.ts'
import { parseAccept } from '../media-type.ts'

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

export function serveOpenApi(exchange: Exchange): boolean {
  const { path } = exchange
  if (path === '/openapi/v2') {
    const wantsProtobuf = parseAccept(exchange.request.headers.accept).some(({ type }) => type.includes('protobuf'))
    // An empty document: kubectl then leaves validation to the server, which does it.
    if (wantsProtobuf) sendText(exchange, 200, '', V2_PROTOBUF)
    else sendJson(exchange, 200, { swagger: '2.0', info: { title: 'Kubernetes', version: exchange.lab.settings.version }, paths: {} })
    return true
  }
  if (path === '/openapi/v3') {
    sendJson(exchange, 200, { paths: {} })
    return true
  }
  return false
}
