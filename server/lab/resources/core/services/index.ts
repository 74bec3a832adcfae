import type { ClusterSettings, ResourceDefinition } from '../../definition.ts'
import { defineResource } from '../../kit/define.ts'
import { dns1035Label } from '../../kit/names.ts'
import { allocate, carryOver } from './allocation.ts'
import { serviceColumns } from './columns.ts'
import { serviceDefaults } from './defaults.ts'

export function services(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    subresources: ['proxy', 'status'],
    name: dns1035Label,
    columns: serviceColumns,
    strategy: {
      setDefaults: (service) => serviceDefaults(service, settings),
      prepareForCreate(service, context) {
        service['status'] = { loadBalancer: {} }
        const { spec } = service
        if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
        if (!spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0]
        allocate(service, null, context)
      },
      prepareForUpdate(service, old, context) {
        carryOver(service, old)
        // What a balancer outside gave is void for a service that asks for none.
        if (service['spec'].type !== 'LoadBalancer') service['status'] = { ...service['status'], loadBalancer: {} }
        allocate(service, old, context)
      },
    },
    selectableFields: ({ spec = {} }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  })
}
