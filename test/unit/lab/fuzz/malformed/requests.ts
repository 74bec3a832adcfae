/** Wrong before a body is looked at: paths, methods, media types, options. */
import fc from 'fast-check'
import { SAMPLES, THERE, type Sample } from '../objects.ts'
import { type Malformed, JSON_TYPE, sample, builtin, updated, PATCHES, encoded, text, addressFor } from './kit.ts'

export const paths = fc
  .oneof(
    fc.array(encoded, { minLength: 1, maxLength: 7 }).map((parts) => `/apis/${parts.map((part) => part || 'x').join('/')}`),
    encoded.map((part) => `/api/v1/${part || 'x'}x`),
    encoded.map((part) => `/api/${part || 'x'}x/pods`),
    encoded.map((part) => `/apis/apps/v1/namespaces/default/${part || 'x'}x`),
    encoded.map((part) => `/api/v1/namespaces/default/pods/${THERE}/x${part}`),
    encoded.map((part) => `/apis/apps/${part || 'x'}x/namespaces/default/deployments`),
    fc.constantFrom(
      '/api/v1/namespaces/default/nodes',
      '/api/v1/namespaces/default/namespaces/x',
      `/api/v1/pods/${THERE}`,
      `/apis/apps/v1/deployments/${THERE}`,
      `/api/v1/namespaces/default/configmaps/${THERE}/status`,
      `/api/v1/namespaces/default/configmaps/${THERE}/scale`,
      `/apis/example.com/v2/namespaces/default/shirts`,
      `/apis/example.com/v1/namespaces/default/shirts/${THERE}/exec`,
      '/nope',
    ),
  )
  .chain((path) => fc.constantFrom('GET', 'DELETE', 'PUT').map((method): Malformed => ({ wrong: 'path', method, path, codes: [404, 405] })))

export const missing = fc.tuple(updated, fc.constantFrom('GET', 'DELETE', 'PATCH', 'PUT')).map(([{ path, body }, method]): Malformed => {
  const name = 'nobody-is-called-this'
  return {
    wrong: 'name of nothing',
    method,
    path: `${path}/${name}`,
    ...(method === 'PATCH' ? { body: '{}', headers: { 'content-type': PATCHES[0] } } : {}),
    ...(method === 'PUT' ? { body: text(body(name)), headers: JSON_TYPE } : {}),
    codes: [404],
  }
})

export const methods = fc
  .constantFrom(
    ['POST', `/api/v1/namespaces/default/configmaps/${THERE}`],
    ['PUT', '/api/v1/namespaces/default/configmaps'],
    ['PATCH', '/api/v1/namespaces/default/configmaps'],
    ['DELETE', '/api/v1/namespaces'],
    ['DELETE', `/api/v1/namespaces/default/pods/${THERE}/log`],
    ['GET', `/api/v1/namespaces/default/pods/${THERE}/eviction`],
    ['GET', `/api/v1/namespaces/default/pods/${THERE}/binding`],
    ['DELETE', `/apis/apps/v1/namespaces/default/deployments/${THERE}/scale`],
    ['POST', `/apis/apps/v1/namespaces/default/deployments/${THERE}/status`],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['OPTIONS', '/api/v1/namespaces/default/configmaps'],
  )
  .map(([method = '', path = '']): Malformed => ({ wrong: 'method', method, path, codes: [405] }))

