import { describe, expect, it } from 'vitest'
import { Allocator } from '../../../../server/lab/metallb/services/allocator.ts'
import type { Claim } from '../../../../server/lab/metallb/services/allocator.ts'
import { cidrText, countOf, parseRange } from '../../../../server/lab/metallb/configuration/cidr.ts'
import { poolsFromConfigMap } from '../../../../server/lab/metallb/legacy/config-map.ts'
import { configFrom } from '../../../../server/lab/metallb/configuration/config.ts'
import { electionOrder } from '../../../../server/lab/metallb/announcing/election.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'

const WORKERS = ['w1-k8s', 'w2-k8s', 'w3-k8s']

describe('the election', () => {
  it.each([
    ['11', ['w1', 'w3', 'w2']],
    ['12', ['w3', 'w2', 'w1']],
    ['13', ['w1', 'w3', 'w2']],
    ['14', ['w3', 'w1', 'w2']],
  ])('ranks the workers for 192.168.1.%s', (last, order) => {
    expect(electionOrder(WORKERS, `192.168.1.${last}`)).toEqual(order.map((name) => `${name}-k8s`))
  })

  it.each([
    ['15', 'w1'],
    ['16', 'w2'],
    ['17', 'w1'],
    ['18', 'w2'],
    ['19', 'w3'],
  ])('gives 192.168.1.%s to %s', (last, winner) => {
    expect(electionOrder(WORKERS, `192.168.1.${last}`)[0]).toBe(`${winner}-k8s`)
  })

  it('gives the control plane .11, .13, .17 and .18 where it may announce too', () => {
    const won = Array.from({ length: 9 }, (_, i) => i + 11).filter(
      (last) => electionOrder(['m-k8s', ...WORKERS], `192.168.1.${last}`)[0] === 'm-k8s',
    )
    expect(won).toEqual([11, 13, 17, 18])
  })
})

describe('address ranges', () => {
  it.each([
    ['192.168.1.11-192.168.1.19', ['192.168.1.11/32', '192.168.1.12/30', '192.168.1.16/30']],
    ['192.168.1.0/24', ['192.168.1.0/24']],
    ['192.168.1.77/24', ['192.168.1.0/24']],
    ['10.0.0.0-10.0.0.255', ['10.0.0.0/24']],
    ['fd00::1-fd00::2', ['fd00::1/128', 'fd00::2/128']],
  ])('%s are the prefixes %j', (text, prefixes) => {
    const parsed = parseRange(text)
    expect('cidrs' in parsed && parsed.cidrs.map(cidrText)).toEqual(prefixes)
  })

  it.each([
    ['192.168.1.300-192.168.1.301', 'invalid IP range "192.168.1.300-192.168.1.301": invalid start IP "192.168.1.300"'],
    [
      '192.168.3.20-192.168.3.10',
      'invalid IP range "192.168.3.20-192.168.3.10": start IP "192.168.3.20" is after the end IP "192.168.3.10"',
    ],
    ['192.168.1.1-x', 'invalid IP range "192.168.1.1-x": invalid end IP "x"'],
    ['192.168.1.0', 'invalid CIDR "192.168.1.0"'],
    ['192.168.1.0/33', 'invalid CIDR "192.168.1.0/33"'],
  ])('%s is refused: %s', (text, error) => {
    expect(parseRange(text)).toEqual({ error })
  })

  it('counts without .0 and .255 where buggy addresses are avoided', () => {
    const [cidr] = (parseRange('192.168.0.0/23') as { cidrs: never[] }).cidrs
    expect([countOf(cidr as never, false), countOf(cidr as never, true)]).toEqual([512n, 508n])
  })
})

function pool(name: string, spec: Record<string, unknown>, labels: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool', metadata: { name, namespace: 'metallb-system', labels }, spec } as never
}

function claim(key: string, options: Partial<Claim> & { labels?: Record<string, string> } = {}): Claim {
  const [namespace, name] = key.split('/')
  const { labels = {}, ...rest } = options
  return {
    key,
    service: { metadata: { namespace, name, labels } } as never,
    ports: ['TCP/80'],
    sharingKey: '',
    backendKey: '',
    family: 4,
    ...rest,
  }
}

