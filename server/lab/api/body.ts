/** Request bodies: JSON, YAML or protobuf to a plain object. */
import { ApiError, badRequest } from '../store/api-error.ts'
import { isObject } from '../store/objects.ts'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

/** The media type of a body, without parameters. An empty one is JSON, as the server takes it. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() || 'application/json'
}

export interface DecodedBody {
  object: Record<string, unknown>
  /** The text, for duplicate fields; null where the body was not JSON. */
  text: string | null
}

/** The body of a create, update, delete or patch as an object. Throws BadRequest or 415 with the server's words. */
export async function decodeBody(body: Buffer, contentType: string | undefined): Promise<DecodedBody> {
  const type = mediaType(contentType)
  switch (type) {
    case 'application/json':
      return { object: parseJsonObject(body.toString('utf8')), text: body.toString('utf8') }
    case 'application/yaml':
      return { object: await parseYamlObject(body.toString('utf8')), text: null }
    case PROTOBUF:
      return { object: (await import('./protobuf/decode.ts')).decodeProtobuf(body), text: null }
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      )
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`)
  }
}

function parseJsonObject(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (!isObject(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  return value
}

/** The YAML library is large: it is loaded with the first body that needs it. */
export async function parseYamlObject(text: string): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  if (!isObject(value)) throw badRequest('error decoding YAML: the document is not an object')
  return value
}
