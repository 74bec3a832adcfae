/** ListOptions of a query, checked as apimachinery's ValidateListOptions does. */
import { ApiError, badRequest } from '../store/api-error.ts'

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

function flag(value: string | null): boolean {
  return value === 'true' || value === '1' || value === 't' || value === 'T' || value === 'TRUE' || value === 'True' || value === ''
}

function integer(name: string, value: string | null): number | null {
  if (value === null || value === '') return null
  if (!/^-?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  return Number(value)
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

/** A resourceVersion as a number. Throws what storage.ParseResourceVersion gives. */
export function parseRevision(text: string): number {
  if (!/^\d+$/.test(text)) {
    const quoted = JSON.stringify(text)
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
    )
  }
  return Number(text)
}

export function listOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    watch: query.has('watch') && flag(query.get('watch')),
    resourceVersion: query.get('resourceVersion') || null,
    resourceVersionMatch: query.get('resourceVersionMatch') || null,
    allowWatchBookmarks: query.has('allowWatchBookmarks') && flag(query.get('allowWatchBookmarks')),
    sendInitialEvents: query.has('sendInitialEvents') ? flag(query.get('sendInitialEvents')) : null,
    timeoutSeconds: integer('timeoutSeconds', query.get('timeoutSeconds')),
    limit: integer('limit', query.get('limit')) ?? 0,
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
  } else {
    if (sendInitialEvents !== null) lines.push('sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list')
    if (match !== null) {
      if (resourceVersion === null) {
        lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
      }
      if (options.continue) lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided')
      if (match !== 'Exact' && match !== 'NotOlderThan') {
        lines.push(`resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`)
      } else if (match === 'Exact' && resourceVersion === '0') {
        lines.push('resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
      }
    }
  }
  if (lines.length > 0) throw invalidOptions(lines)
}
