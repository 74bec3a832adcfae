/**
 * Requests that are wrong in one way each, with the status codes that a server may answer them with. The codes are those of a real cluster (1.35.4), which
 * was asked the same; but for a few that it has no name for and answers with a 500, where the lab says 400: a resourceVersion that is no number (of a get or
 * a watch) or is set on a new object, lists of other things in a strategic merge patch, and values of the wrong type in an apply patch.
 */
import fc from 'fast-check'
import type { RawRequest } from './client.ts'
import { SAMPLES, THERE, type Body, type Sample } from './objects.ts'

export interface Malformed extends RawRequest {
  /** What is wrong. */
  wrong: string
  /** The codes of a right answer; null: any but a server's error. */
  codes: number[] | null
}

const JSON_TYPE = { 'content-type': 'application/json' }
const sample = fc.constantFrom(...Object.keys(SAMPLES)).map((kind) => SAMPLES[kind] as Sample)
const builtin = fc.constantFrom(...Object.keys(SAMPLES).filter((kind) => !SAMPLES[kind]?.custom)).map((kind) => SAMPLES[kind] as Sample)
/** Kinds that an update makes none of: it does that of a Service. */
const updated = builtin.filter(({ path }) => !path.endsWith('/services'))
const PATCHES = ['application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/json-patch+json'] as const
/** Words that are members of every object of JavaScript, and other traps. */
const word = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '..',
    '.',
    ' ',
    '-',
    'null',
    '0',
    'é',
    '한글',
    '\u0000',
    '%',
    'a'.repeat(300),
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const encoded = word.map((text) => encodeURIComponent(text.toWellFormed()))
/** Any JSON. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), word)

type Way = (string | number)[]

/** All ways to the members of a body below apiVersion, kind and metadata.name, which have cases of their own. */
function ways(value: unknown, way: Way = []): Way[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, member]) => {
    const here = [...way, Array.isArray(value) ? Number(key) : key]
    if (way.length === 0 && (key === 'apiVersion' || key === 'kind')) return []
    if (way[0] === 'metadata' && way.length === 1 && key === 'name') return []
    return [here, ...ways(member, here)]
  })
}

function at(body: unknown, way: Way): unknown {
  return way.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], body)
}

function spoiled(body: Body, way: Way, value: unknown): Body {
  const result = structuredClone(body)
  const parent = at(result, way.slice(0, -1)) as Record<string | number, unknown>
  Object.defineProperty(parent, way.at(-1) as string, { value, enumerable: true, configurable: true, writable: true })
  return result
}

/** Fields that take more than one type. */
const MANY_TYPES = new Set(['port', 'targetPort', 'cpu'])

/** A value of another JSON type than the one there; undefined where the field takes several. */
function otherType(way: Way, value: unknown, pick: number): unknown {
  if (MANY_TYPES.has(String(way.at(-1)))) return [[], {}, true][pick % 3]
  if (typeof value === 'string') return [7, true, {}, ['x'], 1.5][pick % 5]
  if (typeof value === 'number') return ['7', true, {}, [1], 1.5][pick % 5]
  if (typeof value === 'boolean') return ['true', 1, {}, [true]][pick % 4]
  return Array.isArray(value) ? ['x', 7, { a: 1 }, true][pick % 4] : ['x', 7, ['a'], true][pick % 4]
}

const text = (body: unknown): string => JSON.stringify(body)
const pick = fc.nat({ max: 1_000_000 })

const paths = fc
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

const missing = fc.tuple(updated, fc.constantFrom('GET', 'DELETE', 'PATCH', 'PUT')).map(([{ path, body }, method]): Malformed => {
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

const methods = fc
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

const media = fc.oneof(
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

const listQueries = fc
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

const writeQueries = fc
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
        path: `${path}${method === 'POST' ? '' : `/${THERE}`}?${query}`,
        headers: isPatch ? { 'content-type': PATCHES[0] } : JSON_TYPE,
        body: isPatch ? '{}' : text(body(method === 'POST' ? 'w' : THERE)),
        codes: [422],
      }
    }),
  )

const deletes = fc
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

