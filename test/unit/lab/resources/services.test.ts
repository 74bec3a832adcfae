import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { ipv4Number } from '../../../../server/lab/resources/core/services/allocation.ts'
import { contextOf, create, update } from './context.ts'

const service = (spec: object, name = 's') => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })

function stored(outcome: ReturnType<typeof create>): KubeObject {
  if ('refusal' in outcome) throw new Error(outcome.refusal)
  return outcome.stored
}

function refusal(outcome: ReturnType<typeof create>): string {
  return 'refusal' in outcome ? outcome.refusal : 'stored'
}

const existing = (spec: object): KubeObject => {
  const object = stored(create(service(spec, 'there')))
  return { ...object, metadata: { ...object.metadata, uid: 'there' } }
}

describe('a new service gets', () => {
  test('an address of the cluster’s range, above the part that is left to those who name one', () => {
    const taken: KubeObject[] = []
    for (let i = 0; i < 50; i++) {
      const { clusterIP } = stored(create(service({ ports: [{ port: 80 }] }), contextOf(taken)))['spec']
      expect(ipv4Number(clusterIP)).toBeGreaterThan(ipv4Number('10.96.1.0'))
      expect(ipv4Number(clusterIP)).toBeLessThan(ipv4Number('10.111.255.255'))
      expect(taken.some((each) => each['spec'].clusterIP === clusterIP)).toBe(false)
      taken.push({ ...service({ clusterIPs: [clusterIP], clusterIP }), metadata: { uid: clusterIP } } as unknown as KubeObject)
    }
  })

  test('free node ports, above those left to choice; the same one for a port’s TCP and UDP', () => {
    const { ports } = stored(
      create(
        service({
          type: 'NodePort',
          ports: [
            { name: 'a', port: 53 },
            { name: 'b', port: 53, protocol: 'UDP' },
            { name: 'c', port: 80 },
          ],
        }),
      ),
    )['spec']
    expect(ports[0].nodePort).toBe(ports[1].nodePort)
    expect(ports[2].nodePort).not.toBe(ports[0].nodePort)
    for (const { nodePort } of ports) {
      expect(nodePort).toBeGreaterThanOrEqual(30_086)
      expect(nodePort).toBeLessThanOrEqual(32_767)
    }
  })

  test('no node ports where it wants none, and a health check’s port where its balancer keeps to local endpoints', () => {
    const without = stored(create(service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] })))
    expect(without['spec'].ports[0].nodePort).toBeUndefined()
    const local = stored(create(service({ type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] })))
    expect(local['spec'].healthCheckNodePort).toBeGreaterThan(30_000)
  })

  test('in a cluster of 2021 none of the fields that came later', () => {
    const old = contextOf([], { settings: { ...contextOf().settings, version: 'v1.20.1' } })
    // The definitions of the version decide: see kinds.test.ts; here the allocator alone.
    expect(stored(create(service({ ports: [{ port: 80 }] }), old))['spec'].ipFamilies).toBeUndefined()
  })
})

describe('the allocators refuse', () => {
  const there = existing({ type: 'NodePort', ports: [{ port: 80, nodePort: 30_081 }] })
  const at = (port: number, why: string) => `Service "s" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: ${why}`
  test.each<[string, object, string]>([
    [
      'a port that another has',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30_081 }] },
      at(30_081, 'provided port is already allocated'),
    ],
    [
      'a port below the range',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 29_999 }] },
      at(29_999, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
    ],
    [
      'a port above it',
      { type: 'NodePort', ports: [{ port: 80, nodePort: 32_768 }] },
      at(32_768, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
    ],
    [
      'an address that another has',
      { clusterIP: there['spec'].clusterIP, ports: [{ port: 80 }] },
      `Service "s" is invalid: spec.clusterIPs: Invalid value: ["${there['spec'].clusterIP}"]: failed to allocate IP ${there['spec'].clusterIP}: provided IP is already allocated`,
    ],
    [
      'an address outside of the range',
      { clusterIP: '192.168.1.11', ports: [{ port: 80 }] },
      'Service "s" is invalid: spec.clusterIPs: Invalid value: ["192.168.1.11"]: failed to allocate IP 192.168.1.11: the provided network does not match the current range',
    ],
  ])('%s', (_name, spec, message) => expect(refusal(create(service(spec), contextOf([there])))).toBe(message))
})

describe('a changed service', () => {
  const old = existing({
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    ports: [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ],
  })
  const change = (edit: (spec: KubeObject['spec']) => void): KubeObject => {
    const object = structuredClone(old)
    edit(object['spec'])
    return stored(update(old, object, contextOf([old])))
  }

  test('keeps its address and its node ports where a client leaves them out', () => {
    const { spec } = change((each) => {
      delete each.clusterIP
      delete each.clusterIPs
      delete each.healthCheckNodePort
      for (const port of each.ports) delete port.nodePort
    })
    expect(spec).toEqual(old['spec'])
  })

  test('keeps the node port of a port, not of a place in the list', () => {
    const { ports } = change((spec) => {
      spec.ports.reverse()
      for (const port of spec.ports) delete port.nodePort
    }).spec
    expect(ports.map(({ name, nodePort }: { name: string; nodePort: number }) => [name, nodePort])).toEqual([
      ['b', old['spec'].ports[1].nodePort],
      ['a', old['spec'].ports[0].nodePort],
    ])
  })

  test('gives back what its new type does not have', () => {
    const inside = change((spec) => {
      spec.type = 'ClusterIP'
    }).spec
    expect(inside.ports).toEqual([
      { name: 'a', port: 80, protocol: 'TCP', targetPort: 80 },
      { name: 'b', port: 81, protocol: 'TCP', targetPort: 81 },
    ])
    for (const gone of ['healthCheckNodePort', 'allocateLoadBalancerNodePorts', 'externalTrafficPolicy'])
      expect(inside).not.toHaveProperty(gone)
    const elsewhere = change((spec) => {
      spec.type = 'ExternalName'
      spec.externalName = 'example.com'
    }).spec
    for (const gone of ['clusterIP', 'clusterIPs', 'ipFamilies', 'internalTrafficPolicy']) expect(elsewhere).not.toHaveProperty(gone)
  })

  test('loses the balancer’s address with the balancer', () => {
    const announced: KubeObject = { ...old, status: { loadBalancer: { ingress: [{ ip: '192.168.1.11', ipMode: 'VIP' }] } } }
    const inside = structuredClone(announced)
    inside['spec'].type = 'NodePort'
    expect(stored(update(announced, inside, contextOf([announced])))['status']).toEqual({ loadBalancer: {} })
  })
})
