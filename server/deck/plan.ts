/** The address plan in the headmatter of slides.md: `lab: { nodes: { m-k8s: 192.168.1.10, ... }, pool: 192.168.1.11-192.168.1.19 }`. */
import type { AddressPlan } from '../protocol/lab.ts'

const EXPECTED = 'expected `lab: { nodes: { NAME: ADDRESS, ... }, pool: FIRST-LAST }` in the headmatter'
const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Reads the plan, or says what was expected. A deck without labs needs none. */
export function parsePlan(headmatter: unknown): AddressPlan | { error: string } {
  const plan = isRecord(headmatter) ? headmatter['lab'] : undefined
  if (!isRecord(plan) || !isRecord(plan['nodes']) || typeof plan['pool'] !== 'string')
    return { error: `the deck has labs but no address plan: ${EXPECTED}` }
  const nodes: AddressPlan['nodes'] = []
  for (const [name, address] of Object.entries(plan['nodes'])) {
    if (typeof address !== 'string' || !ADDRESS.test(address)) return { error: `node ${name}: "${address}" is no IPv4 address` }
    nodes.push({ name, address })
  }
  if (nodes.length === 0) return { error: `the address plan has no nodes: ${EXPECTED}` }
  const [first, last, more] = plan['pool'].split('-').map((part) => part.trim())
  if (first === undefined || last === undefined || more !== undefined || !ADDRESS.test(first) || !ADDRESS.test(last))
    return { error: `pool "${plan['pool']}": expected FIRST-LAST, two IPv4 addresses` }
  if (asNumber(first) > asNumber(last)) return { error: `pool "${plan['pool']}": the first address is above the last` }
  return { nodes, pool: { first, last } }
}
