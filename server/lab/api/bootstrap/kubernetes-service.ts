/**
 * The Service `kubernetes`, by which pods find the API server, and what is behind it. The API server makes it when it starts, and again when somebody has
 * deleted it. As in pkg/controlplane/controller/kubernetesservice and its endpoints' reconcilers.
 */
import type { LabContext } from '../../context.ts'
import { ipv4Range, ipv4Text } from '../../resources/core/services/allocation.ts'
import type { Disposable, NewObject } from '../../store/store.ts'

/** EndpointReconcilerInterval, ms of lab time. */
const RECONCILE_EVERY = 10_000

const metadata = (labels: Record<string, string>): NewObject['metadata'] => ({ name: 'kubernetes', namespace: 'default', labels })

/** `clusterIP`: the first address of the services' range, as a real API server takes it. */
function objects(address: string, clusterIP: string): [resource: string, object: NewObject][] {
  const port = { name: 'https', port: 6443, protocol: 'TCP' }
  return [
    [
      'services',
      {
        metadata: metadata({ component: 'apiserver', provider: 'kubernetes' }),
        spec: { clusterIP, ipFamilyPolicy: 'SingleStack', ports: [{ ...port, port: 443, targetPort: 6443 }] },
      },
    ],
    [
      'endpoints',
      {
        metadata: metadata({ 'endpointslice.kubernetes.io/skip-mirror': 'true' }),
        subsets: [{ addresses: [{ ip: address }], ports: [port] }],
      },
    ],
    [
      'endpointslices.discovery.k8s.io',
      {
        metadata: metadata({ 'kubernetes.io/service-name': 'kubernetes' }),
        addressType: 'IPv4',
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports: [port],
      },
    ],
  ]
}

/** Makes what is missing, at first as old as `at` says (lab time, ms), as long as the control plane's machine is on. */
export function startKubernetesService({ store, clock, preset, power, settings }: LabContext, at: number): Disposable {
  const controlPlane = preset.nodes.find((node) => node.controlPlane)
  if (!controlPlane) return { dispose() {} }
  const clusterIP = ipv4Text(ipv4Range(settings.serviceCidr).base + 1)
  const reconcile = (when: number): void => {
    if (!power.isOn(controlPlane.name)) return
    for (const [resource, object] of objects(controlPlane.address, clusterIP)) {
      const isThere = store.definition(resource) === undefined || store.get(resource, 'default', 'kubernetes') !== undefined
      if (!isThere) store.create(resource, object, { at: when, fieldManager: 'kube-apiserver' })
    }
  }
  reconcile(at)
  const timer = clock.every(RECONCILE_EVERY, () => reconcile(clock.now()))
  return { dispose: () => timer.cancel() }
}