export const media = fc.oneof(
  fc
    .tuple(sample, fc.constantFrom('text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'json', 'application/jsonp'))
    .map(([{ path, body }, type]): Malformed => ({
      wrong: 'media type',
      method: 'POST',
      path,
      headers: { 'content-type': type },
      body: text(body('m')),
      codes: [415],
    })),
  fc.tuple(sample, fc.constantFrom('application/json', 'application/patch', 'text/plain')).map(([{ path }, type]): Malformed => ({
    wrong: 'media type',
    method: 'PATCH',
    path: `${path}/${THERE}`,
    headers: { 'content-type': type },
    body: '{}',
    codes: [415],
  })),
  fc.constant<Malformed>({
    wrong: 'media type',
    method: 'PATCH',
    path: `/apis/example.com/v1/namespaces/default/shirts/${THERE}`,
    headers: { 'content-type': PATCHES[1] },
    body: '{}',
    codes: [415],
  }),
  fc
    .tuple(
      sample,
      fc.constantFrom(
        'text/html',
        'application/json;as=Chair;v=v1;g=meta.k8s.io',
        'image/*',
        'application/json;as=Table;v=v9;g=meta.k8s.io',
      ),
    )
    .map(([{ path }, accept]): Malformed => ({ wrong: 'accepted type', method: 'GET', path, headers: { accept }, codes: [406] })),
)

export const listQueries = fc
  .oneof(
    fc
      .tuple(fc.constantFrom('limit', 'timeoutSeconds'), fc.constantFrom('x', '1.5', '0x1', '9'.repeat(30), ' 1', '1e3', '--1'))
      .map(([name, value]) => [`${name}=${encodeURIComponent(value)}`, 400] as const),
    fc
      .constantFrom(
        'a in (',
        '(',
        'a===b',
        ',a',
        'a b',
        '!',
        '!!a',
        'a notin b',
        'a in (b',
        '=',
        'a=%',
        '-a=b',
        'a=b=c',
        'a/b/c=d',
        'a=' + 'x'.repeat(70),
        'a>b',
        'x'.repeat(80),
      )
      .map((selector) => [`labelSelector=${encodeURIComponent(selector)}`, 400] as const),
    fc
      .constantFrom('a', 'spec.nope=x', 'metadata.name', 'metadata.uid=x', 'metadata.name>a')
      .map((selector) => [`fieldSelector=${encodeURIComponent(selector)}`, 400] as const),
    fc
      .constantFrom('zzz', 'é', 'e30', 'bnVsbA', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ', '%')
      .map((token) => [`limit=1&continue=${encodeURIComponent(token)}`, 400] as const),
    fc
      .constantFrom(
        'resourceVersionMatch=Exact',
        'resourceVersionMatch=Nope&resourceVersion=1',
        'resourceVersionMatch=Exact&resourceVersion=0',
        'sendInitialEvents=true',
      )
      .map((query) => [query, 422] as const),
    fc
      .constantFrom(
        'watch=1&sendInitialEvents=true',
        'watch=true&resourceVersionMatch=NotOlderThan',
        'watch=1&resourceVersionMatch=Exact&sendInitialEvents=true',
      )
      .map((query) => [query, 422] as const),
    fc.constantFrom('x', '-1', '1.5', '0x10', ' ').map((revision) => [`resourceVersion=${encodeURIComponent(revision)}`, 400] as const),
    fc.constantFrom('x', '-1', '1.5').map((revision) => [`watch=true&resourceVersion=${revision}`, 400] as const),
  )
  .chain(([query, code]) =>
    fc
      .tuple(builtin, fc.constantFrom('', '&limit=1', '&pretty=1', '&nonsense=%00'))
      .map(([{ path }, more]): Malformed => ({ wrong: 'list option', method: 'GET', path: `${path}?${query}${more}`, codes: [code] })),
  )

export const writeQueries = fc
  .constantFrom(
    'dryRun=Some',
    'dryRun=all',
    'dryRun=All&dryRun=x',
    'fieldValidation=No',
    `fieldManager=${'m'.repeat(129)}`,
    'fieldManager=%01',
    'fieldValidation=strict',
  )
  .chain((query) =>
    fc.tuple(sample, fc.constantFrom('POST', 'PUT', 'PATCH')).map(([{ path, body }, method]): Malformed => {
      const isPatch = method === 'PATCH'
      return {
        wrong: 'write option',
        method,
        path: `${addressFor(method, path)}?${query}`,
        headers: isPatch ? { 'content-type': PATCHES[0] } : JSON_TYPE,
        body: isPatch ? '{}' : text(body(method === 'POST' ? 'w' : THERE)),
        codes: [422],
      }
    }),
  )

export const deletes = fc
  .constantFrom<[string, string | undefined, number]>(
    ['propagationPolicy=Now', undefined, 422],
    ['gracePeriodSeconds=x', undefined, 400],
    ['dryRun=x', undefined, 422],
    ['', '{"propagationPolicy":"Now"}', 422],
    ['', '{"dryRun":["x"]}', 422],
    ['', '{"gracePeriodSeconds":"x"}', 400],
    ['', '{"preconditions":7}', 400],
    ['', '{"dryRun":"All"}', 400],
    ['', '{"kind":"Pod","apiVersion":"v1"}', 400],
    ['', '{"propagationPolicy":"Orphan","orphanDependents":true}', 422],
    ['', '{', 400],
    ['', '[]', 400],
    ['', 'null null', 400],
    ['', '{"preconditions":{"uid":"x"}}', 409],
    ['', '{"preconditions":{"resourceVersion":"1"}}', 409],
  )
  .chain(([query, body, code]) =>
    fc.constantFrom('ConfigMap', 'Deployment', 'Shirt').map((kind): Malformed => {
      const path = `${(SAMPLES[kind] as Sample).path}/${THERE}${query ? `?${query}` : ''}`
      return { wrong: 'delete option', method: 'DELETE', path, ...(body === undefined ? {} : { body, headers: JSON_TYPE }), codes: [code] }
    }),
  )

/** Queries and headers of any kind on a good request. */
export const strange = fc
  .tuple(
    sample,
    fc.array(
      fc.tuple(
        fc.constantFrom(
          'limit',
          'labelSelector',
          'fieldSelector',
          'resourceVersion',
          'continue',
          'watch',
          'pretty',
          'timeoutSeconds',
          'includeObject',
          'dryRun',
          'x',
        ),
        encoded,
      ),
      {
        maxLength: 6,
      },
    ),
    fc.constantFrom(
      '*/*',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      'application/vnd.kubernetes.protobuf,application/json',
      ';;,,=',
      'application/json;as',
    ),
    fc.constantFrom('', `/${THERE}`),
  )
  .map(([{ path }, query, accept, name]): Malformed => ({
    wrong: 'query',
    method: 'GET',
    path: `${path}${name}?${query.map(([key, value]) => `${key}=${value}`).join('&')}`,
    headers: { accept, 'accept-encoding': 'gzip' },
    codes: null,
  }))
