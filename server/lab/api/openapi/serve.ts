/** /openapi/v2 and /openapi/v3. */
import { createHash } from 'node:crypto'
import type { LabContext } from '../../context.ts'
import { openApiDocument, type DocumentedResource } from '../../resources/schema/index.ts'
import { isCustom, schemaOfVersion } from '../custom/definition.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { servedVersions, type ServedVersion } from '../discovery.ts'
import { sendJson, sendText, type Exchange } from '../exchange.ts'
import { parseAccept } from '../media-type.ts'
import { pageNotFound } from '../target.ts'
import { encodeSwagger } from './encode-swagger.ts'
import { swaggerOf, type OpenApiV3, type Swagger } from './swagger.ts'

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

/** The bytes of the last v2 document, by the lab that it is of: it takes a while to make, and stays the same until a kind comes or goes. */
const encoded = new WeakMap<LabContext, { hash: string; bytes: Buffer }>()

function serveV2(exchange: Exchange): void {
  const { lab, request } = exchange
  const { version } = lab.settings
  const versions = servedVersions(lab.store)
  const parts = versions.map((served) => hashOf(exchange, served)).join()
  const hash = createHash('sha512').update(parts).digest('hex').toUpperCase()
  const headers = { ETag: JSON.stringify(hash), Vary: 'Accept' }
  if (request.headers['if-none-match'] === headers.ETag) return sendText(exchange, 304, '', V2_PROTOBUF, headers)
  const document = (): Swagger => {
    const documents = versions.map((each) => openApiDocument(each.group, each.version, documented(each), minorVersion({ version })))
    return swaggerOf(documents as OpenApiV3[], version)
  }
  const wantsProtobuf = parseAccept(request.headers.accept).some(({ type }) => type.includes('protobuf'))
  if (!wantsProtobuf) return sendJson(exchange, 200, document(), headers)
  let last = encoded.get(lab)
  if (last?.hash !== hash) {
    last = { hash, bytes: Buffer.from(encodeSwagger(document())) }
    encoded.set(lab, last)
  }
  sendText(exchange, 200, last.bytes, V2_PROTOBUF, headers)
}

/** Answers paths below /openapi; false where there is nothing. */
export function serveOpenApi(exchange: Exchange): boolean {
  const { path } = exchange
  if (path === '/openapi/v2') {
    serveV2(exchange)
    return true
  }
  // Published by default from 1.24 on.
  const minor = minorVersion(exchange.lab.settings)
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
