import { describe, expect, it } from 'vitest'
import { rewriteFor, rewriteManifest } from '../../../server/cluster/plan.ts'
import type { AddressPlan, Check, DeckManifest, Lab } from '../../../server/protocol/lab.ts'
import { labOf, stepOf } from '../support/sample-lab.ts'

const plan: AddressPlan = {
  nodes: [
    { name: 'm-k8s', address: '192.168.1.10' },
    { name: 'w1-k8s', address: '192.168.1.101' },
    { name: 'w2-k8s', address: '192.168.1.102' },
  ],
  pool: { first: '192.168.1.11', last: '192.168.1.19' },
}
const own = [
  { name: 'node-b', address: '10.1.0.3', controlPlane: false },
  { name: 'node-a', address: '10.1.0.2', controlPlane: false },
  { name: 'zcp', address: '10.1.0.9', controlPlane: true },
]
const rewrite = rewriteFor(plan, own, { first: '10.1.0.200', last: '10.1.0.240' })

describe('the address plan on another cluster', () => {
  it.each([
    ['curl http://192.168.1.101:30080', 'curl http://10.1.0.2:30080'],
    ['curl http://192.168.1.10:30080', 'curl http://10.1.0.9:30080'],
    ['lab node stop w1-k8s', 'lab node stop node-a'],
    ['kubectl cordon node/w2-k8s', 'kubectl cordon node/node-b'],
    ['- 192.168.1.11-192.168.1.19', '- 10.1.0.200-10.1.0.240'],
    ['192.168.1.12', '10.1.0.201'],
    ['192.168.1.1 192.168.1.1011 1192.168.1.11 192.168.1.11.5', '192.168.1.1 192.168.1.1011 1192.168.1.11 192.168.1.11.5'],
    ['aw1-k8s w1-k8s-x w1-k8', 'aw1-k8s w1-k8s-x w1-k8'],
    ['lb-hname-svc.', 'lb-hname-svc.'],
  ])('makes of %s', (from, to) => {
    expect(rewrite(from)).toBe(to)
  })

  it('changes names that change places in one go', () => {
    const swapped = rewriteFor(
      plan,
      [
        { name: 'w1-k8s', address: '192.168.1.101', controlPlane: true },
        { name: 'm-k8s', address: '192.168.1.10', controlPlane: false },
      ],
      null,
    )
    expect(swapped('m-k8s w1-k8s')).toBe('w1-k8s m-k8s')
  })

  it('takes the last address that a small pool has for those that it lacks', () => {
    const small = rewriteFor(plan, [], { first: '10.0.0.1', last: '10.0.0.2' })
    expect(small('192.168.1.11 192.168.1.12 192.168.1.13')).toBe('10.0.0.1 10.0.0.2 10.0.0.2')
  })

  it('leaves everything as it is on the cluster that the deck was written for', () => {
    const same = rewriteFor(
      plan,
      plan.nodes.map((node, index) => ({ ...node, controlPlane: index === 0 })),
      null,
    )
    expect(same('curl http://192.168.1.101')).toBe('curl http://192.168.1.101')
  })

  it('rewrites commands and checks of the labs on that cluster, and of no other', () => {
    const check: Check = {
      kind: 'value',
      subject: { resource: 'node', name: 'w1-k8s', namespace: 'default', selector: null },
      path: '.status.addresses[0].address',
      operator: '=',
      value: '192.168.1.101',
      text: 'node/w1-k8s .status.addresses[0].address = 192.168.1.101',
    }
    const lab = (preset: string | null): Lab => labOf([stepOf(1, 'kubectl get node w1-k8s', { checks: [check] })], { preset })
    const manifest: DeckManifest = { labs: [lab(null), lab('2021')], plan, slides: 1 }
    const { labs, plan: itsPlan } = rewriteManifest(manifest, rewrite, null)
    expect(labs[0]!.blocks[0]!.steps[0]).toMatchObject({
      command: 'kubectl get node node-a',
      checks: [{ subject: { name: 'node-a' }, value: '10.1.0.2', text: 'node/node-a .status.addresses[0].address = 10.1.0.2' }],
    })
    expect(labs[1]).toEqual(manifest.labs[1])
    expect(itsPlan.nodes[0]).toEqual({ name: 'zcp', address: '10.1.0.9' })
  })
})
