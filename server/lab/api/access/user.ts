/** Who makes a request. Without credentials it is the cluster's administrator, who may be somebody else for a while (kubectl --as). */
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { LabContext } from '../../context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { certificateAuthority } from '../../machinery/root-ca.ts'
import { accountOfToken } from '../../machinery/service-account-token.ts'
import { ApiError } from '../../store/api-error.ts'

export interface User {
  username: string
  groups: string[]
  uid?: string
  extra?: Record<string, string[]>
}

const ADMINISTRATOR = 'kubernetes-admin'
const AUTHENTICATED = 'system:authenticated'
const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/

/** From 1.29 on kubeadm binds its administrator's rights to a group; before, and without kubeadm, the group is one that no rule is asked for. */
function isBound({ preset, settings }: LabContext): boolean {
  return preset.installer === 'kubeadm' && minorVersion(settings) >= 29
}

/** The administrator as the server would know him by his certificate. The lab asks for none: what it names is the fingerprint of the name alone. */
function administrator(lab: LabContext): User {
  const fingerprint = createHash('sha256').update(certificateAuthority()).update(ADMINISTRATOR).digest('hex')
  return {
    username: ADMINISTRATOR,
    groups: [isBound(lab) ? 'kubeadm:cluster-admins' : 'system:masters', AUTHENTICATED],
    ...(minorVersion(lab.settings) >= 32 ? { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] } } : {}),
  }
}

/** The groups that a service account is in by its name. */
function accountGroups(username: string): string[] {
  const match = ACCOUNT.exec(username)
  return match ? ['system:serviceaccounts', `system:serviceaccounts:${match[1]}`] : []
}

const list = (value: string | string[] | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value])

/** Who a request comes from by its credentials alone. Throws 401 for a token that is none of the cluster's. */
function authenticated(lab: LabContext, headers: IncomingHttpHeaders): User {
  const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (token === undefined) return administrator(lab)
  const account = accountOfToken(token)
  const stored = account ? lab.store.get('serviceaccounts', account.namespace, account.name) : undefined
  if (!account || stored?.metadata.uid !== account.uid || account.expires * 1000 < lab.clock.now()) {
    throw new ApiError(401, 'Unauthorized', 'Unauthorized')
  }
  const username = `system:serviceaccount:${account.namespace}:${account.name}`
  return { username, uid: account.uid, groups: [...accountGroups(username), AUTHENTICATED] }
}

export interface Requester {
  user: User
  /** Who asks to be that user, where it is somebody else. */
  impersonator?: User
}

/** As the filters authentication and impersonation. `rawHeaders` has what Node joins: a group to a header. */
export function requesterOf(lab: LabContext, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): Requester {
  const real = authenticated(lab, headers)
  const username = list(headers['impersonate-user'])[0]
  const every = (name: string): string[] =>
    rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
  const groups = every('impersonate-group')
  if (username === undefined) {
    if (groups.length === 0) return { user: real }
    throw new ApiError(
      500,
      'InternalError',
      `Internal error occurred: requested [{Group  ${groups[0]}  authentication.k8s.io/v1  }] without impersonating a user`,
      { causes: [{ message: `requested [{Group  ${groups[0]}  authentication.k8s.io/v1  }] without impersonating a user` }] },
    )
  }
  const given = groups.length > 0 ? groups : accountGroups(username)
  const added =
    username === 'system:anonymous' || given.includes('system:unauthenticated') || given.includes(AUTHENTICATED) ? [] : [AUTHENTICATED]
  const uid = list(headers['impersonate-uid'])[0]
  const extra = Object.fromEntries(
    Object.keys(headers)
      .filter((name) => name.startsWith('impersonate-extra-'))
      .map((name) => [decodeURIComponent(name.slice('impersonate-extra-'.length)), every(name)]),
  )
  return {
    user: { username, groups: [...given, ...added], ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) },
    impersonator: real,
  }
}
