import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RawAnswer } from './client.ts'
import { REPLAY, RUNS, SEED, startFuzzLab, tellSeed, type FuzzLab } from './fuzz.ts'
import { malformed, type Malformed } from './malformed.ts'
import { SAMPLES, THERE } from './objects.ts'

let lab: FuzzLab

beforeAll(async () => {
  lab = await startFuzzLab()
})
afterAll(() => lab.stop())

/** What is wrong with an answer; null where it is right. */
function complaint({ codes, wrong }: Malformed, { status, json, text }: RawAnswer): string | null {
  if (codes ? !codes.includes(status) : status >= 500) return `the code is ${status}: ${text.slice(0, 300)}`
  if (status < 400) return null
  // a path that no group knows never comes to the part of the server that writes a Status
  if (wrong === 'path' && status === 404 && text === '404 page not found\n') return null
  if (json?.kind !== 'Status' || json.apiVersion !== 'v1' || json.status !== 'Failure') return `no Status: ${text.slice(0, 300)}`
  if (json.code !== status) return `the Status says ${json.code}, the answer ${status}`
  // what a server's field manager says has no reason
  const named = typeof json.reason === 'string' || String(json.message).startsWith('failed to create typed patch object ')
  return typeof json.message === 'string' && json.message !== '' && named ? null : `it gives no reason: ${text}`
}

/** Puts back what a request that was taken has changed. */
async function undo(sent: Malformed, { status, json }: RawAnswer): Promise<void> {
  if (status >= 300 || sent.method === 'GET' || sent.path.includes('dryRun=All')) return
  const sample = Object.values(SAMPLES).find(({ path }) => sent.path.startsWith(path))
  if (!sample) return
  const name: unknown = json?.kind === 'Status' ? undefined : json?.metadata?.name
  if (typeof name === 'string' && name !== THERE)
    await lab.client.send({ method: 'DELETE', path: `${sample.path}/${encodeURIComponent(name)}` })
  await lab.restore(sample)
}

