/** What a request is about, read from its path, as in apiserver's endpoints/request/requestinfo.go. */

export interface RequestInfo {
  group: string
  version: string
  /** null: all namespaces, or none. */
  namespace: string | null
  /** The plural as the path names it. */
  resource: string
  name: string | null
  subresource: string | null
  /** What follows the subresource (proxy paths). */
  rest: string[]
}

/** `/api/v1/...` and `/apis/GROUP/VERSION/...` with a resource in it; null for every other path. */
export function parseResourcePath(path: string): RequestInfo | null {
  let parts: string[]
  try {
    parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent)
  } catch {
    return null
  }
  let group = ''
  if (parts[0] === 'apis') {
    group = parts[1] ?? ''
    parts = parts.slice(2)
    if (group === '') return null
  } else if (parts[0] === 'api') parts = parts.slice(1)
  else return null
  const [version, ...tail] = parts
  if (version === undefined || tail.length === 0) return null
  let namespace: string | null = null
  let rest = tail
  if (tail[0] === 'namespaces' && tail.length > 2 && !(tail.length === 3 && NAMESPACE_SUBRESOURCES.has(tail[2] as string))) {
    namespace = tail[1] as string
    rest = tail.slice(2)
  }
  const [resource, name, subresource, ...more] = rest
  return { group, version, namespace, resource: resource as string, name: name ?? null, subresource: subresource ?? null, rest: more }
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])
