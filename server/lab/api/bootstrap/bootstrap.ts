/**
 * Objects that an API server makes for itself when it starts: the Service that leads to it, the roles of RBAC, priority classes, flow schemas, the range of service addresses.
 * objects.json holds those of Kubernetes 1.35, as `kubectl get -o json` gives them without what differs from cluster to cluster.
 */
import { readFileSync } from 'node:fs'
import type { LabContext } from '../../context.ts'
import { timestamp } from '../../store/rules.ts'
import type { NewObject } from '../../store/store.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { startApiServices } from './api-services.ts'
import { startKubernetesService } from './kubernetes-service.ts'
import { startLeases } from './leases.ts'
import { startServiceAddresses } from './service-addresses.ts'
import type { Disposable } from '../../store/store.ts'

/** Makes them, as old as the cluster. Call it when the namespaces are there. */
export function bootstrap(lab: LabContext): Disposable {
  const { store, settings } = lab
  const created = store.get('namespaces', null, 'kube-system')?.metadata.creationTimestamp
  const at = created ? Date.parse(created) : lab.clock.now()
  const write = { at, fieldManager: 'kube-apiserver' }
  const make = (resource: string, object: NewObject): void => {
    if (!store.definition(resource)) return
    const { status, ...rest } = object
    const { name, namespace } = store.create(resource, rest as NewObject, write).metadata
    if (!status) return
    store.mutate(resource, namespace ?? null, name, (stored) => void (stored.status = status), { ...write, subresource: 'status' })
  }
  const objects = JSON.parse(readFileSync(new URL('./objects.json', import.meta.url), 'utf8')) as Record<string, NewObject[]>
  for (const [resource, list] of Object.entries(objects)) for (const object of list) make(resource, object)
  if (lab.preset.installer === 'kubeadm' && minorVersion(settings) >= 29)
    make('clusterrolebindings.rbac.authorization.k8s.io', ADMINISTRATORS)
  make('servicecidrs.networking.k8s.io', {
    metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: [settings.serviceCidr] },
    status: {
      conditions: [
        { lastTransitionTime: timestamp(at), message: 'Kubernetes Service CIDR is ready', reason: '', status: 'True', type: 'Ready' },
      ],
    },
  })
  const parts = [startKubernetesService(lab, at), startApiServices(lab, at), startLeases(lab, at), startServiceAddresses(lab)]
  return { dispose: () => parts.forEach((part) => part.dispose()) }
}

/** Kubeadm's own binding, from 1.29 on. */
const ADMINISTRATORS: NewObject = {
  metadata: { name: 'kubeadm:cluster-admins' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'kubeadm:cluster-admins' }],
}
