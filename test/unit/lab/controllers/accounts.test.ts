import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestCluster, type TestCluster } from './test-cluster.ts'

let cluster: TestCluster
beforeEach(() => {
  cluster = startTestCluster()
  cluster.clock.forward(1_000)
})
afterEach(() => cluster.dispose())

const ROLES = 'clusterroles.rbac.authorization.k8s.io'
const rule = (resource: string) => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })

test('a cluster role that is made up of others has their rules, each once', () => {
  cluster.store.create(ROLES, { metadata: { name: 'all' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] } })
  for (const name of ['a', 'b'])
    cluster.store.create(ROLES, { metadata: { name, labels: { part: 'yes' } }, rules: [rule('pods'), rule(name)] })
  cluster.clock.forward(100)
  expect(cluster.store.get(ROLES, null, 'all')?.['rules']).toEqual([rule('pods'), rule('a'), rule('b')])
  cluster.store.delete(ROLES, null, 'a')
  cluster.clock.forward(100)
  expect(cluster.store.get(ROLES, null, 'all')?.['rules']).toEqual([rule('pods'), rule('b')])
})

test('a secret that asks for a token gets it, and goes with its account', () => {
  const secret = () => cluster.store.get('secrets', 'default', 'token')
  cluster.store.create('serviceaccounts', { metadata: { name: 'robot', namespace: 'default' } })
  cluster.store.create('secrets', {
    metadata: { name: 'token', namespace: 'default', annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
  })
  cluster.clock.forward(100)
  expect(Object.keys(secret()?.['data'])).toEqual(['ca.crt', 'namespace', 'token'])
  cluster.store.delete('serviceaccounts', 'default', 'robot')
  cluster.clock.forward(100)
  expect(secret()).toBeUndefined()
})
