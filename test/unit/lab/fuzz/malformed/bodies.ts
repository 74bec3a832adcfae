/** Bodies that are no JSON, or no object of their kind. */
import fc from 'fast-check'
import { SAMPLES, THERE, type Body, type Sample } from '../objects.ts'
import {
  type Malformed,
  JSON_TYPE,
  sample,
  builtin,
  PATCHES,
  word,
  anything,
  type Way,
  ways,
  at,
  spoiled,
  text,
  pick,
  addressFor,
} from './kit.ts'

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

export const syntax = fc
  .tuple(sample, brokenText, fc.constantFrom('POST', 'PUT', 'PATCH', 'GZIP'))
  .map(([{ path }, body, how]): Malformed => {
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
    return { wrong: 'syntax', method, path: addressFor(method, path), headers, body, codes: [400] }
  })

export const kinds = fc
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
    path: addressFor(method, path),
    headers: JSON_TYPE,
    body: text({ ...body(method === 'PUT' ? THERE : 'k'), ...other }),
    codes: [400],
  }))

/** Fields that take more than one type. */
const MANY_TYPES = new Set(['port', 'targetPort', 'cpu'])

/** A value of another JSON type than the one there; undefined where the field takes several. */
function otherType(way: Way, value: unknown, n: number): unknown {
  if (MANY_TYPES.has(String(way.at(-1)))) return [[], {}, true][n % 3]
  if (typeof value === 'string') return [7, true, {}, ['x'], 1.5][n % 5]
  if (typeof value === 'number') return ['7', true, {}, [1], 1.5][n % 5]
  if (typeof value === 'boolean') return ['true', 1, {}, [true]][n % 4]
  return Array.isArray(value) ? ['x', 7, { a: 1 }, true][n % 4] : ['x', 7, ['a'], true][n % 4]
}

export const types = fc
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
    if (!isPatch) return { wrong: 'type', method: how, path: addressFor(how, path), headers: JSON_TYPE, body: text(wrong), codes }
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

export const unknownFields = fc
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
      path: `${addressFor(how, path)}?fieldValidation=Strict`,
      headers: isPatch ? { 'content-type': how } : JSON_TYPE,
      body: text(wrong),
      codes: isPatch ? [422] : [400],
    }
  })

/** Values of the right type that a kind's rules refuse. */
export const values = fc
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

export const namesGiven = fc
  .tuple(sample, fc.constantFrom('A', 'a_b', '-a', 'a-', 'a b', 'é', 'x'.repeat(254), 'a/b', '%', '..'), fc.constantFrom('POST', 'PUT'))
  .map(([{ path, body }, name, method]): Malformed => ({
    wrong: 'name',
    method,
    path: addressFor(method, path),
    headers: JSON_TYPE,
    body: text(body(name)),
    codes: [method === 'PUT' ? 400 : 422],
  }))

export const identity = fc
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
      path: addressFor(method, path),
      headers: isPatch ? { 'content-type': PATCHES[0] } : JSON_TYPE,
      body: text(isPatch ? { metadata } : whole),
      codes: [code],
    }
  })

/** `k8s\0`, then Unknown{typeMeta, raw}: a ConfigMap, spoiled at some bytes. */
export const protobuf = fc
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
export const chaos = fc
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
      path: `${addressFor(how, path)}?dryRun=All`,
      headers: { 'content-type': isPatch ? type : 'application/json' },
      body: text(type === PATCHES[2] ? [{ op: ['add', 'replace', 'remove', 'test'][n % 4], path: pointer, value }] : wrong),
      codes: null,
    }
  })
