import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { given } from '../../../../server/lab/resources/kit/fill.ts'
import { contextOf, create, update } from './context.ts'

const make = (apiVersion: string, kind: string, rest: object, namespace?: string): KubeObject =>
  ({ apiVersion, kind, metadata: { name: 'x', ...(namespace ? { namespace } : {}) }, ...rest }) as unknown as KubeObject
const refusal = (object: KubeObject): string => {
  const outcome = create(object, contextOf())
  return 'refusal' in outcome ? (outcome.refusal as string) : 'stored'
}

const job = (spec: object): KubeObject =>
  make(
    'batch/v1',
    'Job',
    { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } }, ...spec } },
    'default',
  )
const indexed = { completionMode: 'Indexed', completions: 3 }

describe('what is refused', () => {
  test.each<[string, KubeObject, string]>([
    [
      'a controller that is no path',
      make('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'nope' } }),
      'spec.controller: Invalid value: "nope": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    ['a handler that is no label', make('node.k8s.io/v1', 'RuntimeClass', { handler: 'A b' }), 'handler: Invalid value: "A b"'],
    [
      'an event about another namespace',
      make('v1', 'Event', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } }, 'default'),
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ],
    [
      'credentials that are no JSON',
      make('v1', 'Secret', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } }, 'default'),
      "invalid character 'x' looking for beginning of value",
    ],
    [
      'a block that is not within',
      make(
        'networking.k8s.io/v1',
        'NetworkPolicy',
        { spec: { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] } }] }] } },
        'default',
      ),
      'except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
    ],
    [
      'a scope that does not fit the resource',
      make('v1', 'ResourceQuota', { spec: { hard: { cpu: '1' }, scopes: ['BestEffort'] } }, 'default'),
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
    ],
    [
      'a success policy of a job without indexes',
      job({ successPolicy: { rules: [{ succeededIndexes: 'a' }] } }),
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":"a","SucceededCount":null}]}: requires indexed completion mode',
    ],
    [
      'indexes that a job does not have',
      job({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-3' }] } }),
      'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-3": error parsing succeededIndexes: too large index: "3"',
    ],
    [
      'more indexes than a rule names',
      job({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2', succeededCount: 3 }] } }),
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
    [
      'a failure policy for exits that are none',
      job({ podFailurePolicy: { rules: [{ action: 'Count', onExitCodes: { operator: 'In', values: [0, 3, 2] } }] } }),
      '[spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator, spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,3,2]: must be ordered]',
    ],
    [
      'a failure policy without anything to look at',
      job({ podFailurePolicy: { rules: [{}] } }),
      '[spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"], spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required]',
    ],
    [
      'half a pod',
      make('v1', 'ResourceQuota', { spec: { hard: { pods: '1.5' } } }, 'default'),
      'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
    [
      'a least that is more than the most',
      make('v1', 'LimitRange', { spec: { limits: [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] } }, 'default'),
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ],
  ])('%s', (_name, object, words) => expect(refusal(object)).toContain(words))
})

test.each<[string, KubeObject]>([
  [
    'a volume that projects nothing',
    make('v1', 'Pod', { spec: { containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'v', projected: {} }] } }, 'default'),
  ],
  ['a configuration without bytes', make('v1', 'ConfigMap', { binaryData: { x: null } }, 'default')],
  ['a role without rules', make('rbac.authorization.k8s.io/v1', 'Role', {}, 'default')],
])('what the server writes as null is as good as absent: %s', (_name, object) => expect(refusal(object)).toBe('stored'))

test('a value without nulls is given as it is, the rest of one with nulls is shared', () => {
  const value = { a: [{ b: 1 }], c: { d: [null] } }
  expect(given(value)).toBe(value)
  const lacking = { ...value, e: { f: null, g: 2 } }
  expect(given(lacking)).toEqual({ ...value, e: { g: 2 } })
  expect(given(lacking).a).toBe(value.a)
})

test('what may not change', () => {
  const runtime = (handler: string): KubeObject => make('node.k8s.io/v1', 'RuntimeClass', { handler })
  const outcome = update(runtime('a'), runtime('b'), contextOf())
  expect('refusal' in outcome && outcome.refusal).toContain('handler: Invalid value: "b": field is immutable')
})
