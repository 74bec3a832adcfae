/** The Service that a preset's cluster starts with, and what is behind it. */
import { minorVersion } from '../resources/kit/version.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ownedBy, type Seeder } from './seeder.ts'

/** kube-dns, with its endpoints as the controllers keep them. */
export function seedDnsService(seeder: Seeder): void {
  const { store, settings } = seeder.lab
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
  ]
  const labels = { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' }
  const after = 8500
  const service = seeder.create(
    'services',
    {
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        labels,
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
      },
      spec: { clusterIP: '10.96.0.10', ports, selector: { 'k8s-app': 'kube-dns' } },
    },
    after,
  )
  const pods = store.list('pods', 'kube-system').filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')
  const reference = ({ metadata }: KubeObject): object => ({
    kind: 'Pod',
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
  })
  const modern = minorVersion(settings) >= 33
  const changed = { 'endpoints.kubernetes.io/last-change-trigger-time': seeder.time(after + 42_000) }
  seeder.create(
    'endpoints',
    {
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        annotations: changed,
        labels: modern ? { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' } : labels,
      },
      subsets: [
        {
          addresses: pods.map((pod) => ({ ip: pod.status.podIP, nodeName: pod.spec.nodeName, targetRef: reference(pod) })),
          ports: ports.map(({ name, port, protocol }) => ({ name, port, protocol })),
        },
      ],
    },
    after,
  )
  seeder.create(
    'endpointslices.discovery.k8s.io',
    {
      metadata: {
        generateName: 'kube-dns-',
        namespace: 'kube-system',
        annotations: changed,
        labels: {
          ...labels,
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': 'kube-dns',
        },
        ownerReferences: ownedBy(service),
      },
      addressType: 'IPv4',
      endpoints: pods.map((pod) => ({
        addresses: [pod.status.podIP],
        conditions: modern ? { ready: true, serving: true, terminating: false } : { ready: true },
        nodeName: pod.spec.nodeName,
        targetRef: reference(pod),
      })),
      ports: ports.map(({ name, port, protocol }) => ({ name, port, protocol })),
    },
    after,
  )
}
