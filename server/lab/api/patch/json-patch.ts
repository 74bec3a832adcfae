/** JSON patch (RFC 6902), with the words of the server's library (evanphx/json-patch). */
import { ApiError, badRequest } from '../../store/api-error.ts'
import { copy, equal, isObject } from '../../store/objects.ts'
import { jsonType } from '../body.ts'

interface Operation {
  op: string
  path: string
  from?: string
  value?: unknown
}

/** Most bytes that the copies of one patch may add up to (JSONPatchMaxCopyBytes of the server's configuration): each may double what there is. */
const MAX_COPIED = 3 * 1024 * 1024

/** Most operations in one patch that the server takes. */
const MAX_OPERATIONS = 10_000

/** The server keeps its library's words to itself (NewGenericServerResponse of a 422); they say here which case it is. */
function unprocessable(_why: string): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

function segments(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/')) throw unprocessable(`unable to parse JSON pointer ${path}`)
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
}

function container(document: unknown, parts: string[], operation: Operation): { parent: Record<string, unknown> | unknown[]; key: string } {
  let parent = document
  for (const part of parts.slice(0, -1)) {
    parent = Array.isArray(parent) ? parent[Number(part)] : isObject(parent) && Object.hasOwn(parent, part) ? parent[part] : undefined
  }
  if (!Array.isArray(parent) && !isObject(parent)) {
    throw unprocessable(`${operation.op} operation does not apply: doc is missing path: "${operation.path}": missing value`)
  }
  return { parent, key: parts.at(-1) as string }
}

function read(document: unknown, path: string, operation: Operation): unknown {
  const parts = segments(path)
  if (parts.length === 0) return document
  const { parent, key } = container(document, parts, operation)
  const value = Array.isArray(parent) ? parent[index(parent, key, operation)] : Object.hasOwn(parent, key) ? parent[key] : undefined
  if (value === undefined) throw unprocessable(`${operation.op} operation does not apply: doc is missing key: ${path}: missing value`)
  return value
}

function index(list: unknown[], key: string, operation: Operation, end = list.length - 1): number {
  const at = Number(key)
  if (!/^-?\d+$/.test(key))
    throw unprocessable(`${operation.op} operation does not apply: strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`)
  const position = at < 0 ? list.length + at : at
  if (position < 0 || position > end) {
    throw unprocessable(
      `${operation.op} operation does not apply: doc is missing path: "${operation.path}": Unable to access invalid index: ${key}: invalid index referenced`,
    )
  }
  return position
}

function add(document: unknown, path: string, value: unknown, operation: Operation): unknown {
  const parts = segments(path)
  if (parts.length === 0) return value
  const { parent, key } = container(document, parts, operation)
  if (Array.isArray(parent)) {
    if (key === '-') parent.push(value)
    else parent.splice(index(parent, key, operation, parent.length), 0, value)
  } else Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true })
  return document
}

function remove(document: unknown, path: string, operation: Operation): void {
  const parts = segments(path)
  if (parts.length === 0) throw unprocessable('remove operation does not apply: the whole document cannot be removed')
  const { parent, key } = container(document, parts, operation)
  if (Array.isArray(parent)) parent.splice(index(parent, key, operation), 1)
  else if (!Object.hasOwn(parent, key)) {
    throw unprocessable(`${operation.op} operation does not apply: doc is missing key: ${path}: missing value`)
  } else delete parent[key]
}

function applyOne(document: unknown, operation: Operation, copies: { bytes: number }): unknown {
  const { op, path, value, from } = operation
  switch (op) {
    case 'add':
      return add(document, path, copy(value), operation)
    case 'remove':
      remove(document, path, operation)
      return document
    case 'replace': {
      // a member that is not there is added: the library looks for its container alone
      const parts = segments(path)
      if (parts.length === 0) return copy(value)
      const { parent, key } = container(document, parts, operation)
      if (!Array.isArray(parent)) return add(document, path, copy(value), operation)
      parent[index(parent, key, operation)] = copy(value)
      return document
    }
    case 'move': {
      if (from === undefined) throw unprocessable('move operation failed to decode from: operation, missing from field: missing value')
      const moved = read(document, from, operation)
      remove(document, from, operation)
      return add(document, path, moved, operation)
    }
    case 'copy': {
      if (from === undefined) throw unprocessable('copy operation failed to decode from: operation, missing from field: missing value')
      const copied = read(document, from, operation)
      copies.bytes += JSON.stringify(copied).length
      if (copies.bytes > MAX_COPIED)
        throw unprocessable(`Unable to complete the copy, the accumulated size increase of copy is ${copies.bytes}`)
      return add(document, path, copy(copied), operation)
    }
    case 'test': {
      let found: unknown
      try {
        found = read(document, path, operation)
      } catch {
        found = null
      }
      if (!equal(found ?? null, value ?? null)) throw unprocessable(`testing value ${path} failed: test failed`)
      return document
    }
    default:
      throw unprocessable(`Unexpected kind: ${op}`)
  }
}

function undecodable(value: unknown, into: string): ApiError {
  return badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(value)} into Go ${into}`)
}

/** The document after the patch, which is a list of operations. Throws BadRequest or 422. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw undecodable(patch, 'value of type []handlers.jsonPatchOp')
  if (patch.length > MAX_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  let result = copy(document)
  const copies = { bytes: 0 }
  for (const operation of patch) {
    if (!isObject(operation)) throw undecodable(operation, 'value of type handlers.jsonPatchOp')
    for (const field of ['op', 'path', 'from']) {
      const given = operation[field]
      if (given !== undefined && typeof given !== 'string') throw undecodable(given, `struct field jsonPatchOp.${field} of type string`)
    }
    if (operation.op === undefined) throw unprocessable('Unexpected kind: unknown')
    if (operation.path === undefined) throw unprocessable('missing path')
    result = applyOne(result, operation as unknown as Operation, copies)
  }
  return result
}
