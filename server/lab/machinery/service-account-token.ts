/** Tokens of service accounts. They have the claims of real ones, and no signature: the lab takes every token that it could have issued. */
import type { KubeObject } from '../resources/definition.ts'

const ISSUER = 'https://kubernetes.default.svc.cluster.local'
const SIGNATURE = Buffer.from('a lab signs nothing').toString('base64url')

export interface TokenRequest {
  audiences?: string[]
  /** Seconds from now on; absent for the tokens that stand in Secrets. */
  lasts?: number
  /** Kind, name and uid of what the token is bound to. */
  bound?: { kind: string; name: string; uid: string }
}

export const DEFAULT_AUDIENCE = ISSUER

/** `now` in seconds since the epoch. */
export function serviceAccountToken(account: KubeObject, now: number, { audiences, lasts, bound }: TokenRequest): string {
  const { name, namespace, uid } = account.metadata
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const sub = `system:serviceaccount:${namespace}:${name}`
  const reference = bound ? { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } } : {}
  const claims =
    lasts === undefined
      ? {
          iss: 'kubernetes/serviceaccount',
          'kubernetes.io/serviceaccount/namespace': namespace,
          'kubernetes.io/serviceaccount/secret.name': bound?.name ?? '',
          'kubernetes.io/serviceaccount/service-account.name': name,
          'kubernetes.io/serviceaccount/service-account.uid': uid,
          sub,
        }
      : {
          aud: audiences ?? [DEFAULT_AUDIENCE],
          exp: now + lasts,
          iat: now,
          iss: ISSUER,
          'kubernetes.io': { namespace, ...reference, serviceaccount: { name, uid } },
          nbf: now,
          sub,
        }
  return [part({ alg: 'RS256', kid: 'lab' }), part(claims), SIGNATURE].join('.')
}

export interface TokenAccount {
  namespace: string
  name: string
  uid: string
  /** Seconds since the epoch; Infinity for the tokens that stand in Secrets. */
  expires: number
}

/** The account that a token names, or null where the lab has not issued it. */
export function accountOfToken(token: string): TokenAccount | null {
  const [, body, signature] = token.split('.')
  if (signature !== SIGNATURE || !body) return null
  try {
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    const { namespace, serviceaccount } = claims['kubernetes.io'] ?? {}
    if (serviceaccount) return { namespace, name: serviceaccount.name, uid: serviceaccount.uid, expires: claims.exp }
    const old = 'kubernetes.io/serviceaccount/'
    return {
      namespace: claims[`${old}namespace`],
      name: claims[`${old}service-account.name`],
      uid: claims[`${old}service-account.uid`],
      expires: Infinity,
    }
  } catch {
    return null
  }
}
