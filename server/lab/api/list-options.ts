/** ListOptions of a query, checked as apimachinery's ValidateListOptions does. */
import { ApiError } from '../store/api-error.ts'
import { goQuote, parseFlag, parseInteger } from './go-words.ts'

export interface ListOptions {
  watch: boolean
  resourceVersion: string | null
  resourceVersionMatch: string | null
  allowWatchBookmarks: boolean
  sendInitialEvents: boolean | null
  timeoutSeconds: number | null
  limit: number
  continue: string | null
}

function invalidOptions(lines: string[]): ApiError {
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  return new ApiError(422, 'Invalid', `ListOptions.meta.k8s.io "" is invalid: ${list}`, {
    group: 'meta.k8s.io',
    kind: 'ListOptions',
    causes: lines.map((line) => ({
      reason: line.includes('Forbidden') ? 'FieldValueForbidden' : 'FieldValueInvalid',
      message: line.slice(line.indexOf(':') + 2),
      field: line.slice(0, line.indexOf(':')),
    })),
  })
}

/** A resourceVersion as a number. Throws BadRequest with the server's words (which it says with a 500 where it is not a list's). */
export function parseRevision(text: string, isList = false): number {
  if (!/^\d+$/.test(text)) {
    throw new ApiError(
      400,
      isList ? 'BadRequest' : 'Invalid',
      `${isList ? 'invalid resource version: ' : ''}resourceVersion: Invalid value: ${goQuote(text)}: strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`,
    )
  }
  return Number(text)
}

export function listOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    watch: parseFlag(query, 'watch'),
    resourceVersion: query.get('resourceVersion') || null,
    resourceVersionMatch: query.get('resourceVersionMatch') || null,
    allowWatchBookmarks: parseFlag(query, 'allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents') ? parseFlag(query, 'sendInitialEvents') : null,
    timeoutSeconds: parseInteger(query, 'timeoutSeconds'),
    limit: parseInteger(query, 'limit') ?? 0,
    continue: query.get('continue') || null,
  }
  validate(options)
  return options
}

function validate(options: ListOptions): void {
  const { watch, resourceVersionMatch: match, resourceVersion, sendInitialEvents } = options
  const lines: string[] = []
  if (watch) {
    if (sendInitialEvents !== null && match !== 'NotOlderThan') {
      lines.push('resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    }
    if (match !== null && sendInitialEvents === null) {
      lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    }
    if (match !== null && match !== 'NotOlderThan') {
      lines.push(`resourceVersionMatch: Unsupported value: ${goQuote(match)}: supported values: "NotOlderThan"`)
    }
    if (match !== null && options.continue) {
      lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided')
    }
  } else {
    if (sendInitialEvents !== null) lines.push('sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list')
    if (match !== null) {
      if (resourceVersion === null) {
        lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
      }
      if (options.continue) lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided')
      if (match !== 'Exact' && match !== 'NotOlderThan') {
        lines.push(`resourceVersionMatch: Unsupported value: ${goQuote(match)}: supported values: "Exact", "NotOlderThan", ""`)
      } else if (match === 'Exact' && resourceVersion === '0') {
        lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
      }
    }
  }
  if (lines.length > 0) throw invalidOptions(lines)
}
