import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { parseSchedule, scheduleError } from '../../../../server/lab/resources/batch/schedule.ts'
import { selects, selectorText } from '../../../../server/lab/resources/kit/labels.ts'
import { dns1035Label, dnsLabel, dnsSubdomain, labelValue, portName, qualifiedName } from '../../../../server/lab/resources/kit/names.ts'
import { canonicalQuantity, formatQuantity, parseQuantity, quantityNumber } from '../../../../server/lab/resources/kit/quantity.ts'

describe('quantities', () => {
  test.each<[unknown, string]>([
    ['1', '1'],
    [1, '1'],
    ['0.5', '500m'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['1000Mi', '1000Mi'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0', '0'],
    ['0Gi', '0'],
    ['1e3', '1e3'],
    ['1000', '1k'],
    ['-1', '-1'],
    ['24684084Ki', '24684084Ki'],
    ['100000000', '100M'],
    ['0.0001', '100u'],
    ['1Ei', '1Ei'],
  ])('%s is written %s', (given, text) => expect(canonicalQuantity(given)).toBe(text))

  test.each(['', 'a', '1Zi', '1.2.3', '.', '1 Gi', '--1', 'Mi'])('%j is none', (text) => expect(parseQuantity(text)).toBeNull())

  test('keep their value when they are written and read again', () => {
    const suffixes = ['', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'Ti']
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(...suffixes), (number, suffix) => {
        const quantity = parseQuantity(`${number}${suffix}`)
        expect(quantity).not.toBeNull()
        expect(quantityNumber(formatQuantity(quantity!))).toBe(quantityNumber(`${number}${suffix}`))
      }),
    )
  })
})

describe('names', () => {
  test.each<[string, (value: string) => string[], string[], string[]]>([
    ['a DNS label', dnsLabel, ['a', '1a', 'a-b', 'a'.repeat(63)], ['', 'A', 'a.b', '-a', 'a-', 'a_b', 'a'.repeat(64)]],
    ['a DNS label that begins with a letter', dns1035Label, ['a', 'a1'], ['1a', 'a.b']],
    ['a DNS subdomain', dnsSubdomain, ['a.b', 'a-b.c', '1.2'], ['a..b', 'A.b', '.a', 'a'.repeat(254)]],
    ['a label’s key', qualifiedName, ['a', 'A_b', 'x.y/a', 'a.b-c'], ['', 'a b', '/a', 'a/', 'A.b/c', 'a/b/c', '-a']],
    ['a label’s value', labelValue, ['', 'a', 'A_b.c'], ['a b', '-a', 'a'.repeat(64)]],
    ['a port’s name', portName, ['http', 'a1', '1a'], ['HTTP', '80', 'a--b', '-a', 'a-', 'sixteen-letters-']],
  ])('%s', (_name, rule, good, bad) => {
    for (const value of good) expect(rule(value), value).toEqual([])
    for (const value of bad) expect(rule(value), value).not.toEqual([])
  })
})

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front' }
  test.each<[object | null, boolean, string]>([
    [null, false, ''],
    [{}, true, ''],
    [{ matchLabels: { app: 'web' } }, true, 'app=web'],
    [{ matchLabels: { app: 'api' } }, false, 'app=api'],
    [{ matchLabels: { tier: 'front', app: 'web' } }, true, 'app=web,tier=front'],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] }, true, 'app in (api,web)'],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false, 'app notin (web)'],
    [{ matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['y'] }] }, true, 'x notin (y)'],
    [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true, 'app'],
    [{ matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }, true, '!x'],
  ])('%j', (selector, matches, text) => {
    expect(selects(selector, labels)).toBe(matches)
    expect(selectorText(selector ?? undefined)).toBe(text)
  })
})

describe('schedules', () => {
  test.each<[string, string | null]>([
    ['*/5 * * * *', null],
    ['0 0 1 jan mon', null],
    ['@hourly', null],
    ['@every 1h30m', null],
    ['0 0 * * 7', 'end of range (7) above maximum (6): 7'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@often', 'unrecognized descriptor: @often'],
  ])('%s', (text, error) => expect(scheduleError(text)).toBe(error))

  test('name minutes, hours, days, months and days of the week', () => {
    const schedule = parseSchedule('0,30 9-17/4 1 * mon-wed')
    expect('fields' in schedule && schedule.fields.map((each) => [...each])).toEqual([
      [0, 30],
      [9, 13, 17],
      [1],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      [1, 2, 3],
    ])
    expect(parseSchedule('@every 90s')).toEqual({ every: 90_000 })
  })
})
