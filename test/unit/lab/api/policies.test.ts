import { afterEach, beforeEach, expect, it } from 'vitest'
import { startApi, type TestApi } from './http.ts'

let api: TestApi
beforeEach(async () => {
  api = await startApi()
})
afterEach(async () => {
  await api.close()
})

const GROUP = '/apis/admissionregistration.k8s.io/v1'
const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }]

/** A policy on config maps and its binding. */
async function bind(spec: object, binding: object = { validationActions: ['Deny'] }): Promise<void> {
  const metadata = { name: 'rule' }
  const policy = { metadata, spec: { matchConstraints: { resourceRules }, ...spec } }
  expect((await api.call('POST', `${GROUP}/validatingadmissionpolicies`, policy)).status).toBe(201)
  const made = { metadata, spec: { policyName: 'rule', ...binding } }
  expect((await api.call('POST', `${GROUP}/validatingadmissionpolicybindings`, made)).status).toBe(201)
}

const write = (data: Record<string, string>, name = 'c', labels = {}) =>
  api.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name, labels }, data })

const denied = (words: string): string =>
  `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'rule' with binding 'rule' denied request: ${words}`

it('a policy that is bound denies what breaks it, in its message, by its reason', async () => {
  await bind({ validations: [{ expression: "object.data.mode != 'bad'", message: 'no bad mode', reason: 'Forbidden' }] })
  expect((await write({ mode: 'bad' })).body).toMatchObject({ code: 403, reason: 'Forbidden', message: denied('no bad mode') })
  expect((await write({ mode: 'good' })).status).toBe(201)
})

it('without a message the expression is quoted, and an expression makes a message of its own', async () => {
  const messageExpression = "'mode was ' + object.data.mode"
  await bind({ validations: [{ expression: " object.data.mode == 'a' " }, { expression: "object.data.mode == 'b'", messageExpression }] })
  expect((await write({ mode: 'b' })).body).toMatchObject({ code: 422, message: denied("failed expression: object.data.mode == 'a'") })
  expect((await write({ mode: 'a' })).body).toMatchObject({ message: denied('mode was a') })
})

it('a member that is missing fails the write or is ignored, as the failure policy says', async () => {
  await bind({ validations: [{ expression: "object.data.mode == 'a'" }] })
  expect((await write({ other: 'x' })).body).toMatchObject({
    code: 422,
    message: denied("expression 'object.data.mode == 'a'' resulted in error: no such key: mode"),
  })
  api.store.mutate(
    'validatingadmissionpolicies.admissionregistration.k8s.io',
    null,
    'rule',
    (copy) => void (copy['spec'].failurePolicy = 'Ignore'),
  )
  expect((await write({ other: 'x' })).status).toBe(201)
})

it('what a policy’s rules, conditions or its binding’s selectors leave out is let through', async () => {
  const matchConditions = [{ name: 'mine', expression: "request.operation == 'CREATE' && object.metadata.name.startsWith('c')" }]
  await bind(
    { matchConditions, validations: [{ expression: 'false', message: 'never' }] },
    { validationActions: ['Deny'], matchResources: { objectSelector: { matchLabels: { env: 'prod' } } } },
  )
  expect((await write({}, 'c')).status).toBe(201)
  expect((await write({}, 'd', { env: 'prod' })).status).toBe(201)
  expect((await write({}, 'c2', { env: 'prod' })).status).toBe(422)
  expect((await api.call('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' } })).status).toBe(201)
})

it('a binding that only warns warns', async () => {
  const variables = [{ name: 'count', expression: 'size(object.data)' }]
  await bind({ variables, validations: [{ expression: 'variables.count < 2', message: 'many' }] }, { validationActions: ['Warn'] })
  const { status, headers } = await write({ a: '1', b: '2' })
  expect(status).toBe(201)
  expect(headers.get('warning')).toContain("Validation failed for ValidatingAdmissionPolicy 'rule' with binding 'rule': many")
})

it('a scale is another resource than what it scales', async () => {
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const deployment = { metadata: { name: 'd' }, spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template } }
  const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'] }
  await bind({ matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'object.spec.replicas < 3' }] })
  expect((await api.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment)).status).toBe(201)
  const patch = (path: string) =>
    api.call(
      'PATCH',
      `/apis/apps/v1/namespaces/default/deployments/${path}`,
      { spec: { replicas: 5 } },
      { 'content-type': 'application/merge-patch+json' },
    )
  expect((await patch('d')).status).toBe(422)
  expect((await patch('d/scale')).status).toBe(200)
})
