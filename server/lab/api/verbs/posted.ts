/** Objects that are sent to a subresource and have a kind of their own: Scale, Eviction, Binding, TokenRequest. */
import type { KubeObject } from '../../resources/definition.ts'
import { decodeObject, schemaOf } from '../../resources/schema/index.ts'
import { badRequest } from '../../store/api-error.ts'
import { decodeBody } from '../body.ts'
import type { Exchange } from '../exchange.ts'
import { SCHEME } from './create.ts'

/** The body as an object of that kind, which need not say so. Throws BadRequest with the words of the server's decoder. */
export async function postedObject(exchange: Exchange, body: Buffer, apiVersion: string, kind: string): Promise<KubeObject> {
  const { object } = await decodeBody(body, exchange.request.headers['content-type'], kind)
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['', apiVersion]
  object.apiVersion ||= apiVersion
  object.kind ||= kind
  const given = { version: String(object.apiVersion).split('/').at(-1) as string, kind: String(object.kind) }
  const refuse = (why: string): never => {
    throw badRequest(`${given.kind} in version "${given.version}" cannot be handled as a ${kind}: ${why}`)
  }
  if (given.kind !== kind) {
    const isKnown = exchange.lab.store.definitions().some((each) => each.kind === given.kind && each.version === given.version)
    refuse(
      isKnown
        ? `converting (${given.version}.${given.kind}) to (${group === '' ? 'core' : group.split('.')[0]}.${kind}): unknown conversion`
        : `no kind "${given.kind}" is registered for version "${String(object.apiVersion)}" in scheme "${SCHEME}"`,
    )
  }
  const shape = schemaOf(group, version, kind)
  const error = shape ? decodeObject(object, shape).error : null
  if (error !== null) refuse(error)
  if (object.metadata === undefined || object.metadata === null) object.metadata = {}
  return object as KubeObject
}
