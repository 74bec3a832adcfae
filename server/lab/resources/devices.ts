/** Dynamic allocation of devices (resource.k8s.io, general from 1.34 on). The lab stores the objects; its nodes have no devices. */
import type { KubeObject, ResourceDefinition } from './definition.ts'
import { column } from './kit/columns.ts'
import { defineResource } from './define.ts'

const group = 'resource.k8s.io'

function claimState({ metadata, status }: KubeObject): string {
  const deleted = metadata.deletionTimestamp !== undefined
  const states = deleted ? ['deleted'] : []
  if (status?.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []))
  else if (!deleted) states.push('pending')
  return states.join(',')
}

export function deviceKinds(): ResourceDefinition[] {
  return [
    defineResource({ group, kind: 'DeviceClass', plural: 'deviceclasses', namespaced: false, hasGeneration: true, columns: [] }),
    defineResource({ group, kind: 'ResourceClaim', subresources: ['status'], columns: [column('State', claimState)] }),
    defineResource({ group, kind: 'ResourceClaimTemplate', columns: [] }),
    defineResource({
      group,
      kind: 'ResourceSlice',
      namespaced: false,
      hasGeneration: true,
      columns: [
        column('Node', ({ spec }) => spec?.nodeName ?? ''),
        column('Driver', ({ spec }) => spec?.driver ?? ''),
        column('Pool', ({ spec }) => spec?.pool?.name ?? ''),
      ],
    }),
  ]
}
