/** Resources that are created to ask a question and are never stored: who am I, may I. The lab's only user is the cluster's administrator. */
import { createHash } from 'node:crypto'
import type { LabContext } from '../context.ts'
import { minorVersion } from '../machinery/context.ts'
import { certificateAuthority } from '../machinery/root-ca.ts'
import { isObject } from '../store/objects.ts'
import { decodeBody } from './body.ts'
import { readBody, sendJson, type Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { checkKind } from './verbs/create.ts'

type Answer = (spec: Record<string, unknown>, exchange: Exchange) => object

const ADMINISTRATOR = 'kubernetes-admin'
const RULE = 'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"'

/** From 1.29 on kubeadm binds its administrator's rights to a group; before, and without kubeadm, the group is one that no rule is asked for. */
function isBound({ preset, settings }: LabContext): boolean {
  return preset.installer === 'kubeadm' && minorVersion(settings) >= 29
}

/** The administrator as the server would know him by his certificate. The lab asks for none: what it names is the fingerprint of the name alone. */
function userOf(lab: LabContext): object {
  const fingerprint = createHash('sha256').update(certificateAuthority()).update(ADMINISTRATOR).digest('hex')
  return {
    username: ADMINISTRATOR,
    groups: [isBound(lab) ? 'kubeadm:cluster-admins' : 'system:masters', 'system:authenticated'],
    ...(minorVersion(lab.settings) >= 32 ? { extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] } } : {}),
  }
}

function allowed(lab: LabContext): object {
  return { allowed: true, ...(isBound(lab) ? { reason: RULE } : {}) }
}

/** Anybody but the administrator has no rights here: the lab has no authorizer. */
function mayUser(spec: Record<string, unknown>, { lab }: Exchange): object {
  const groups = Array.isArray(spec.groups) ? spec.groups : []
  const isAdministrator = spec.user === ADMINISTRATOR || groups.includes('system:masters') || groups.includes('kubeadm:cluster-admins')
  return isAdministrator ? allowed(lab) : { allowed: false }
}

/** The status of each kind's answer. */
const ANSWERS: Record<string, Answer> = {
  SelfSubjectAccessReview: (_, { lab }) => allowed(lab),
  SubjectAccessReview: mayUser,
  LocalSubjectAccessReview: mayUser,
  SelfSubjectRulesReview: () => ({
    resourceRules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
    nonResourceRules: [
      { verbs: ['*'], nonResourceURLs: ['*'] },
      { verbs: ['get'], nonResourceURLs: DISCOVERY_URLS },
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
    ],
    incomplete: false,
  }),
  SelfSubjectReview: (_, { lab }) => ({ userInfo: userOf(lab) }),
  TokenReview: () => ({ authenticated: false, user: {} }),
}

/** As the cluster roles system:discovery and system:public-info-viewer name them. */
const DISCOVERY_URLS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
]

export function isReview(target: Target): boolean {
  return target.definition.group.startsWith('auth') && target.definition.kind in ANSWERS
}

/** Answers a review that was created: what was asked, and the status. */
export async function createReview(exchange: Exchange, target: Target): Promise<void> {
  const { object } = await decodeBody(await readBody(exchange.request), exchange.request.headers['content-type'], target.definition.kind)
  const { metadata, spec } = checkKind(exchange, target, object)
  const status = (ANSWERS[target.definition.kind] as Answer)(isObject(spec) ? spec : {}, exchange)
  sendJson(exchange, 201, { kind: target.definition.kind, apiVersion: target.apiVersion, metadata, ...(spec ? { spec } : {}), status })
}
