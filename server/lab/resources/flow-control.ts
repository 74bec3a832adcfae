/** How the API server shares itself out among its clients. The lab stores the objects; it has one queue. */
import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { AGE, column, NAME } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { checkMaybeOneOf } from './kit/checks.ts'
import { required } from './kit/field-errors.ts'
import { minorVersion } from './kit/version.ts'

const group = 'flowcontrol.apiserver.k8s.io'

const queuing =
  (key: string) =>
  ({ spec }: KubeObject): number | string =>
    spec?.limited?.limitResponse?.queuing?.[key] ?? '<none>'

export function flowControl(settings: ClusterSettings): ResourceDefinition[] {
  const minor = minorVersion(settings)
  const version = minor >= 29 ? 'v1' : 'v1beta1'
  const [sharesName, shares] =
    minor >= 26 ? ['NominalConcurrencyShares', 'nominalConcurrencyShares'] : ['AssuredConcurrencyShares', 'assuredConcurrencyShares']
  const common = { group, version, namespaced: false, subresources: ['status'], hasGeneration: true }
  return [
    defineResource({
      ...common,
      kind: 'FlowSchema',
      columns: {
        all: [
          NAME,
          column('PriorityLevel', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
          column('MatchingPrecedence', ({ spec }) => spec?.matchingPrecedence ?? 0),
          column('DistinguisherMethod', ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>'),
          AGE,
          column(
            'MissingPL',
            ({ status }) => (status?.conditions ?? []).find((each: { type: string }) => each.type === 'Dangling')?.status ?? '?',
          ),
        ],
      },
      strategy: {
        validate: ({ spec }) =>
          spec?.priorityLevelConfiguration?.name
            ? []
            : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')],
        setDefaults(schema) {
          const spec = (schema['spec'] ??= {})
          spec.matchingPrecedence ||= 1000
        },
      },
    }),
    defineResource({
      ...common,
      kind: 'PriorityLevelConfiguration',
      columns: [
        column('Type', ({ spec }) => spec?.type ?? ''),
        column(sharesName as string, ({ spec }) => spec?.limited?.[shares as string] ?? '<none>'),
        column('Queues', queuing('queues')),
        column('HandSize', queuing('handSize')),
        column('QueueLengthLimit', queuing('queueLengthLimit')),
      ],
      strategy: { validate: ({ spec }) => checkMaybeOneOf(spec?.type ?? '', ['Exempt', 'Limited'], 'spec.type') },
    }),
  ]
}
