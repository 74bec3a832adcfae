import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { canonicalJson, revisionHash, templateHash } from '../../../../server/lab/machinery/hash.ts'

interface Case {
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet'
  /** The end of the name of what a real cluster of 1.35.4 made of it. */
  name: string
  template: object
}

const cases = JSON.parse(readFileSync(new URL('../../../fixtures/template-hashes.json', import.meta.url), 'utf8')) as Case[]
const settings = { version: 'v1.35.4' }

describe('the hash of a template is a real cluster’s', () => {
  it.each(cases.map((each, i) => ({ ...each, label: `${each.kind} ${i}` })))('$label: $name', ({ kind, name, template }) => {
    const data = { spec: { template: { ...template, $patch: 'replace' } } }
    expect(kind === 'StatefulSet' ? revisionHash(data, 0) : templateHash(template, undefined, settings)).toBe(name)
  })

  it('of 1.20 too, which knew fewer fields', () => {
    expect(templateHash(cases[0]?.template ?? {}, undefined, { version: 'v1.20.1' })).toBe('748c4756b7')
  })

  it('another one after a collision', () => {
    const template = cases[0]?.template ?? {}
    const hashes = [undefined, 0, 1].map((count) => templateHash(template, count, settings))
    expect(new Set(hashes).size).toBe(3)
  })
})

it('JSON to be hashed has sorted keys and nothing that HTML would take for its own', () => {
  expect(canonicalJson({ b: '<&>', a: [1, null, { d: true, c: undefined }] })).toBe('{"a":[1,null,{"d":true}],"b":"\\u003c\\u0026\\u003e"}')
})
