import { describe, expect, it } from 'vitest'
import { parsePlan } from '../../../server/deck/plan.ts'

describe('the address plan', () => {
  it('keeps the order of the nodes', () => {
    const headmatter = { lab: { nodes: { 'm-k8s': '10.0.0.1', 'a-k8s': '10.0.0.2' }, pool: '10.0.0.11 - 10.0.0.19' } }
    expect(parsePlan(headmatter)).toEqual({
      nodes: [
        { name: 'm-k8s', address: '10.0.0.1' },
        { name: 'a-k8s', address: '10.0.0.2' },
      ],
      pool: { first: '10.0.0.11', last: '10.0.0.19' },
    })
  })

  it.each([
    [{}, 'no address plan'],
    [null, 'no address plan'],
    [{ lab: { nodes: [], pool: '10.0.0.1-10.0.0.2' } }, 'no address plan'],
    [{ lab: { nodes: {}, pool: '10.0.0.1-10.0.0.2' } }, 'has no nodes'],
    [{ lab: { nodes: { a: '10.0.0.256' }, pool: '10.0.0.1-10.0.0.2' } }, 'is no IPv4 address'],
    [{ lab: { nodes: { a: 5 }, pool: '10.0.0.1-10.0.0.2' } }, 'is no IPv4 address'],
    [{ lab: { nodes: { a: '10.0.0.1' }, pool: '10.0.0.1' } }, 'expected FIRST-LAST'],
    [{ lab: { nodes: { a: '10.0.0.1' }, pool: '10.0.0.9-10.0.0.2' } }, 'above the last'],
  ])('refuses %j', (headmatter, message) => {
    expect(parsePlan(headmatter)).toEqual({ error: expect.stringContaining(message) })
  })
})
