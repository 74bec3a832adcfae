/** Where a list goes on: the token that a client gets with a page and sends for the next (apiserver's storage/continue.go). */
import { ApiError, badRequest } from '../store/api-error.ts'
import { goSyntaxError } from '../resources/kit/go-json.ts'

export interface ContinueToken {
  /** The revision of the first page, which all pages are of; null: of now, because that one is compacted. */
  revision: number | null
  /** The key of the last object before. */
  after: string
}

const VERSION = 'meta.k8s.io/v1'
/** Ends the key of an object that was shown already: the next one is behind it. */
const BEHIND = '\0'

export function encodeToken({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision ?? -1, start: `${after}${BEHIND}` })).toString('base64url')
}

function notValid(why: string): ApiError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`)
}

/** Throws BadRequest with the server's words. */
export function decodeToken(text: string): ContinueToken {
  const wrong = text.search(/[^A-Za-z0-9_-]/)
  if (wrong >= 0 || text.length % 4 === 1) throw notValid(`illegal base64 data at input byte ${wrong >= 0 ? wrong : text.length - 1}`)
  const json = Buffer.from(text, 'base64url')
  const problem = goSyntaxError(json)
  if (problem !== null) throw notValid(problem)
  const token: unknown = JSON.parse(json.toString())
  const { v, rv, start } = (Object(token) ?? {}) as { v?: unknown; rv?: unknown; start?: unknown }
  if (v !== VERSION) throw notValid(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`)
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw notValid(`incorrect encoded start resourceVersion (version ${VERSION})`)
  if (typeof start !== 'string' || start === '') throw notValid(`encoded start key empty (version ${VERSION})`)
  if (start.split('/').some((part) => part === '..' || part === '.')) throw notValid(start)
  return { revision: rv < 0 ? null : rv, after: start.endsWith(BEHIND) ? start.slice(0, -1) : start }
}

const INCONSISTENT =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** The list that a token goes on with is compacted: what is left of it can be had as it is now (handleCompactedErrorForPaging of etcd3/errors.go). */
export function expiredToken({ after }: ContinueToken): ApiError {
  return new ApiError(410, 'Expired', INCONSISTENT, undefined, { continue: encodeToken({ revision: null, after }) })
}
