/** Resources that are created to ask a question and are never stored: who am I, may I. The lab's only user is kubeadm's administrator. */
import { isObject } from '../store/objects.ts'
import { decodeBody } from './body.ts'
import { readBody, sendJson, type Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { checkKind } from './verbs/create.ts'

type Answer = (spec: Record<string, unknown>, exchange: Exchange) => object

const USER = { username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] }
const RULE = 'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"'

/** Anybody but the administrator has no rights here: the lab has no authorizer. */
function mayUser(spec: Record<string, unknown>): object {
  const groups = Array.isArray(spec.groups) ? spec.groups : []
  const isAdministrator = spec.user === USER.username || groups.includes('system:masters') || groups.includes('kubeadm:cluster-admins')
  return isAdministrator ? { allowed: true, reason: RULE } : { allowed: false }
}

/** The status of each kind's answer. */
const ANSWERS: Record<string, Answer> = {
  SelfSubjectAccessReview: () => ({ allowed: true, reason: RULE }),
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
  SelfSubjectReview: () => ({ userInfo: USER }),
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
  const { object } = await decodeBody(await readBody(exchange.request), exchange.request.headers['content-type'])
  const { metadata, spec } = checkKind(target, object)
  const status = (ANSWERS[target.definition.kind] as Answer)(isObject(spec) ? spec : {}, exchange)
  sendJson(exchange, 201, { kind: target.definition.kind, apiVersion: target.apiVersion, metadata, ...(spec ? { spec } : {}), status })
}
