import { describe, expect, it } from 'vitest'
import { startLeases } from '../../../../server/lab/api/bootstrap/leases.ts'
import { FakeLab } from '../fake-lab.ts'

describe('the Leases of the control plane', () => {
  const leases = ({ lab }: FakeLab) => lab.store.list('leases.coordination.k8s.io', 'kube-system')

  const start = (): FakeLab => {
    const fake = new FakeLab()
    fake.lab.store.create('namespaces', { metadata: { name: 'kube-system' } })
    startLeases(fake.lab, fake.clock.now() - 60_000)
    return fake
  }

  it('are renewed as long as its machine is on', () => {
    const fake = start()
    const times = () => leases(fake).map(({ spec }) => spec.renewTime)
    const before = times()
    expect(before.length).toBeGreaterThan(0)
    fake.clock.forward(10_000)
    const renewed = times()
    renewed.forEach((time, index) => expect(time > before[index]).toBe(true))
    fake.lab.power.set('m-k8s', false)
    fake.clock.forward(60_000)
    expect(times()).toEqual(renewed)
  })

  it('are taken again when somebody has deleted them', () => {
    const fake = start()
    const names = leases(fake).map(({ metadata }) => metadata.name)
    for (const name of names) fake.lab.store.delete('leases.coordination.k8s.io', 'kube-system', name)
    fake.clock.forward(10_000)
    expect(leases(fake).map(({ metadata }) => metadata.name)).toEqual(names)
  })
})