describe('whatever a client sends', () => {
  it('is answered by a Status with the right code: no crash, no hang, no 500', { timeout: 120_000 }, async () => {
    tellSeed('malformed requests')
    const watches = lab.server.cluster.current().store.watchCount()
    const kinds = new Map<string, number>()
    const wrong: string[] = []
    for (const sent of fc.sample(malformed, { seed: SEED, numRuns: RUNS })) {
      const answer = await lab.client.send(sent)
      const why = complaint(sent, answer)
      if (why !== null) {
        const { body, codes, ...request } = sent
        wrong.push(`${JSON.stringify(request)} ${String(body).slice(0, 500)}\n  expected ${codes?.join(' or ') ?? 'no 500'}, but ${why}`)
      }
      kinds.set(sent.wrong, (kinds.get(sent.wrong) ?? 0) + 1)
      await undo(sent, answer)
    }
    expect(wrong.slice(0, 5), `${wrong.length} answers are wrong; ${REPLAY}`).toEqual([])
    expect(lab.faults, REPLAY).toEqual([])
    // each kind of malformation was there
    if (RUNS >= 1_000) expect([...kinds.values()].every((count) => count > RUNS / 200)).toBe(true)
    // nothing is left open, and the lab is well
    await expect.poll(() => lab.server.cluster.current().store.watchCount()).toBe(watches)
    expect((await lab.client.send({ method: 'GET', path: '/readyz' })).text).toBe('ok')
  })

  const deep = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
  const MAPS = '/api/v1/namespaces/default/configmaps'
  const json = 'application/json'
  const yaml = 'application/apply-patch+yaml'

  it.each<[string, string, string, string, string | (() => string), number]>([
    ['a body larger than is read', 'POST', MAPS, json, () => `{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`, 413],
    [
      'a data set larger than is kept',
      'POST',
      MAPS,
      json,
      () => `{"metadata":{"name":"x"},"data":{"a":"${'x'.repeat(1024 * 1024 + 1)}"}}`,
      422,
    ],
    ['a body that nests for ever', 'POST', MAPS, json, () => `{"metadata":{"name":"x"},"data":${deep(100_000)}}`, 400],
    ['a patch that nests for ever', 'PATCH', `${MAPS}/${THERE}`, 'application/merge-patch+json', () => deep(100_000), 400],
    ['a configuration that nests for ever', 'PATCH', `${MAPS}/${THERE}?fieldManager=f`, yaml, () => '['.repeat(50_000), 400],
    ['a configuration that contains itself', 'PATCH', `${MAPS}/${THERE}?fieldManager=f`, yaml, 'a: &a { b: *a }', 400],
    [
      'a configuration that grows by its aliases',
      'PATCH',
      `${MAPS}/${THERE}?fieldManager=f`,
      yaml,
      () =>
        [
          'a: &a [x,x,x,x,x,x,x,x,x]',
          ...[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`),
        ].join('\n'),
      400,
    ],
    [
      'a patch that copies what it copied',
      'PATCH',
      `${MAPS}/${THERE}`,
      'application/json-patch+json',
      () =>
        JSON.stringify([
          { op: 'add', path: '/data/0', value: 'x'.repeat(1000) },
          ...Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/data', path: `/data/c${i}` })),
        ]),
      422,
    ],
    [
      'more operations than a patch may have',
      'PATCH',
      `${MAPS}/${THERE}`,
      'application/json-patch+json',
      () => JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }))),
      413,
    ],
    ['a body in UTF-16', 'POST', MAPS, json, () => Buffer.from('\uFEFF{"metadata":{"name":"x"}}', 'utf16le').toString('latin1'), 400],
    ['a selector as long as a book', 'GET', `${MAPS}?labelSelector=${'a,'.repeat(50_000)}a`, json, '', 200],
    ['a thousand parameters', 'GET', `${MAPS}?${'limit=1&'.repeat(1_000)}`, json, '', 200],
  ])('%s is answered at once', async (_what, method, path, type, body, code) => {
    const text = typeof body === 'string' ? body : body()
    const { status, json: answer } = await lab.client.send({
      method,
      path,
      headers: { 'content-type': type },
      ...(method === 'GET' ? {} : { body: text }),
    })
    expect(status).toBe(code)
    if (status >= 400) expect(answer).toMatchObject({ kind: 'Status', code })
    expect(lab.faults).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('a key may be %s, a word of JavaScript', async (key) => {
    const send = (method: string, path: string, body: string, type = json) =>
      lab.client.send({ method, path, headers: { 'content-type': type }, body })
    const path = `${MAPS}/words`
    const data = async (): Promise<[string, unknown][]> => Object.entries((await lab.client.send({ method: 'GET', path })).json.data ?? {})
    expect((await send('POST', MAPS, `{"metadata":{"name":"words"},"data":{"${key}":"1"}}`)).status).toBe(201)
    expect(await data()).toEqual([[key, '1']])
    await send('PATCH', path, `{"data":{"${key}":"2"}}`, 'application/merge-patch+json')
    expect(await data()).toEqual([[key, '2']])
    await send('PATCH', path, `{"data":{"${key}":"3"}}`, 'application/strategic-merge-patch+json')
    expect(await data()).toEqual([[key, '3']])
    await send('PATCH', path, `[{"op":"replace","path":"/data/${key}","value":"4"}]`, 'application/json-patch+json')
    expect(await data()).toEqual([[key, '4']])
    await send('PATCH', `${path}?fieldManager=f&force=true`, `{"apiVersion":"v1","kind":"ConfigMap","data":{"${key}":"5"}}`, yaml)
    expect(await data()).toEqual([[key, '5']])
    await send('PATCH', path, `[{"op":"remove","path":"/data/${key}"}]`, 'application/json-patch+json')
    expect(await data()).toEqual([])
    const selected = await lab.client.send({
      method: 'GET',
      path: `${MAPS}?labelSelector=${encodeURIComponent(key === '__proto__' ? 'constructor' : key)}`,
    })
    expect(selected.json.items).toEqual([])
    await send('DELETE', path, '')
    expect(lab.faults).toEqual([])
  })
})
