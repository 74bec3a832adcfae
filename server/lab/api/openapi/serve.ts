/** /openapi/v2 and /openapi/v3. */
import { createHash } from 'node:crypto'
import { openApiDocument, type DocumentedResource } from '../../resources/schema/index.ts'
import { isCustom, schemaOfVersion } from '../custom/definition.ts'
import { minorVersion } from '../deprecations.ts'
import { servedVersions, type ServedVersion } from '../discovery.ts'
import { sendJson, sendText, type Exchange } from '../exchange.ts'
import { parseAccept } from '../media-type.ts'
import { pageNotFound } from '../target.ts'

const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

function pathOf({ group, version }: ServedVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

/** Changes with whatever the document of a group version is made of. */
function hashOf(exchange: Exchange, served: ServedVersion): string {
  const hash = createHash('sha512').update(exchange.lab.settings.version)
  for (const definition of served.resources) {
    hash.update(definition.plural)
    if (isCustom(definition)) hash.update(JSON.stringify(schemaOfVersion(definition, served.version) ?? null))
  }
  return hash.digest('hex').toUpperCase()
}

function documented(served: ServedVersion): DocumentedResource[] {
  return served.resources.map((definition) => {
    if (!isCustom(definition)) return { definition }
    const schema = schemaOfVersion(definition, served.version) ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    return { definition, customSchema: schema as Record<string, unknown> }
  })
}

/** Answers paths below /openapi; false where there is nothing. */
export function serveOpenApi(exchange: Exchange): boolean {
  const { path } = exchange
  if (path === '/openapi/v2') {
    const wantsProtobuf = parseAccept(exchange.request.headers.accept).some(({ type }) => type.includes('protobuf'))
    // An empty document: kubectl then leaves validation to the server, which does it.
    if (wantsProtobuf) sendText(exchange, 200, '', V2_PROTOBUF)
    else sendJson(exchange, 200, { swagger: '2.0', info: { title: 'Kubernetes', version: exchange.lab.settings.version }, paths: {} })
    return true
  }
  // Published by default from 1.24 on.
  const minor = minorVersion(exchange.lab.settings.version)
  if (!path.startsWith('/openapi/v3') || minor < 24) return false
  const versions = servedVersions(exchange.lab.store)
  if (path === '/openapi/v3' || path === '/openapi/v3/') {
    const paths = versions.map((served) => {
      const at = pathOf(served)
      return [at, { serverRelativeURL: `/openapi/v3/${at}?hash=${hashOf(exchange, served)}` }]
    })
    sendJson(exchange, 200, { paths: Object.fromEntries(paths) })
    return true
  }
  const served = versions.find((each) => path === `/openapi/v3/${pathOf(each)}`)
  if (!served) throw pageNotFound()
  const hash = hashOf(exchange, served)
  // Documents are asked for by the hash in the index: those never change.
  const headers: Record<string, string> = { ETag: JSON.stringify(hash) }
  if (exchange.query.has('hash')) headers['Cache-Control'] = 'public, immutable'
  sendJson(exchange, 200, openApiDocument(served.group, served.version, documented(served), minor), headers)
  return true
}
