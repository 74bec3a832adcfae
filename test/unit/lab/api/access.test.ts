import { expect, describe, test } from 'vitest'
import { attributesOf } from '../../../../server/lab/api/access/guard.ts'
import { authorize, ruleAllows, type Attributes, type PolicyRule } from '../../../../server/lab/api/access/rbac.ts'
import { accountOfToken, serviceAccountToken } from '../../../../server/lab/machinery/service-account-token.ts'
import type { Exchange } from '../../../../server/lab/api/exchange.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import type { Store } from '../../../../server/lab/store/store.ts'

const pods = (verb: string, more: object = {}): Attributes => ({ verb, group: '', resource: 'pods', namespace: 'default', ...more })

test.each<[string, PolicyRule, Attributes, boolean]>([
  ['a verb of the rule', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, pods('get'), true],
  ['another verb', { verbs: ['get'], apiGroups: [''], resources: ['pods'] }, pods('list'), false],
  ['another group', { verbs: ['*'], apiGroups: ['apps'], resources: ['*'] }, pods('get'), false],
  [
    'a subresource, which the resource does not take in',
    { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
    pods('get', { subresource: 'log' }),
    false,
  ],
  ['a subresource by name', { verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }, pods('get', { subresource: 'log' }), true],
  ['a subresource of anything', { verbs: ['get'], apiGroups: [''], resources: ['*/log'] }, pods('get', { subresource: 'log' }), true],
  [
    'a name that is listed',
    { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] },
    pods('get', { name: 'a' }),
    true,
  ],
  ['a list, where names are listed', { verbs: ['list'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }, pods('list'), false],
  ['a path below', { verbs: ['get'], nonResourceURLs: ['/logs/*'] }, { verb: 'get', path: '/logs/x' }, true],
  ['another path', { verbs: ['get'], nonResourceURLs: ['/logs/*'] }, { verb: 'get', path: '/healthz' }, false],
])('a rule decides on %s', (_name, rule, wanted, allowed) => expect(ruleAllows(rule, wanted)).toBe(allowed))

describe('a user', () => {
  const object = (kind: string, name: string, more: object, namespace?: string): KubeObject =>
    ({
      kind,
      apiVersion: 'rbac.authorization.k8s.io/v1',
      metadata: { name, ...(namespace ? { namespace } : {}) },
      ...more,
    }) as unknown as KubeObject
  const reader = object('Role', 'reader', { rules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }] }, 'default')
  const bindings = [
    object(
      'RoleBinding',
      'rb',
      {
        roleRef: { kind: 'Role', name: 'reader' },
        subjects: [
          { kind: 'User', name: 'alice' },
          { kind: 'ServiceAccount', name: 'robot' },
        ],
      },
      'default',
    ),
    object('RoleBinding', 'broken', { roleRef: { kind: 'Role', name: 'nope' }, subjects: [{ kind: 'Group', name: 'devs' }] }, 'default'),
  ]
  const store = {
    list: (resource: string, namespace?: string) =>
      resource.startsWith('rolebindings') ? bindings.filter(({ metadata }) => metadata.namespace === namespace) : [],
    get: (_resource: string, namespace: string | null, name: string) => (name === 'reader' && namespace === 'default' ? reader : undefined),
  } as unknown as Store
  const ask = (username: string, groups: string[], wanted: Attributes) => authorize(store, { username, groups }, wanted)

  test('has what the roles say that are bound to him, and there alone', () => {
    expect(ask('alice', [], pods('list'))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "rb/default" of Role "reader" to User "alice"',
    })
    expect(ask('alice', [], pods('list', { namespace: 'other' })).allowed).toBe(false)
    expect(ask('bob', [], pods('list')).allowed).toBe(false)
  })
  test('may be a service account of the binding’s own namespace', () =>
    expect(ask('system:serviceaccount:default:robot', [], pods('list')).reason).toContain('ServiceAccount "robot/default"'))
  test('is told of a role that is bound and not there', () =>
    expect(ask('x', ['devs'], pods('list'))).toEqual({ allowed: false, reason: 'RBAC: role.rbac.authorization.k8s.io "nope" not found' }))
  test('of the masters may everything', () => expect(ask('x', ['system:masters'], pods('delete')).allowed).toBe(true))
})

test('a token names its account, and one of another issuer nobody', () => {
  const account = { metadata: { name: 'robot', namespace: 'default', uid: 'u1' } } as KubeObject
  expect(accountOfToken(serviceAccountToken(account, 1000, { lasts: 600 }))).toEqual({
    namespace: 'default',
    name: 'robot',
    uid: 'u1',
    expires: 1600,
  })
  expect(accountOfToken(serviceAccountToken(account, 1000, {}))).toMatchObject({ name: 'robot', expires: Infinity })
  expect(accountOfToken('a.b.c')).toBeNull()
})

test.each([
  ['pods?watch=true', 'watch'],
  ['pods?watch', 'watch'],
  ['pods?watch=yes', 'watch'],
  ['pods?watch=0', 'list'],
  ['pods', 'list'],
  ['pods/x?watch=true', 'get'],
])('what is asked for as %s is to be allowed as what it is answered as: %s', (url, verb) => {
  const { pathname: path, searchParams: query } = new URL(url, 'http://lab/api/v1/namespaces/default/')
  expect(attributesOf({ method: 'GET', path, query } as Exchange)).toMatchObject({ verb, resource: 'pods' })
})
