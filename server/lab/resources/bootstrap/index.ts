/**
 * The objects that an API server makes for itself when it starts: priority classes, roles, flow control, the range of service addresses. bootstrap.json
 * holds those of Kubernetes 1.35; an older cluster is given the same roles.
 */
import { readFileSync } from 'node:fs'
import type { ClusterSettings, ResourceName } from '../definition.ts'
import { minorVersion } from '../kit/version.ts'

export interface BootstrapObject {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  // oxlint-disable-next-line typescript/no-explicit-any
  [field: string]: any
}

/** Each object with its resource, in an order in which they can be created. Their namespaces, kube-system and kube-public, must be there. */
export function bootstrapObjects(settings: ClusterSettings): [resource: ResourceName, object: BootstrapObject][] {
  const all = JSON.parse(readFileSync(new URL('./bootstrap.json', import.meta.url), 'utf8')) as Record<ResourceName, BootstrapObject[]>
  const minor = minorVersion(settings)
  const objects = Object.entries(all)
    // Until 1.28 flow control had other fields.
    .filter(([resource]) => minor >= 29 || !resource.includes('flowcontrol'))
    .flatMap(([resource, list]) => list.map((object): [ResourceName, BootstrapObject] => [resource, object]))
  if (minor >= 33) {
    objects.push([
      'servicecidrs.networking.k8s.io',
      {
        metadata: { name: 'kubernetes' },
        spec: { cidrs: [settings.serviceCidr] },
        status: {
          conditions: [
            { lastTransitionTime: null, message: 'Kubernetes default Service CIDR is ready', reason: '', status: 'True', type: 'Ready' },
          ],
        },
      },
    ])
  }
  return objects
}