/** Texts that are no JSON: cut, doubled, or broken at a place. */
const brokenText = fc
  .tuple(sample, pick, fc.constantFrom('cut', 'double', 'insert', 'bytes', 'empty', 'scalar'))
  .map(([{ body }, n, how]) => {
    const whole = text(body('b'))
    const place = 1 + (n % (whole.length - 2))
    switch (how) {
      case 'cut':
        return whole.slice(0, place)
      case 'double':
        return whole + whole
      case 'insert':
        return `${whole.slice(0, -1)},}`
      case 'bytes':
        return Buffer.concat([Buffer.from([0xff, 0xfe, n & 255]), Buffer.from(whole, 'utf16le')])
      case 'empty':
        return ['', ' ', '\n', '\uFEFF'][n % 4] as string
      default:
        return ['7', '"x"', 'true', '[]', '[{}]', 'nope', '-', '1e', '"\\x"', '{"a":tru}', '{a:1}', "{'a':1}", '{"a":01}', '{"a":1,}'][
          n % 14
        ] as string
    }
  })

const syntax = fc.tuple(sample, brokenText, fc.constantFrom('POST', 'PUT', 'PATCH', 'GZIP')).map(([{ path }, body, how]): Malformed => {
  if (how === 'PATCH') {
    return {
      wrong: 'syntax',
      method: 'PATCH',
      path: `${path}/${THERE}`,
      headers: { 'content-type': PATCHES[0] },
      body: body === '[]' ? '[' : body,
      codes: [400],
    }
  }
  const method = how === 'PUT' ? 'PUT' : 'POST'
  const headers = how === 'GZIP' ? { ...JSON_TYPE, 'content-encoding': 'gzip' } : JSON_TYPE
  return { wrong: 'syntax', method, path: method === 'PUT' ? `${path}/${THERE}` : path, headers, body, codes: [400] }
})

const kinds = fc
  .tuple(
    builtin,
    fc.constantFrom<Body>(
      { kind: 'Nope' },
      { apiVersion: 'nope/v1' },
      { apiVersion: 'v9' },
      { kind: 'Secret', apiVersion: 'v1' },
      { kind: 'StatefulSet', apiVersion: 'apps/v1' },
      { kind: 7 },
      { apiVersion: {} },
      { apiVersion: 'a/b/c' },
      { kind: ['Pod'] },
    ),
    fc.constantFrom('POST', 'PUT'),
  )
  .map(([{ path, body }, other, method]): Malformed => ({
    wrong: 'kind',
    method,
    path: method === 'PUT' ? `${path}/${THERE}` : path,
    headers: JSON_TYPE,
    body: text({ ...body(method === 'PUT' ? THERE : 'k'), ...other }),
    codes: [400],
  }))

const types = fc
  .tuple(sample, pick, pick, fc.constantFrom('POST', 'PUT', ...PATCHES))
  .map(([{ path, body, custom }, n, m, how]): Malformed => {
    const isPatch = how.includes('/')
    const name = how === 'POST' ? 't' : THERE
    const whole = body(name)
    const all = ways(whole)
    const way = all[n % all.length] as Way
    const value = otherType(way, at(whole, way), m)
    const wrong = spoiled(whole, way, value)
    const isMeta = way[0] === 'metadata'
    const codes = custom && !isMeta ? [422] : isPatch ? [422] : [400]
    if (!isPatch)
      return { wrong: 'type', method: how, path: how === 'PUT' ? `${path}/${THERE}` : path, headers: JSON_TYPE, body: text(wrong), codes }
    const type = custom && how === PATCHES[1] ? PATCHES[0] : how
    const isJsonPatch = type === PATCHES[2]
    const parent = way.slice(0, -1)
    const patch = isJsonPatch
      ? [
          {
            op: 'add',
            path: `/${(Array.isArray(at(whole, parent)) ? [...parent] : way).join('/')}`,
            value: Array.isArray(at(whole, parent)) ? [value] : value,
          },
        ]
      : wrong
    return {
      wrong: 'type',
      method: 'PATCH',
      path: `${path}/${THERE}`,
      headers: { 'content-type': type },
      body: text(patch),
      codes: [400, 409, 422],
    }
  })

const unknownFields = fc
  .tuple(sample, word, pick, fc.constantFrom('POST', 'PUT', PATCHES[0]))
  .map(([{ path, body }, name, n, how]): Malformed => {
    const field = `x${name.toWellFormed()}`
    const own = how === 'POST' ? 'u' : THERE
    const whole = body(own)
    const places = [['spec'], ['metadata'], []].filter((way) => at(whole, way) !== undefined)
    const way = places[n % places.length] as Way
    const wrong = spoiled(whole, [...way, field], 'x')
    const isPatch = how === PATCHES[0]
    return {
      wrong: 'unknown field',
      method: isPatch ? 'PATCH' : how,
      path: `${path}${how === 'POST' ? '' : `/${THERE}`}?fieldValidation=Strict`,
      headers: isPatch ? { 'content-type': how } : JSON_TYPE,
      body: text(wrong),
      codes: isPatch ? [422] : [400],
    }
  })

