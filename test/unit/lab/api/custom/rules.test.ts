import { describe, expect, it } from 'vitest'
import { parseRule, UnknownRule } from '../../../../../server/lab/api/custom/rule-language.ts'
import { ruleProblems } from '../../../../../server/lab/api/custom/rules.ts'

describe('a validation rule', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['self == oldSelf', 'a', 'a', true],
    ['self == oldSelf', 'a', 'b', false],
    ['duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= 65535', '0s', undefined, false],
    ['duration(self).getMilliseconds() % 1000 == 0', '1m30s', undefined, true],
    ['self.min <= self.max', { min: 3, max: 2 }, undefined, false],
    ['has(self.a) ? self.a.size() > 0 : true', {}, undefined, true],
    ["self.all(x, x.startsWith('v') && !(x in ['v0']))", ['v1', 'v2'], undefined, true],
    ["self.all(x, x.startsWith('v') && !(x in ['v0']))", ['v0'], undefined, false],
    ['size(self.filter(x, x > 1)) == 1 || self.exists(x, x == -1)', [1, 2], undefined, true],
    ["self.matches('^[a-z]+$')", 'ab1', undefined, false],
  ])('%s of %j, before %j, is %j', (rule, self, oldSelf, holds) => {
    expect(parseRule(rule)({ self, oldSelf })).toBe(holds)
  })

  it('in words that are not known is said so', () => {
    expect(() => parseRule('self.isSorted()')({ self: [1] })).toThrow(UnknownRule)
    expect(() => parseRule('self ~ 1')).toThrow(UnknownRule)
  })
})

describe('the rules of a schema', () => {
  const schema = {
    properties: { node: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'Value is immutable' }] } },
  }

  it('hold for a change, not for what is new', () => {
    expect(ruleProblems({ node: 'b' }, { node: 'a' }, schema, [])).toEqual([
      { type: 'Invalid', field: 'node', value: 'b', detail: 'Value is immutable' },
    ])
    expect(ruleProblems({ node: 'b' }, {}, schema, [])).toEqual([])
  })

  it('are not looked at where the object is broken already, and that is said', () => {
    const found = [{ type: 'Required', field: 'x', detail: '' } as const]
    expect(ruleProblems({ node: 'b' }, { node: 'a' }, schema, found)[0]?.detail).toMatch(/^some validation rules were not checked/)
    expect(ruleProblems({}, undefined, { properties: {} }, found)).toEqual([])
  })
})