function allocatorWith(...pools: KubeObject[]): Allocator {
  const allocator = new Allocator({ printed: (ip) => JSON.stringify([ip]), onCountersChanged: () => {} })
  allocator.setPools(
    configFrom({ pools, l2Advertisements: [], nodes: [], namespaces: [{ metadata: { name: 'shop', labels: { tier: 'front' } } } as never] })
      .pools,
  )
  return allocator
}

describe('the allocator', () => {
  it('gives the first free address, and one that was freed before later ones', () => {
    const allocator = allocatorWith(pool('a', { addresses: ['192.168.1.11-192.168.1.12'] }))
    expect(allocator.allocate(claim('default/a'))).toEqual({ ip: '192.168.1.11' })
    expect(allocator.allocate(claim('default/b'))).toEqual({ ip: '192.168.1.12' })
    expect(allocator.allocate(claim('default/c'))).toEqual({ error: 'no available IPs' })
    allocator.unassign('default/a')
    expect(allocator.allocate(claim('default/c'))).toEqual({ ip: '192.168.1.11' })
    expect(allocator.counters('a')).toEqual({ assignedIPv4: 2, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 0 })
  })

  it('takes pools that are pinned to the service first, the lower priority number before the higher, and none last', () => {
    const allocator = allocatorWith(
      pool('a-open', { addresses: ['10.0.0.1/32'] }),
      pool('b-none', { addresses: ['10.0.0.2/32'], serviceAllocation: { namespaces: ['default'] } }),
      pool('c-second', { addresses: ['10.0.0.3/32'], serviceAllocation: { priority: 20, namespaces: ['default'] } }),
      pool('d-first', {
        addresses: ['10.0.0.4/32'],
        serviceAllocation: { priority: 10, serviceSelectors: [{ matchLabels: { app: 'web' } }] },
      }),
    )
    const order = ['default/1', 'default/2', 'default/3', 'default/4'].map((key) =>
      allocator.allocate(claim(key, { labels: { app: 'web' } })),
    )
    expect(order).toEqual(['10.0.0.4', '10.0.0.3', '10.0.0.2', '10.0.0.1'].map((ip) => ({ ip })))
  })

  it('keeps a pool for the namespaces that it names or selects', () => {
    const allocator = allocatorWith(
      pool('a', { addresses: ['10.0.0.1/32'], serviceAllocation: { namespaceSelectors: [{ matchLabels: { tier: 'front' } }] } }),
    )
    expect(allocator.allocate(claim('default/a'))).toEqual({ error: 'no available IPs' })
    expect(allocator.assign(claim('default/a'), '10.0.0.1')).toEqual({ error: 'pool a not compatible for ip assignment' })
    expect(allocator.allocate(claim('shop/a'))).toEqual({ ip: '10.0.0.1' })
  })

  it('assigns from a pool without autoAssign only to those who ask for it', () => {
    const allocator = allocatorWith(pool('a', { addresses: ['10.0.0.1/32'], autoAssign: false }))
    expect(allocator.allocate(claim('default/a'))).toEqual({ error: 'no available IPs' })
    expect(allocator.allocateFromPool(claim('default/a'), 'a')).toEqual({ ip: '10.0.0.1' })
    expect(allocator.allocateFromPool(claim('default/b'), 'nope')).toEqual({ error: 'unknown pool "nope"' })
    expect(allocator.allocateFromPool(claim('default/b'), 'a')).toEqual({ error: '["<nil>"] is not allowed in config' })
  })

  it('leaves out addresses that end in .0 and .255 where told so', () => {
    expect(allocatorWith(pool('a', { addresses: ['10.0.0.0/24'], avoidBuggyIPs: true })).allocate(claim('default/a'))).toEqual({
      ip: '10.0.0.1',
    })
    expect(allocatorWith(pool('a', { addresses: ['10.0.0.0/24'] })).allocate(claim('default/a'))).toEqual({ ip: '10.0.0.0' })
  })

  it('shares an address among services with one key and different ports', () => {
    const allocator = allocatorWith(pool('a', { addresses: ['10.0.0.1-10.0.0.2'] }))
    allocator.assign(claim('default/a', { sharingKey: 'k' }), '10.0.0.1')
    expect(allocator.assign(claim('default/b', { sharingKey: 'k', ports: ['TCP/81'] }), '10.0.0.1')).toBeNull()
    expect(allocator.assign(claim('default/c', { sharingKey: 'k' }), '10.0.0.1')).toEqual({
      error: 'port TCP/80 is already in use on "10.0.0.1"',
    })
    expect(allocator.assign(claim('default/d'), '10.0.0.1')).toEqual({
      error: `can't change sharing key for "default/d", address also in use by default/a,default/b`,
    })
    expect(allocator.assign(claim('default/a'), '192.168.9.9')).toEqual({ error: '["192.168.9.9"] is not allowed in config' })
  })
})

