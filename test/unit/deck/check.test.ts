import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCheck } from '../../../server/deck/check.ts'
import type { Check, CheckSubject } from '../../../server/protocol/lab.ts'

const service: CheckSubject = { resource: 'service', name: 'lb-hname-svc', namespace: 'default', selector: null }
const pods: CheckSubject = { resource: 'pod', name: null, namespace: 'default', selector: 'app=lb-hname-pods' }

/** A check without the text that it was read from. */
type Unwritten = Check extends infer One ? (One extends Check ? Omit<One, 'text'> : never) : never

describe('a check', () => {
  it.each<[string, Unwritten]>([
    ['service/lb-hname-svc exists', { kind: 'existence', subject: service, exists: true }],
    ['service/lb-hname-svc absent', { kind: 'existence', subject: service, exists: false }],
    ['pod -l app=lb-hname-pods absent', { kind: 'existence', subject: pods, exists: false }],
    [
      'service/lb-hname-svc .status.loadBalancer.ingress[0].ip = 192.168.1.11',
      { kind: 'value', subject: service, path: '.status.loadBalancer.ingress[0].ip', operator: '=', value: '192.168.1.11' },
    ],
    [
      'service/lb-hname-svc .status.loadBalancer.ingress absent',
      { kind: 'presence', subject: service, path: '.status.loadBalancer.ingress', exists: false },
    ],
    ['pod -l app=lb-hname-pods count = 6', { kind: 'count', subject: pods, operator: '=', value: '6' }],
    [
      'pod -n metallb-system -l app=metallb every .status.phase = Running',
      {
        kind: 'every',
        subject: { resource: 'pod', name: null, namespace: 'metallb-system', selector: 'app=metallb' },
        path: '.status.phase',
        operator: '=',
        value: 'Running',
      },
    ],
    [
      'node every .status.conditions[?(@.type=="Ready")].status = True',
      {
        kind: 'every',
        subject: { resource: 'node', name: null, namespace: 'default', selector: null },
        path: '.status.conditions[?(@.type=="Ready")].status',
        operator: '=',
        value: 'True',
      },
    ],
    [
      "service/lb-hname-svc .metadata.annotations['metallb.io/ip-allocated-from-pool'] matches ^k8s-.*$",
      {
        kind: 'value',
        subject: service,
        path: ".metadata.annotations['metallb.io/ip-allocated-from-pool']",
        operator: 'matches',
        value: '^k8s-.*$',
      },
    ],
    [
      'service/lb-hname-svc .metadata.name = two words',
      { kind: 'value', subject: service, path: '.metadata.name', operator: '=', value: 'two words' },
    ],
    [
      'deployment/controller -n metallb-system .status.availableReplicas >= 1',
      {
        kind: 'value',
        subject: { resource: 'deployment', name: 'controller', namespace: 'metallb-system', selector: null },
        path: '.status.availableReplicas',
        operator: '>=',
        value: '1',
      },
    ],
    ['exit = 1', { kind: 'exit', operator: '=', value: '1' }],
    ['exit != 0', { kind: 'exit', operator: '!=', value: '0' }],
  ])('reads %s', (text, expected) => {
    expect(parseCheck(` ${text} `)).toEqual({ ...expected, text })
  })

  it.each([
    ['', 'is empty'],
    ['Service/x exists', 'is no resource'],
    ['service/x', 'says nothing about'],
    ['service/x is there', 'is nothing to check'],
    ['service/x .spec.type', 'is no comparison'],
    ['service/x .spec.type == NodePort', 'is no comparison'],
    ['service/x .spec.type =', 'is no comparison'],
    ['service/x .spec..type = a', 'is no path'],
    ['service/x .spec.ports[x] = a', 'is no path'],
    ['service .spec.type = NodePort', 'a path needs one object'],
    ['service/x count = 1', 'several objects'],
    ['pod count', 'is no comparison'],
    ['pod count = many', 'is no whole number'],
    ['pod/x .status.n >= many', 'is no number'],
    ['pod every .status.phase matches (', 'is no regular expression'],
    ['pod -n', '-n needs a value'],
    ['pod/x -l app=y exists', 'a name or a selector'],
    ['exit', 'is no comparison'],
    ['exit = zero', 'is no whole number'],
  ])('refuses "%s" and says what was expected', (text, message) => {
    const result = parseCheck(text)
    expect(result).toHaveProperty('error', expect.stringContaining(message))
  })
})

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/).filter((text) => text !== 'exit')
const path = fc
  .array(
    fc.oneof(
      word.map((field) => `.${field}`),
      fc.nat(9).map((n) => `[${n}]`),
      word.map((key) => `['example.com/${key}']`),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => `.spec${parts.join('')}`)
const value = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .:/-]{0,18}[A-Za-z0-9]$/)
const equality = fc.constantFrom('=' as const, '!=' as const)
const named = fc.record({ resource: word, name: word, namespace: word, selector: fc.constant(null) })
const selected = fc.record({ resource: word, name: fc.constant(null), namespace: word, selector: fc.option(word.map((key) => `${key}=x`)) })

function written(one: Unwritten): string {
  if (one.kind === 'exit') return `exit ${one.operator} ${one.value}`
  const { resource, name, namespace, selector } = one.subject
  const subject = `${resource}${name === null ? '' : `/${name}`} -n ${namespace}${selector === null ? '' : ` -l ${selector}`}`
  switch (one.kind) {
    case 'existence':
      return `${subject} ${one.exists ? 'exists' : 'absent'}`
    case 'presence':
      return `${subject} ${one.path} ${one.exists ? 'exists' : 'absent'}`
    case 'value':
      return `${subject} ${one.path} ${one.operator} ${one.value}`
    case 'count':
      return `${subject} count ${one.operator} ${one.value}`
    case 'every':
      return `${subject} every ${one.path} ${one.operator} ${one.value}`
  }
}

describe('any check', () => {
  const any = fc.oneof(
    fc.record({ kind: fc.constant('existence' as const), subject: fc.oneof(named, selected), exists: fc.boolean() }),
    fc.record({ kind: fc.constant('presence' as const), subject: named, path, exists: fc.boolean() }),
    fc.record({ kind: fc.constant('value' as const), subject: named, path, operator: equality, value }),
    fc.record({ kind: fc.constant('count' as const), subject: selected, operator: equality, value: fc.nat().map(String) }),
    fc.record({ kind: fc.constant('every' as const), subject: selected, path, operator: equality, value }),
    fc.record({ kind: fc.constant('exit' as const), operator: equality, value: fc.integer().map(String) }),
  )

  it('reads as it was written', () => {
    fc.assert(
      fc.property(any, (check) => {
        const text = written(check as Unwritten)
        expect(parseCheck(text)).toEqual({ ...check, text })
      }),
    )
  })

  it('is a check or an error, whatever the line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = parseCheck(text)
        expect('error' in result ? result.error.length > 0 : result.text === text.trim()).toBe(true)
      }),
    )
  })
})
