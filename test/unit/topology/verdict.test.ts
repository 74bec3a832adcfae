import { describe, expect, it } from 'vitest'
import { findingInEnglish } from '../../../server/english.ts'
import type { Check } from '../../../server/protocol/lab.ts'
import { compareExit, valueAt, verdict } from '../../../server/topology/verdict.ts'

const subject = { resource: 'pod', name: 'a' as string | null, namespace: 'default', selector: null }
const all = { ...subject, name: null, selector: 'app=x' }
const object = (name: string, phase = 'Running') => ({
  metadata: { name, annotations: { 'metallb.io/pool': 'p' } },
  status: { phase, restarts: 3, ips: [{ ip: '10.0.0.1' }] },
})
type ClusterCheck = Exclude<Check, { kind: 'exit' }>

describe('a path into an object', () => {
  it.each([
    ['.status.phase', 'Running'],
    ['.status.ips[0].ip', '10.0.0.1'],
    [".metadata.annotations['metallb.io/pool']", 'p'],
    ['.metadata.annotations.metallb\\.io/pool', 'p'],
    ['.status.ips[?(@.ip=="10.0.0.1")].ip', '10.0.0.1'],
    ['.status.ips[?(@.ip=="10.0.0.2")].ip', undefined],
    ['.status[?(@.ip=="10.0.0.1")]', undefined],
    ['.status.ips[1].ip', undefined],
    ['.status.phase.length', undefined],
    ['.constructor', undefined],
  ])('%s', (path, value) => {
    expect(valueAt(object('a'), path)).toBe(value)
  })
})

describe('a check', () => {
  it.each<[string, ClusterCheck, ReturnType<typeof object>[], boolean, string]>([
    ['holds where an object exists', { kind: 'existence', subject, exists: true, text: '' }, [object('a')], true, 'pod/a exists'],
    ['does not where it is missing', { kind: 'existence', subject, exists: true, text: '' }, [], false, 'pod/a does not exist'],
    ['holds for an absent object', { kind: 'existence', subject, exists: false, text: '' }, [], true, 'pod/a does not exist'],
    [
      'compares a value',
      { kind: 'value', subject, path: '.status.phase', operator: '=', value: 'Running', text: '' },
      [object('a')],
      true,
      'pod/a has .status.phase Running',
    ],
    [
      'shows what stands there instead',
      { kind: 'value', subject, path: '.status.phase', operator: '=', value: 'Pending', text: '' },
      [object('a')],
      false,
      'pod/a has .status.phase Running',
    ],
    [
      'compares numbers as numbers',
      { kind: 'value', subject, path: '.status.restarts', operator: '>=', value: '10', text: '' },
      [object('a')],
      false,
      'pod/a has .status.restarts 3',
    ],
    [
      'matches a pattern',
      { kind: 'value', subject, path: '.status.ips[0].ip', operator: 'matches', value: '^10\\.', text: '' },
      [object('a')],
      true,
      'pod/a has .status.ips[0].ip 10.0.0.1',
    ],
    [
      'takes a missing value for unequal',
      { kind: 'value', subject, path: '.spec.x', operator: '!=', value: '1', text: '' },
      [object('a')],
      true,
      'pod/a has no .spec.x',
    ],
    [
      'does not compare with nothing',
      { kind: 'value', subject, path: '.spec.x', operator: '<=', value: '1', text: '' },
      [object('a')],
      false,
      'pod/a has no .spec.x',
    ],
    [
      'does not hold for a value of an object that is missing',
      { kind: 'value', subject, path: '.x', operator: '!=', value: '1', text: '' },
      [],
      false,
      'pod/a does not exist',
    ],
    [
      'sees a field',
      { kind: 'presence', subject, path: '.status.ips', exists: true, text: '' },
      [object('a')],
      true,
      'pod/a has .status.ips',
    ],
    [
      'sees that a field is absent',
      { kind: 'presence', subject, path: '.status.no', exists: false, text: '' },
      [object('a')],
      true,
      'pod/a has no .status.no',
    ],
    [
      'says which field is missing',
      { kind: 'presence', subject, path: '.status.no', exists: true, text: '' },
      [object('a')],
      false,
      'pod/a has no .status.no',
    ],
    [
      'says which field is there',
      { kind: 'presence', subject, path: '.status.ips', exists: false, text: '' },
      [object('a')],
      false,
      'pod/a has .status.ips',
    ],
    ['counts', { kind: 'count', subject: all, operator: '=', value: '2', text: '' }, [object('a'), object('b')], true, '2 found'],
    ['counts none', { kind: 'count', subject: all, operator: '>=', value: '1', text: '' }, [], false, '0 found'],
    [
      'looks at every object',
      { kind: 'every', subject: all, path: '.status.phase', operator: '=', value: 'Running', text: '' },
      [object('a'), object('b', 'Pending')],
      false,
      'pod/b has .status.phase Pending',
    ],
    [
      'holds for every object',
      { kind: 'every', subject: all, path: '.status.phase', operator: '=', value: 'Running', text: '' },
      [object('a'), object('b')],
      true,
      'pod/a has .status.phase Running',
    ],
    [
      'does not hold for every one of none',
      { kind: 'every', subject: all, path: '.status.phase', operator: '=', value: 'Running', text: '' },
      [],
      false,
      'pod -l app=x does not exist',
    ],
  ])('%s', (_what, check, objects, holds, words) => {
    const { holds: held, found } = verdict(check, objects)
    expect([held, findingInEnglish(found)]).toEqual([holds, words])
  })

  it.each([
    ['=', '1', 1, true],
    ['=', '1', 0, false],
    ['!=', '0', 52, true],
    ['matches', '^(7|28)$', 28, true],
  ] as const)('of the exit code %s %s with %i', (operator, value, exit, holds) => {
    expect(compareExit({ kind: 'exit', operator, value, text: '' }, exit)).toBe(holds)
  })
})
