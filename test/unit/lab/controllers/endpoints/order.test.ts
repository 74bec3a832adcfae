import { afterEach, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from '../test-cluster.ts'

let cluster: TestCluster | undefined
afterEach(() => cluster?.dispose())

it('Endpoints list ports by their hash and addresses by their letters, as a real cluster has them', () => {
  const { clock, store, deploy } = (cluster = startTestCluster('bare', 1, 1))
  clock.forward(5_000)
  deploy('shop', 'nginx', 12)
  const ports = [
    { name: 'http', port: 80, targetPort: 80, protocol: 'TCP' },
    { name: 'alt', port: 8080, targetPort: 80, protocol: 'TCP' },
    { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
  ]
  store.create('services', {
    metadata: { name: 'multi', namespace: 'default' },
    spec: { type: 'ClusterIP', clusterIP: '10.96.7.7', selector: { app: 'shop' }, ports },
  })
  clock.forward(30_000)
  const [subset] = store.get('endpoints', 'default', 'multi')?.['subsets'] ?? []
  // written down by a real cluster of 1.35.4, which had made them of the same ports
  expect(subset.ports.map(({ name }: { name: string }) => name)).toEqual(['http', 'alt', 'dns'])
  const addresses = subset.addresses.map(({ ip }: { ip: string }) => ip)
  expect(addresses).toHaveLength(12)
  expect(addresses.some((ip: string) => ip.endsWith('.10'))).toBe(true)
  expect(addresses).toEqual(addresses.toSorted())
})
