/** Image references as containers' specs write them, as distribution/reference. */
export interface ImageReference {
  /** As a pull names it: `docker.io/library/nginx:1.25`. */
  canonical: string
  /** Without domain docker.io and library/, as image lists are written here: `nginx`, `quay.io/metallb/speaker`. */
  familiar: string
  /** `docker.io/library/nginx`. */
  repository: string
  tag: string
  digest: string | null
}

const PATH = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const DOMAIN = /^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(:[0-9]+)?$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/

/** null: no reference; the kubelet says InvalidImageName. */
export function parseImageReference(text: string): ImageReference | null {
  const at = text.indexOf('@')
  const digest = at < 0 ? null : text.slice(at + 1)
  let name = at < 0 ? text : text.slice(0, at)
  if (digest !== null && !DIGEST.test(digest)) return null
  const colon = name.lastIndexOf(':')
  let tag = digest === null ? 'latest' : ''
  if (colon > name.lastIndexOf('/')) {
    tag = name.slice(colon + 1)
    name = name.slice(0, colon)
    if (!TAG.test(tag)) return null
  }
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasDomain = first.includes('.') || first.includes(':') || first === 'localhost' || first.toLowerCase() !== first
  const domain = hasDomain ? first : 'docker.io'
  let path = hasDomain ? name.slice(slash + 1) : name
  if (!DOMAIN.test(domain) || !PATH.test(path)) return null
  const familiar = domain === 'docker.io' ? path.replace(/^library\//, '') : `${domain}/${path}`
  if (domain === 'docker.io' && !path.includes('/')) path = `library/${path}`
  const repository = `${domain}/${path}`
  return { canonical: `${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`, familiar, repository, tag, digest }
}
