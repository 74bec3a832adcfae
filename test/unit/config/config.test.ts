import { describe, expect, it } from 'vitest'
import { addressAt, addressNumber, readConfig } from '../../../server/config.ts'
import { Problem } from '../../../server/problem.ts'

describe('the configuration', () => {
  it('has a value for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3030,
      open: true,
      json: false,
      yes: false,
      preset: 'today',
      kubeconfig: null,
      context: null,
      pool: null,
    })
  })

  it('takes values as the command line gives them, numbers and all', () => {
    expect(readConfig({ port: 0, preset: 2021, pool: '10.0.0.5-10.0.0.9', open: false })).toMatchObject({
      port: 0,
      preset: '2021',
      pool: { first: '10.0.0.5', last: '10.0.0.9' },
      open: false,
    })
  })

  it.each<[Record<string, unknown>, string]>([
    [{ port: 'http' }, '--port takes a whole number from 0 to 65535 (0 picks a free port)'],
    [{ port: 70_000 }, '--port takes a whole number from 0 to 65535 (0 picks a free port)'],
    [{ port: [1, 2] }, '--port is given 2 times: give it once'],
    [{ preset: 'tomorrow' }, '--preset tomorrow: there is no such preset; choose one of today, 2021, bare'],
    [
      { pool: '10.0.0.9-10.0.0.5' },
      '--pool 10.0.0.9-10.0.0.5: the last address comes before the first; give first and last address, like --pool 192.168.1.11-192.168.1.19',
    ],
    [
      { pool: '10.0.0.0/24' },
      '--pool 10.0.0.0/24: this is no range of IPv4 addresses; give first and last address, like --pool 192.168.1.11-192.168.1.19',
    ],
    [
      { pool: '10.0.0.5-10.0.0.256' },
      '--pool 10.0.0.5-10.0.0.256: this is no range of IPv4 addresses; give first and last address, like --pool 192.168.1.11-192.168.1.19',
    ],
    [{ context: 'x' }, '--context x needs a kubeconfig to look it up in: add --kubeconfig FILE'],
    [{ json: 'yes' }, '--json takes no value'],
  ])('says in one line what is wrong with %j', (options, message) => {
    expect(() => readConfig(options)).toThrow(new Problem(message))
  })
})

describe('an address', () => {
  it('is counted on', () => {
    expect(addressNumber('192.168.1.11')).toBe(0xc0_a8_01_0b)
    expect(addressAt('192.168.1.250', 10)).toBe('192.168.2.4')
    expect(addressNumber('1.2.3')).toBeNull()
  })
})
