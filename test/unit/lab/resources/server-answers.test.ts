import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { contextOf, create, update } from './context.ts'

interface Recorded {
  old?: KubeObject
  object: KubeObject
  refusal?: string
  stored?: KubeObject
}

const recorded = (name: string): Recorded[] =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/server-answers/${name}-1.35.4.json`, import.meta.url), 'utf8')) as Recorded[]

const ERROR =
  /, (?=[A-Za-z][\w.[\]{}/,' -]*: (?:Required value|Invalid value|Unsupported value|Forbidden|Duplicate value|Not found|Too long|Too many))/

/** The server walks Go's maps, so the order of the errors of one field is chance: they are compared as a set. */
function comparable(refusal: string | undefined): string[] {
  const [, head = '', list] = /^(.*? is invalid: )\[(.*)\]$/s.exec(refusal ?? '') ?? []
  return list === undefined ? [refusal ?? ''] : [head, ...list.split(ERROR).toSorted()]
}

/** Without what differs from run to run: names, addresses and ports by chance, times. */
function settled(object: KubeObject): unknown {
  const { managedFields: _m, generation: _g, resourceVersion: _r, uid: _u, creationTimestamp: _c, ...metadata } = object.metadata
  const text = JSON.stringify({ ...object, metadata })
    .replaceAll(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-R')
    .replaceAll(/"10\.\d+\.\d+\.\d+"/g, '"10.R"')
    .replaceAll(/"(nodePort|healthCheckNodePort)":3\d{4}/g, '"$1":3')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
    .replaceAll(/"lastPhaseTransitionTime":"[^"]*"/g, '"lastPhaseTransitionTime":"T"')
  return JSON.parse(text)
}

const named = (list: Recorded[]): [string, Recorded][] =>
  list.map((each, index) => {
    const { kind, spec, metadata } = each.object
    return [`${index} ${kind} ${JSON.stringify(spec ?? metadata).slice(0, 90)}`, each]
  })

// A dry run, as the recording was: the allocators give what cannot be taken.
const context = () => contextOf([], { dryRun: true })

describe('a new object is refused in the real server’s words, or stored as the real server stores it', () => {
  test.each(named(recorded('create')))('%s', (_name, { object, refusal, stored }) => {
    const outcome = create(object, context())
    if (stored === undefined) expect(comparable('refusal' in outcome ? outcome.refusal : 'stored')).toEqual(comparable(refusal))
    else expect('stored' in outcome ? settled(outcome.stored) : outcome.refusal).toEqual(settled(stored))
  })
})

describe('a change is refused in the real server’s words, or stored as the real server stores it', () => {
  test.each(named(recorded('update')))('%s', (_name, { old, object, refusal, stored }) => {
    const outcome = update(old as KubeObject, object, context())
    if (stored === undefined) expect(comparable('refusal' in outcome ? outcome.refusal : 'stored')).toEqual(comparable(refusal))
    else expect('stored' in outcome ? settled(outcome.stored) : outcome.refusal).toEqual(settled(stored))
  })
})
