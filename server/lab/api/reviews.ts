/** Resources that are created to ask a question and are never stored: who am I, may I. The lab's only user is kubeadm's administrator. */
import type { Exchange } from './exchange.ts'
import { isObject } from '../store/objects.ts'

export interface VirtualResource {
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  namespaced: boolean
  /** The status of the answer. */
  answer(spec: Record<string, unknown>, exchange: Exchange): object
}

const USER = { username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] }
const RULE = 'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"'

function review(
  group: string,
  kind: string,
  answer: VirtualResource['answer'],
  { namespaced = false, version = 'v1' }: { namespaced?: boolean; version?: string } = {},
): VirtualResource {
  const singular = kind.toLowerCase()
  return { group, version, kind, singular, plural: `${singular}s`, namespaced, answer }
}

const AUTHORIZATION = 'authorization.k8s.io'
const AUTHENTICATION = 'authentication.k8s.io'

/** Anybody but the administrator has no rights here: the lab has no authorizer. */
function mayUser(spec: Record<string, unknown>): object {
  const groups = Array.isArray(spec.groups) ? spec.groups : []
  const isAdministrator = spec.user === USER.username || groups.includes('system:masters') || groups.includes('kubeadm:cluster-admins')
  return isAdministrator ? { allowed: true, reason: RULE } : { allowed: false }
}

export const REVIEWS: readonly VirtualResource[] = [
  review(AUTHORIZATION, 'SelfSubjectAccessReview', () => ({ allowed: true, reason: RULE })),
  review(AUTHORIZATION, 'SubjectAccessReview', mayUser),
  review(AUTHORIZATION, 'LocalSubjectAccessReview', mayUser, { namespaced: true }),
  review(AUTHORIZATION, 'SelfSubjectRulesReview', () => ({
    resourceRules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ],
    nonResourceRules: [
      { verbs: ['*'], nonResourceURLs: ['*'] },
      {
        verbs: ['get'],
        nonResourceURLs: [
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
        ],
      },
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
    ],
    incomplete: false,
  })),
  review(AUTHENTICATION, 'SelfSubjectReview', () => ({ userInfo: USER })),
  review(AUTHENTICATION, 'TokenReview', () => ({ authenticated: false, user: {} })),
]

/** The stored form of a review: what was asked, and the answer. */
export function answerReview(resource: VirtualResource, body: Record<string, unknown>, exchange: Exchange): object {
  const spec = isObject(body.spec) ? body.spec : undefined
  return {
    kind: resource.kind,
    apiVersion: `${resource.group}/${resource.version}`,
    metadata: { ...(isObject(body.metadata) ? body.metadata : {}) },
    ...(spec ? { spec } : {}),
    status: resource.answer(spec ?? {}, exchange),
  }
}
