/** Patches of the other forms, and the bodies of subresources. */
import fc from 'fast-check'
import { SAMPLES, THERE, type Sample } from '../objects.ts'
import { type Malformed, JSON_TYPE, sample, PATCHES, text } from './kit.ts'

export const jsonPatches = fc
  .constantFrom<[unknown, number]>(
    [[{ op: 'remove', path: '/nope' }], 422],
    [[{ op: 'replace', path: '/a/b/c', value: 1 }], 422],
    [[{ op: 'test', path: '/kind', value: 'x' }], 422],
    [[{ op: 'add', path: '/metadata/labels/a/b', value: 1 }], 422],
    [[{ op: 'move', path: '/spec', from: '/nope' }], 422],
    [[{ op: 'copy', path: '/x', from: '/nope/a' }], 422],
    [[{ op: 'spin', path: '/x' }], 422],
    [{}, 400],
    [{ op: 'add' }, 400],
    [[7], 400],
    ['x', 400],
    [7, 400],
    [[{ op: 7, path: '/x' }], 400],
    [Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'x' })), 413],
    [[{ op: 'replace', path: '/metadata/name', value: 'other' }], 400],
    [[{ op: 'replace', path: '/metadata/namespace', value: 'other' }], 400],
  )
  .chain(([patch, code]) =>
    sample.map(({ path }): Malformed => ({
      wrong: 'JSON patch',
      method: 'PATCH',
      path: `${path}/${THERE}`,
      headers: { 'content-type': PATCHES[2] },
      body: text(patch),
      codes: [code],
    })),
  )

export const applies = fc
  .constantFrom<[string, string, number]>(
    ['', '{}', 422],
    ['fieldManager=f', '{}', 400],
    ['fieldManager=f', 'a: b: c', 400],
    ['fieldManager=f', '[]', 400],
    ['fieldManager=f', '"x"', 400],
    ['fieldManager=f', '&a [*a]', 400],
    ['fieldManager=f', 'apiVersion: v1\nkind: Nope\nmetadata: { name: there }', 400],
    ['fieldManager=f', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }', 400],
    ['fieldManager=f', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: there, managedFields: [{}] }', 400],
    ['fieldManager=f', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: there }\ndata: { a: [] }', 400],
    ['fieldManager=f', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: there, resourceVersion: "1" }', 409],
  )
  .map(([query, body, code]): Malformed => ({
    wrong: 'apply',
    method: 'PATCH',
    path: `/api/v1/namespaces/default/configmaps/${THERE}?${query}`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body,
    codes: [code],
  }))

export const subresources = fc
  .constantFrom<[string, string, string | undefined, number[]]>(
    ['POST', 'pods/there/eviction', '{', [400]],
    ['POST', 'pods/there/eviction', '{"kind":"Pod","apiVersion":"v1"}', [400]],
    ['POST', 'pods/nobody/eviction', '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"nobody"}}', [404]],
    ['POST', 'pods/there/eviction', '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"other"}}', [400]],
    ['POST', 'pods/there/binding', '{}', [400, 422]],
    ['POST', 'pods/there/binding', '{"target":7}', [400]],
    ['POST', 'pods/nobody/binding', '{"apiVersion":"v1","kind":"Binding","metadata":{"name":"nobody"},"target":{"name":"x"}}', [404]],
    ['POST', 'serviceaccounts/nobody/token', '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest"}', [404]],
    ['POST', 'serviceaccounts/default/token', '{"spec":7}', [400]],
    ['GET', 'pods/there/log?tailLines=x', undefined, [400]],
    ['GET', 'pods/there/log?container=nope', undefined, [400]],
    ['GET', 'pods/there/log?tailLines=-1', undefined, [422]],
    ['GET', 'pods/there/log?sinceSeconds=-1', undefined, [422]],
    ['GET', 'pods/there/log?limitBytes=0', undefined, [422]],
    ['GET', 'pods/there/log?sinceTime=x', undefined, [400]],
    ['GET', 'pods/there/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z', undefined, [422]],
    ['GET', 'pods/there/log', undefined, [204]],
    ['GET', 'pods/nobody/log', undefined, [404]],
    ['POST', 'pods/there/exec?command=x', undefined, [400]],
    ['GET', 'pods/there/exec', undefined, [400]],
    ['GET', 'pods/nobody/exec?command=x', undefined, [404]],
    ['PUT', 'pods/there/status', '{', [400]],
    ['PUT', 'pods/there/status', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"other"}}', [400]],
  )
  .map(([method, rest, body, codes]): Malformed => ({
    wrong: 'subresource',
    method,
    path: `/api/v1/namespaces/default/${rest}`,
    ...(body === undefined ? {} : { body, headers: JSON_TYPE }),
    codes,
  }))

export const scales = fc
  .tuple(
    fc.constantFrom('Deployment', 'Shirt'),
    fc.constantFrom<[string, string, string, number]>(
      ['PUT', 'application/json', '{"spec":{"replicas":-1}}', 422],
      ['PUT', 'application/json', '{"spec":{"replicas":"3"}}', 400],
      ['PUT', 'application/json', '{"spec":{"replicas":1.5}}', 400],
      ['PUT', 'application/json', '{"spec":7}', 400],
      ['PUT', 'application/json', '{', 400],
      ['PUT', 'application/json', '{"kind":"Pod","apiVersion":"v1"}', 400],
      ['PUT', 'application/json', '{"metadata":{"name":"other"},"spec":{"replicas":1}}', 400],
      ['PUT', 'application/json', `{"metadata":{"name":"${THERE}","resourceVersion":"1"},"spec":{"replicas":1}}`, 409],
      ['PATCH', PATCHES[0], '{"spec":{"replicas":-1}}', 422],
      ['PATCH', PATCHES[0], '{"spec":{"replicas":"x"}}', 422],
      ['PATCH', PATCHES[0], '{', 400],
      ['PATCH', PATCHES[2], '[{"op":"remove","path":"/nope"}]', 422],
      ['PATCH', 'text/plain', '{}', 415],
    ),
  )
  .map(([kind, [method, type, body, code]]): Malformed => ({
    wrong: 'scale',
    method,
    path: `${(SAMPLES[kind] as Sample).path}/${THERE}/scale`,
    headers: { 'content-type': type },
    body: method === 'PUT' && body.startsWith('{"spec') ? body.replace('{', `{"metadata":{"name":"${THERE}"},`) : body,
    codes: [code],
  }))
