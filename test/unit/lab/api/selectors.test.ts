import { describe, expect, it } from 'vitest'
import { parseFieldSelector, parseLabelSelector } from '../../../../server/lab/api/selectors.ts'

const web = { app: 'web', tier: 'front' }

describe('label selectors', () => {
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app!=web', false],
    ['nope!=web', true],
    ['app in (web, api)', true],
    ['app notin (web)', false],
    ['nope notin (web)', true],
    ['app in ()', false],
    ['app=', false],
  ])('%j picks the web pod: %s', (selector, picked) => {
    expect(parseLabelSelector(selector)(web)).toBe(picked)
  })

  it.each([
    ['app notin (web', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a=b,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('%j is refused as the server does', (selector, message) => {
    expect(() => parseLabelSelector(selector)).toThrow(message)
  })
})

describe('field selectors', () => {
  const fields = new Set(['status.phase'])

  it('compares, also for inequality, and finds the one name that can match', () => {
    const { matches, name } = parseFieldSelector('metadata.name=a,status.phase!=Failed', 'Pod', fields)
    expect(name).toBe('a')
    expect(matches({ 'metadata.name': 'a', 'status.phase': 'Running' })).toBe(true)
    expect(matches({ 'metadata.name': 'a', 'status.phase': 'Failed' })).toBe(false)
  })

  it('names a field that the kind does not know', () => {
    expect(() => parseFieldSelector('spec.foo=bar', 'Pod', fields)).toThrow('field label not supported: spec.foo')
    expect(() => parseFieldSelector('spec.foo=bar', 'ConfigMap', new Set())).toThrow(
      '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
  })
})
