/** Request bodies: JSON, YAML or protobuf to a plain object. */
import { ApiError, badRequest } from '../store/api-error.ts'
import { isObject } from '../store/objects.ts'
import { goSyntaxError, isTooDeep, MAX_DEPTH } from '../resources/kit/go-json.ts'

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

/** The most of a body that an error quotes. */
const QUOTED = 30

/** As summarizeData of apiserver's rest.go. */
function summary(body: Buffer): string {
  if (body.length === 0) return '<empty>'
  const part = body.subarray(0, QUOTED)
  return `${body[0] === 0x7b ? part.toString() : part.toString('hex')}${body.length > QUOTED ? ' ...' : ''}`
}

/** What the server says of a body of which it cannot tell what it is (transformDecodeError of apiserver's rest.go). */
function unrecognized(kind: string, body: Buffer, why: string): ApiError {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`)
}

/**
 * The body of a create, update or delete as an object. `kind` is what it has to be, for the words of errors (null: they say no more than what is wrong); whether it is that is not looked at here.
 * Throws BadRequest or 415 with the server's words.
 */
export async function decodeBody(
  body: Buffer,
  contentType: string | undefined,
  kind: string | null,
  defaults: { apiVersion: string; kind: string } | null = null,
): Promise<DecodedBody> {
  const type = mediaType(contentType)
  const refuse = (why: string): never => {
    throw kind === null ? badRequest(why) : unrecognized(kind, body, why)
  }
  switch (type) {
    case 'application/json': {
      const text = body.toString('utf8')
      return { object: typed(parseBody(body, text, refuse), refuse), text }
    }
    case 'application/yaml':
      return { object: typed(await parseYaml(body.toString('utf8'), refuse), refuse), text: null }
    case PROTOBUF:
      return { object: (await import('./protobuf/decode.ts')).decodeProtobuf(body, defaults, refuse), text: null }
    default:
      throw new ApiError(
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      )
  }
}

function parseBody(body: Buffer, text: string, refuse: (why: string) => never): unknown {
  const value = parseGoJson(body, text)
  return value.error === null ? value.value : refuse(`couldn't get version/kind; json parse error: ${value.error}`)
}

/** JSON as Go reads it: its words for what is none, and no deeper than it reads. `text` is the body's. */
export function parseGoJson(body: Buffer, text = body.toString('utf8')): { value: unknown; error: null } | { error: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (problem) {
    return { error: goSyntaxError(body) ?? (problem as Error).message }
  }
  // JavaScript reads any depth; a text that is short cannot be deep
  const error = body.length > MAX_DEPTH && isTooDeep(value) ? goSyntaxError(body) : null
  return error === null ? { value, error } : { error }
}

/** As the version and the kind are read before all else (apimachinery's SimpleMetaFactory). */
function typed(value: unknown, refuse: (why: string) => never): Record<string, unknown> {
  const wrong = (is: unknown, into: string): never =>
    refuse(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(is)} into Go ${into}`)
  if (value === null) return {}
  if (!isObject(value)) {
    return wrong(
      value,
      'value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    )
  }
  for (const field of ['apiVersion', 'kind']) {
    const given = value[field]
    if (given === null) delete value[field]
    else if (given !== undefined && typeof given !== 'string') wrong(given, `struct field .${field} of type string`)
  }
  const { apiVersion } = value
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) refuse(`unexpected GroupVersion string: ${apiVersion}`)
  return value
}

/** What encoding/json calls the type of a value. */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

async function parseYaml(text: string, refuse: (why: string) => never): Promise<unknown> {
  // the YAML library is large: it is loaded with the first body that needs it
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    if (error instanceof RangeError) return refuse(TOO_DEEP)
    const { code, message } = error as { code?: string; message: string }
    refuse(`error converting YAML to JSON: yaml: ${YAML_WORDS[code ?? ''] ?? (message.split('\n')[0] as string)}`)
  }
  if (isTooDeep(value)) refuse(containsItself(value) ? 'error converting YAML to JSON: yaml: an anchor value contains itself' : TOO_DEEP)
  return value
}

const TOO_DEEP = 'error converting YAML to JSON: yaml: exceeded max depth'

/** What Go's library says of what ours finds. */
const YAML_WORDS: Record<string, string> = { BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context' }

function containsItself(value: unknown, around: ReadonlySet<unknown> = new Set()): boolean {
  if (value === null || typeof value !== 'object') return false
  if (around.has(value)) return true
  const inside = new Set([...around, value])
  return Object.values(value).some((member) => containsItself(member, inside))
}

/** The configuration of a server-side apply. Throws BadRequest. */
export async function parseYamlObject(text: string): Promise<Record<string, unknown>> {
  const refuse = (why: string): never => {
    throw badRequest(`error decoding YAML: ${why}`)
  }
  const value = await parseYaml(text, refuse)
  if (value === null || value === undefined) return {}
  return isObject(value)
    ? value
    : refuse(
        `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`,
      )
}
