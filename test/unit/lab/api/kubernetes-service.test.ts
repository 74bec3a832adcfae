import { describe, expect, it } from 'vitest'
import { startKubernetesService } from '../../../../server/lab/api/bootstrap/kubernetes-service.ts'
import { FakeLab } from '../fake-lab.ts'

const RESOURCES = ['services', 'endpoints', 'endpointslices.discovery.k8s.io']

describe('the Service of the API server', () => {
  const start = (): FakeLab => {
    const fake = new FakeLab()
    startKubernetesService(fake.lab, fake.clock.now() - 60_000)
    return fake
  }
  const found = ({ lab }: FakeLab): boolean[] => RESOURCES.map((resource) => lab.store.get(resource, 'default', 'kubernetes') !== undefined)

  it('is there from the start, with the address and the port of the control plane behind it', () => {
    const { lab } = start()
    expect(lab.store.get('services', 'default', 'kubernetes')?.spec).toMatchObject({
      clusterIP: '10.96.0.1',
      ports: [{ name: 'https', port: 443, targetPort: 6443 }],
    })
    expect(lab.store.get('endpoints', 'default', 'kubernetes')?.['subsets']).toEqual([
      { addresses: [{ ip: '192.168.1.10' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] },
    ])
  })

  it('comes back within ten seconds when somebody has deleted it, and not while its machine is off', () => {
    const fake = start()
    for (const resource of RESOURCES) fake.lab.store.delete(resource, 'default', 'kubernetes')
    fake.clock.forward(9_000)
    expect(found(fake)).toEqual([false, false, false])
    fake.clock.forward(1_000)
    expect(found(fake)).toEqual([true, true, true])
    fake.lab.store.delete('services', 'default', 'kubernetes')
    fake.lab.power.set('m-k8s', false)
    fake.clock.forward(20_000)
    expect(found(fake)[0]).toBe(false)
  })
})