/** Values of the right type that a kind's rules refuse. */
const values = fc
  .constantFrom<[string, Way, unknown]>(
    ['ConfigMap', ['metadata', 'labels'], { 'a b': 'x' }],
    ['ConfigMap', ['metadata', 'labels'], { a: 'x'.repeat(64) }],
    ['ConfigMap', ['metadata', 'labels'], { ['__proto__x']: '-' }],
    ['ConfigMap', ['metadata', 'annotations'], { '/': 'x' }],
    ['ConfigMap', ['metadata', 'finalizers'], ['nope']],
    ['ConfigMap', ['metadata', 'ownerReferences'], [{ apiVersion: 'v1', kind: '', name: '', uid: '' }]],
    ['ConfigMap', ['data'], { 'a b': 'x' }],
    ['ConfigMap', ['data'], { '..': 'x' }],
    ['Pod', ['spec', 'containers'], []],
    ['Pod', ['spec', 'containers', 0, 'name'], 'A_B'],
    ['Pod', ['spec', 'containers', 0, 'image'], ''],
    ['Pod', ['spec', 'containers', 0, 'ports', 0, 'containerPort'], 70000],
    ['Pod', ['spec', 'containers', 0, 'ports', 0, 'protocol'], 'ICMP'],
    ['Pod', ['spec', 'containers', 0, 'env', 0, 'name'], ''],
    ['Pod', ['spec', 'containers', 0, 'resources', 'limits', 'cpu'], '-1'],
    ['Pod', ['spec', 'restartPolicy'], 'Sometimes'],
    ['Service', ['spec', 'type'], 'Balancer'],
    ['Service', ['spec', 'ports'], []],
    ['Service', ['spec', 'ports', 0, 'port'], 0],
    ['Service', ['spec', 'ports', 0, 'targetPort'], 'Not A Port'],
    ['Service', ['spec', 'clusterIP'], '1.2.3'],
    ['Service', ['spec', 'sessionAffinity'], 'Sticky'],
    ['Deployment', ['spec', 'replicas'], -1],
    ['Deployment', ['spec', 'selector', 'matchLabels'], { app: 'other' }],
    ['Deployment', ['spec', 'strategy'], { type: 'Rolling' }],
    ['Deployment', ['spec', 'strategy'], { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } }],
    ['Job', ['spec', 'template', 'spec', 'restartPolicy'], 'Always'],
    ['Job', ['spec', 'parallelism'], -1],
    ['Job', ['spec', 'completionMode'], 'Odd'],
    ['Shirt', ['spec', 'size'], 0],
    ['Shirt', ['spec', 'color'], 'green'],
    ['Shirt', ['spec', 'bought'], 'yesterday'],
    ['Shirt', ['spec', 'tags'], ['toolong']],
    ['Shirt', ['spec'], {}],
  )
  .map(([kind, way, value]): Malformed => {
    const { path, body } = SAMPLES[kind] as Sample
    return { wrong: 'value', method: 'POST', path, headers: JSON_TYPE, body: text(spoiled(body('v'), way, value)), codes: [422] }
  })

const namesGiven = fc
  .tuple(sample, fc.constantFrom('A', 'a_b', '-a', 'a-', 'a b', 'é', 'x'.repeat(254), 'a/b', '%', '..'), fc.constantFrom('POST', 'PUT'))
  .map(([{ path, body }, name, method]): Malformed => ({
    wrong: 'name',
    method,
    path: method === 'PUT' ? `${path}/${THERE}` : path,
    headers: JSON_TYPE,
    body: text(body(name)),
    codes: [method === 'PUT' ? 400 : 422],
  }))

