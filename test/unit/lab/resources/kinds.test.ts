import { describe, expect, test } from 'vitest'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import { settings } from './context.ts'

const list = (version: string): string[] =>
  builtinResources(settings(version)).map(({ plural, shortNames, group, version: preferred, namespaced, kind }) =>
    [plural, shortNames.join(), group === '' ? preferred : `${group}/${preferred}`, namespaced, kind].join(' | '),
  )

/** As `kubectl api-resources` sorts them. */
const sorted = (lines: string[]): string[] =>
  lines.toSorted((a, b) => {
    const [pluralA = '', , versionA = ''] = a.split(' | ')
    const [pluralB = '', , versionB = ''] = b.split(' | ')
    const group = (version: string): string => (version.includes('/') ? (version.split('/')[0] as string) : '')
    return group(versionA) === group(versionB) ? (pluralA < pluralB ? -1 : 1) : group(versionA) < group(versionB) ? -1 : 1
  })

describe('the kinds that a bare cluster lists', () => {
  test('in 1.35', () => expect(sorted(list('v1.35.4'))).toMatchSnapshot())
  test('in 1.20', () => expect(sorted(list('v1.20.1'))).toMatchSnapshot())
})

test('groups come by priority, as /apis lists them and kubectl resolves short names', () => {
  expect([...new Set(builtinResources(settings()).map(({ group }) => group))]).toEqual([
    '',
    'apiregistration.k8s.io',
    'apps',
    'events.k8s.io',
    'authentication.k8s.io',
    'authorization.k8s.io',
    'autoscaling',
    'batch',
    'certificates.k8s.io',
    'networking.k8s.io',
    'policy',
    'rbac.authorization.k8s.io',
    'storage.k8s.io',
    'admissionregistration.k8s.io',
    'apiextensions.k8s.io',
    'scheduling.k8s.io',
    'coordination.k8s.io',
    'node.k8s.io',
    'discovery.k8s.io',
    'resource.k8s.io',
    'flowcontrol.apiserver.k8s.io',
  ])
})

describe('what the version decides', () => {
  const kindsOf = (version: string) => new Map(builtinResources(settings(version)).map((each) => [`${each.group}/${each.kind}`, each]))
  test.each<[string, string, string | undefined, string | undefined]>([
    ['cron jobs', 'batch/CronJob', 'v1beta1', 'v1'],
    ['disruption budgets', 'policy/PodDisruptionBudget', 'v1beta1', 'v1'],
    ['pod security policies', 'policy/PodSecurityPolicy', 'v1beta1', undefined],
    ['endpoint slices', 'discovery.k8s.io/EndpointSlice', 'v1beta1', 'v1'],
    ['autoscalers', 'autoscaling/HorizontalPodAutoscaler', 'v1', 'v2'],
    ['ingresses of the old group', 'extensions/Ingress', 'v1beta1', undefined],
    ['ranges of service addresses', 'networking.k8s.io/ServiceCIDR', undefined, 'v1'],
  ])('%s', (_name, kind, then, now) => {
    expect(kindsOf('v1.20.1').get(kind)?.version).toBe(then)
    expect(kindsOf('v1.35.4').get(kind)?.version).toBe(now)
  })
})
