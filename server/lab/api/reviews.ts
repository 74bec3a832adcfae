/** Resources that are created to ask a question and are never stored: who am I, may I. */
import type { LabContext } from '../context.ts'
import { isObject } from '../store/objects.ts'
import { timestamp } from '../store/rules.ts'
import { authorize, grantsFor, type Attributes, type Decision } from './access/rbac.ts'
import { requesterOf, type User } from './access/user.ts'
import { decodeBody } from './body.ts'
import { readBody, sendJson, type Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { checkKind } from './verbs/create.ts'

type Spec = Record<string, unknown>
type Answer = (spec: Spec, exchange: Exchange, target: Target) => object

function asking({ lab, request }: Exchange): User {
  return requesterOf(lab, request.headers, request.rawHeaders).user
}

function attributesIn(spec: Spec, namespace: string | null): Attributes {
  const path = spec.nonResourceAttributes
  if (isObject(path)) return { verb: String(path.verb ?? ''), path: String(path.path ?? '') }
  const given = isObject(spec.resourceAttributes) ? spec.resourceAttributes : {}
  const text = (key: string): string => String(given[key] ?? '')
  const within = text('namespace') || namespace || ''
  return {
    verb: text('verb'),
    group: text('group'),
    resource: text('resource'),
    ...(text('subresource') ? { subresource: text('subresource') } : {}),
    ...(within ? { namespace: within } : {}),
    ...(text('name') ? { name: text('name') } : {}),
  }
}

function statusOf({ allowed, reason }: Decision): object {
  return { allowed, ...(reason ? { reason } : {}) }
}

function review({ store }: LabContext, user: User, spec: Spec, namespace: string | null): object {
  return statusOf(authorize(store, user, attributesIn(spec, namespace)))
}

function named(spec: Spec): User {
  const groups = Array.isArray(spec.groups) ? spec.groups.map(String) : []
  return { username: String(spec.user ?? ''), groups }
}

/** The rules of all roles that the user has in a namespace. */
const rules: Answer = (spec, exchange) => {
  const { grants } = grantsFor(exchange.lab.store, asking(exchange), String(spec.namespace ?? ''))
  const all = grants.map(({ rule }) => rule)
  return {
    resourceRules: all
      .filter(({ resources }) => resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: all
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}

/** The status of each kind's answer. */
const ANSWERS: Record<string, Answer> = {
  SelfSubjectAccessReview: (spec, exchange) => review(exchange.lab, asking(exchange), spec, null),
  SubjectAccessReview: (spec, { lab }) => review(lab, named(spec), spec, null),
  LocalSubjectAccessReview: (spec, { lab }, { namespace }) => review(lab, named(spec), spec, namespace),
  SelfSubjectRulesReview: rules,
  SelfSubjectReview: (_, exchange) => ({ userInfo: asking(exchange) }),
  TokenReview(spec, { lab }) {
    try {
      const { user } = requesterOf(lab, { authorization: `Bearer ${String(spec.token ?? '')}` }, [])
      return { authenticated: true, user, audiences: ['https://kubernetes.default.svc.cluster.local'] }
    } catch {
      return { user: {}, error: '[invalid bearer token]' }
    }
  },
}

export function isReview(target: Target): boolean {
  return target.definition.group.startsWith('auth') && target.definition.kind in ANSWERS
}

/** Answers a review that was created: what was asked, and the status. */
export async function createReview(exchange: Exchange, target: Target): Promise<void> {
  const { object } = await decodeBody(await readBody(exchange.request), exchange.request.headers['content-type'], target.definition.kind)
  const { metadata, spec } = checkKind(exchange, target, object)
  const { kind } = target.definition
  const status = (ANSWERS[kind] as Answer)(isObject(spec) ? spec : {}, exchange, target)
  // this kind alone is stamped on its way
  const stamped = kind === 'SelfSubjectReview' ? { ...metadata, creationTimestamp: timestamp(exchange.lab.clock.now()) } : metadata
  sendJson(exchange, 201, { kind, apiVersion: target.apiVersion, metadata: stamped, ...(spec ? { spec } : {}), status })
}
