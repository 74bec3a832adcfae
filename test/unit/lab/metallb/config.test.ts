import { describe, expect, it } from 'vitest'
import { configFrom } from '../../../../server/lab/metallb/configuration/config.ts'
import type { ConfigObjects } from '../../../../server/lab/metallb/configuration/config-objects.ts'
import { desiredIps } from '../../../../server/lab/metallb/services/service.ts'

const object = (name: string, spec: object): never => ({ metadata: { name, namespace: 'metallb-system' }, spec }) as never
const POOL = object('p', { addresses: ['192.168.1.16-192.168.1.19'] })
const PEER = { myASN: 64_500, peerASN: 64_501, peerAddress: '192.168.1.250' }
const peer = (spec: object): ConfigObjects => ({ peers: [object('x', { ...PEER, ...spec })] })
const advertisement = (spec: object): ConfigObjects => ({ pools: [POOL], bgpAdvertisements: [object('x', spec)] })
const community = (value: string): ConfigObjects => ({ communities: [object('d', { communities: [{ name: 'x', value }] })] })

describe('the configuration of MetalLB 0.15', () => {
  it.each<[string, ConfigObjects, string]>([
    ['no ASN of its own', peer({ myASN: undefined }), 'parsing peer x missing local ASN'],
    ['no ASN of the peer', peer({ peerASN: undefined }), 'parsing peer x missing peer ASN and dynamicASN'],
    ['an address that is none', peer({ peerAddress: '192.168.1.x' }), 'parsing peer x invalid BGPPeer address "192.168.1.x"'],
    [
      'a short hold time',
      peer({ holdTime: '1s' }),
      'parsing peer x invalid BGPPeer timers: invalid hold time "&Duration{Duration:1s,}": must be 0 or >=3s',
    ],
    [
      'several hops to the own AS',
      peer({ peerASN: 64_500, ebgpMultiHop: true }),
      'parsing peer x invalid ebgp-multihop parameter set for an ibgp peer',
    ],
    [
      'two passwords',
      peer({ password: 'a', passwordSecret: { name: 's' } }),
      'parsing peer x can not have both password and secret ref set in peer config "metallb-system"/"x"',
    ],
    [
      'a secret that is not there',
      peer({ passwordSecret: { name: 's' } }),
      'parsing peer x secret ref not found for peer config "metallb-system"/"x"\nfailed to parse peer x password secret',
    ],
    ['what only FRR can do', peer({ vrf: 'red' }), 'peer 192.168.1.250 has vrf set on native bgp mode'],
    ['BFD', { bfdProfiles: [object('fast', {})] }, 'bfd profiles section set'],
    [
      'a wide aggregation',
      advertisement({ aggregationLength: 24 }),
      'invalid aggregation length 24: prefix 30 in this pool is more specific than the aggregation length for addresses 192.168.1.16-192.168.1.19',
    ],
    ['an aggregation beyond IPv4', advertisement({ aggregationLength: 33 }), "invalid aggregation length '!' for IPv4"],
    ['a peer that is named twice', advertisement({ peers: ['r', 'r'] }), 'duplicate definition of peers "r"'],
    [
      'a community that nobody defines',
      advertisement({ communities: ['unknown'] }),
      'invalid community format: unknown\ninvalid community "unknown" in BGP advertisement',
    ],
    ['a community that is none', community('nope'), 'parsing community "x": invalid community format: nope'],
    [
      'a community beyond its range',
      community('70000:1'),
      'parsing community "x": invalid community value: invalid section "70000" of community "70000:1", err: "strconv.ParseUint: parsing \\"70000\\": value out of range"',
    ],
    [
      'a large community',
      community('large:1:2:3'),
      'native BGP mode only supports legacy communities, BGP community CR "d" has non legacy community {"x" "large:1:2:3"}',
    ],
    [
      'one selector twice',
      {
        pools: [
          object('x', {
            addresses: ['10.0.0.0/24'],
            serviceAllocation: { serviceSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] },
          }),
        ],
      },
      'parsing address pool x: duplicate definition of serviceSelectors {map["a":"b"] []}',
    ],
    [
      'an operator that is none',
      { l2Advertisements: [object('x', { nodeSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Nope' }] }] })] },
      '"Nope" is not a valid label selector operator\ninvalid label selector {map[] [{a Nope []}]}\nfailed to parse node selector for x',
    ],
    [
      'an IPv6 pool that is advertised by BGP',
      { pools: [object('six', { addresses: ['fc00::/124'] })], bgpAdvertisements: [object('x', {})] },
      'pool "six" has ipv6 CIDR fc00::/124, native bgp mode does not support ipv6',
    ],
  ])('refuses %s', (_what, objects, message) => {
    expect(() => configFrom(objects)).toThrow(new Error(message))
  })

  it('knows which peers and communities a pool is advertised by', () => {
    const { pools, peers } = configFrom({
      ...peer({}),
      ...advertisement({ communities: ['quiet'], peers: ['x'] }),
      communities: [object('c', { communities: [{ name: 'quiet', value: '65535:65282' }] })],
      nodes: [object('w1-k8s', {})],
    })
    expect(pools.get('p')?.bgp).toEqual([
      {
        name: 'x',
        nodes: new Set(['w1-k8s']),
        aggregation: { 4: 32, 6: 128 },
        localPreference: 0,
        communities: ['65535:65282'],
        peers: ['x'],
      },
    ])
    expect(peers.get('x')).toMatchObject({ address: '192.168.1.250', port: 179, holdTime: null })
  })
})

describe('the addresses that a service asks for', () => {
  const asked = (annotations: Record<string, string>, spec = {}): unknown => desiredIps({ metadata: { annotations }, spec } as never)
  it.each([
    ['192.168.1.12', { ips: ['192.168.1.12'] }],
    ['192.168.1.12, fc00::1', { ips: ['192.168.1.12', 'fc00::1'] }],
    ['192.168.1.12,192.168.1.13', { error: 'IPFamilyForAddresses: same address family ["192.168.1.12" "192.168.1.13"]' }],
    ['192.168.1.12,fc00::1,fc00::2', { error: 'IPFamilyForAddresses: invalid ips length 3 ["192.168.1.12" "fc00::1" "fc00::2"]' }],
    ['nonsense', { error: 'invalid metallb.io/loadBalancerIPs: "nonsense"' }],
  ])('are read from %j', (text, result) => {
    expect(asked({ 'metallb.io/loadBalancerIPs': text })).toEqual(result)
    expect(asked({ 'metallb.universe.tf/loadBalancerIPs': text })).toEqual(result)
  })

  it('are those of the annotation or of the field, not of both', () => {
    expect(asked({ 'metallb.io/loadBalancerIPs': '192.168.1.12' }, { loadBalancerIP: '192.168.1.12' })).toEqual({
      error: 'service can not have both metallb.io/loadBalancerIPs and svc.Spec.LoadBalancerIP',
    })
    expect(asked({}, { loadBalancerIP: 'x' })).toEqual({ error: 'invalid spec.loadBalancerIP "x"' })
  })
})
