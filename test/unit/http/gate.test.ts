import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createGate, hostNames, isLoopback } from '../../../server/http/gate.ts'

const asking = (headers: Record<string, string>): IncomingMessage => ({ headers }) as unknown as IncomingMessage

describe('the gate', () => {
  it('knows the names of the loopback interface', () => {
    expect(['127.0.0.1', '127.8.8.8', 'localhost', '::1'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '192.168.1.5', 'example.org', '::'].some(isLoopback)).toBe(false)
  })

  it('answers on an address of the machine for that address', () => {
    expect(hostNames('192.168.1.5')).toContain('192.168.1.5')
    expect(hostNames('fe80::1')).toContain('[fe80::1]')
    expect(hostNames('0.0.0.0')).toEqual(expect.arrayContaining(['127.0.0.1', 'localhost', hostname()]))
  })

  it('takes a Host without a port on port 80, as browsers send it', () => {
    expect(createGate('127.0.0.1', 80).checkOrigin(asking({ host: 'localhost' }))).toBeNull()
    expect(createGate('127.0.0.1', 81).checkOrigin(asking({ host: 'localhost' }))?.status).toBe(421)
  })

  it('makes tokens that differ from run to run and from role to role', () => {
    const [one, two] = [createGate('127.0.0.1', 1), createGate('127.0.0.1', 1)]
    expect(new Set([...Object.values(one.tokens), ...Object.values(two.tokens)]).size).toBe(4)
    expect(one.tokens.presenter.length).toBeGreaterThanOrEqual(24)
  })

  it('finds its own cookie among others', () => {
    const gate = createGate('127.0.0.1', 3030)
    const cookie = `other=1; ${gate.cookieName}=${gate.tokens.viewer}; lab-token-3031=x`
    expect(gate.roleOf(asking({ cookie }))).toBe('viewer')
    expect(gate.roleOf(asking({ cookie: 'lab-token-3031=x' }))).toBeNull()
  })
})