const identity = fc
  .tuple(
    sample,
    fc.constantFrom<[Body, string, number]>(
      [{ namespace: 'other' }, 'POST', 400],
      [{ namespace: 'other' }, 'PUT', 400],
      [{ resourceVersion: '7' }, 'POST', 400],
      [{ resourceVersion: '1' }, 'PUT', 409],
      [{ uid: 'somebody-else' }, 'PUT', 409],
      [{ resourceVersion: '1' }, 'PATCH', 409],
      [{ uid: 'somebody-else' }, 'PATCH', 422],
    ),
  )
  .map(([{ path, body }, [metadata, method, code]]): Malformed => {
    const whole = body(method === 'POST' ? 'i' : THERE)
    Object.assign(whole['metadata'], metadata)
    const isPatch = method === 'PATCH'
    return {
      wrong: 'identity',
      method,
      path: method === 'POST' ? path : `${path}/${THERE}`,
      headers: isPatch ? { 'content-type': PATCHES[0] } : JSON_TYPE,
      body: text(isPatch ? { metadata } : whole),
      codes: [code],
    }
  })

const jsonPatches = fc
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

const applies = fc
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

const subresources = fc
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

const scales = fc
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

/** `k8s\0`, then Unknown{typeMeta, raw}: a ConfigMap, spoiled at some bytes. */
const protobuf = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), pick, fc.constantFrom('magic', 'garbage', 'flip', 'cut', 'kind'))
  .map(([noise, n, how]): Malformed => {
    const field = (number: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
    const typeMeta = Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from(how === 'kind' ? 'Nope' : 'ConfigMap'))])
    const entry = Buffer.concat([field(1, Buffer.from('k')), field(2, Buffer.from('v'))])
    const raw = Buffer.concat([field(1, field(1, Buffer.from('proto'))), field(2, entry)])
    let body = Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw)])
    if (how === 'magic') body = Buffer.concat([Buffer.from(noise), Buffer.from('x')])
    if (how === 'garbage') body = Buffer.concat([body.subarray(0, 4), Buffer.from(noise)])
    if (how === 'flip') body[4 + (n % (body.length - 4))] = noise[0] as number
    if (how === 'cut') body = body.subarray(0, 5 + (n % (body.length - 6)))
    const certain = how === 'magic' || how === 'kind'
    return {
      wrong: 'protobuf',
      method: 'POST',
      path: '/api/v1/namespaces/default/configmaps?dryRun=All',
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body,
      codes: certain ? [400] : null,
    }
  })

/** Right in form, with any value at any place: the answer may be anything but a server's error. */
const chaos = fc
  .tuple(sample, pick, anything, fc.constantFrom('POST', 'PUT', ...PATCHES), word, fc.boolean())
  .map(([{ path, body, custom }, n, value, how, key, fresh]): Malformed => {
    const isPatch = how.includes('/')
    const whole = body(how === 'POST' ? 'chaos' : THERE)
    const all = ways(whole)
    const way = all[n % all.length] as Way
    const target: Way =
      fresh && typeof at(whole, way.slice(0, -1)) === 'object'
        ? [...way.slice(0, -1), Array.isArray(at(whole, way.slice(0, -1))) ? 0 : key]
        : way
    const wrong = spoiled(whole, target, value)
    const type = custom && how === PATCHES[1] ? PATCHES[0] : how
    const pointer = `/${target.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`
    return {
      wrong: 'chaos',
      method: isPatch ? 'PATCH' : how,
      path: `${path}${how === 'POST' ? '' : `/${THERE}`}?dryRun=All`,
      headers: { 'content-type': isPatch ? type : 'application/json' },
      body: text(type === PATCHES[2] ? [{ op: ['add', 'replace', 'remove', 'test'][n % 4], path: pointer, value }] : wrong),
      codes: null,
    }
  })

/** Queries and headers of any kind on a good request. */
const strange = fc
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

/** Every kind of malformation, by its share. */
export const malformed: fc.Arbitrary<Malformed> = fc.oneof(
  { weight: 2, arbitrary: paths },
  { weight: 1, arbitrary: missing },
  { weight: 1, arbitrary: methods },
  { weight: 2, arbitrary: media },
  { weight: 3, arbitrary: listQueries },
  { weight: 2, arbitrary: writeQueries },
  { weight: 2, arbitrary: deletes },
  { weight: 4, arbitrary: syntax },
  { weight: 2, arbitrary: kinds },
  { weight: 5, arbitrary: types },
  { weight: 3, arbitrary: unknownFields },
  { weight: 3, arbitrary: values },
  { weight: 2, arbitrary: namesGiven },
  { weight: 2, arbitrary: identity },
  { weight: 2, arbitrary: jsonPatches },
  { weight: 1, arbitrary: applies },
  { weight: 2, arbitrary: subresources },
  { weight: 2, arbitrary: scales },
  { weight: 2, arbitrary: protobuf },
  { weight: 6, arbitrary: chaos },
  { weight: 3, arbitrary: strange },
)