describe('the ConfigMap of 0.9', () => {
  it('holds pools', () => {
    const pools = poolsFromConfigMap(
      'address-pools:\n- name: metallb-ip-range\n  protocol: layer2\n  addresses:\n  - 192.168.1.11-192.168.1.19\n',
    )
    expect([...pools.keys()]).toEqual(['metallb-ip-range'])
  })

  it.each([
    ['address-pools:\n- name: a\n  addresses: [10.0.0.0/24]\n', 'parsing address pool #1: address pool is missing the protocol field'],
    ['address-pools:\n- protocol: layer2\n  addresses: [10.0.0.0/24]\n', 'parsing address pool #1: missing pool name'],
    ['address-pools:\n- name: a\n  protocol: layer3\n  addresses: [10.0.0.0/24]\n', 'parsing address pool #1: unknown protocol "layer3"'],
    ['address-pools:\n- name: a\n  protocol: layer2\n', 'parsing address pool #1: pool has no prefixes defined'],
    [
      'address-pools:\n- name: a\n  protocol: layer2\n  adresses:\n  - 10.0.0.0/24\n',
      'could not parse config: yaml: unmarshal errors:\n  line 4: field adresses not found in type config.addressPool',
    ],
    [
      'address-pools:\n- name: a\n  protocol: layer2\n  addresses: 10.0.0.0/24\n  auto-assign: maybe\n',
      'could not parse config: yaml: unmarshal errors:\n  line 4: cannot unmarshal !!str `10.0.0....` into []string\n  line 5: cannot unmarshal !!str `maybe` into bool',
    ],
    ['- a\n', 'could not parse config: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into config.configFile'],
    ['address-pools:\n- name: a: b\n', 'could not parse config: yaml: line 2: mapping values are not allowed in this context'],
    [
      'address-pools:\n- name: a\n  name: b\n',
      'could not parse config: yaml: unmarshal errors:\n  line 3: field name already set in type config.addressPool',
    ],
    ['peers:\n- my-asn: 1\n  peer-asn: 2\n  peer-address: x\n', 'parsing peer #1: invalid peer IP "x"'],
    [
      'bgp-communities:\n  a: 70000:1\n',
      'parsing community "a": invalid first section of community "70000": strconv.ParseUint: parsing "70000": value out of range',
    ],
    [
      'address-pools:\n- name: a\n  protocol: bgp\n  addresses: [10.0.0.0/24]\n  bgp-advertisements:\n  - aggregation-length: 16\n',
      'parsing address pool #1: parsing BGP communities: invalid aggregation length 16: prefix "10.0.0.0/24" in this pool is more specific than the aggregation length',
    ],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => poolsFromConfigMap(text)).toThrow(new Error(message))
  })

  it('takes booleans as YAML 1.1 writes them', () => {
    const pools = poolsFromConfigMap('address-pools:\n- name: a\n  protocol: layer2\n  addresses: [10.0.0.0/24]\n  auto-assign: no\n')
    expect(pools.get('a')?.autoAssign).toBe(false)
  })
})
