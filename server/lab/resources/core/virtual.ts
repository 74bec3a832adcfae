/** Kinds that are never stored: answers to a question, or views of something else. */
import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { column, NAME } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { minorVersion } from '../kit/version.ts'

export function bindings(): ResourceDefinition {
  return defineResource({ kind: 'Binding', verbs: ['create'] })
}

const healthy = ({ conditions }: KubeObject) => (conditions ?? []).find((each: { type: string }) => each.type === 'Healthy')

export function componentStatuses(): ResourceDefinition {
  return defineResource({
    kind: 'ComponentStatus',
    plural: 'componentstatuses',
    shortNames: ['cs'],
    namespaced: false,
    verbs: ['get', 'list'],
    columns: {
      all: [
        NAME,
        column('Status', (object) => {
          const condition = healthy(object)
          return condition === undefined ? 'Unknown' : condition.status === 'True' ? 'Healthy' : 'Unhealthy'
        }),
        column('Message', (object) => healthy(object)?.message ?? ''),
        column('Error', (object) => healthy(object)?.error ?? ''),
      ],
    },
  })
}

/** Questions about who one is. */
export function authentication(settings: ClusterSettings): ResourceDefinition[] {
  const group = 'authentication.k8s.io'
  const review = { group, namespaced: false, verbs: ['create'] }
  return [
    ...(minorVersion(settings) >= 28 ? [defineResource({ ...review, kind: 'SelfSubjectReview' })] : []),
    defineResource({ ...review, kind: 'TokenReview', ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}) }),
  ]
}

/** Questions about what one may do. */
export function authorization(settings: ClusterSettings): ResourceDefinition[] {
  const kinds = ['LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview']
  return kinds.map((kind) =>
    defineResource({
      group: 'authorization.k8s.io',
      kind,
      namespaced: kind.startsWith('Local'),
      verbs: ['create'],
      ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
    }),
  )
}
