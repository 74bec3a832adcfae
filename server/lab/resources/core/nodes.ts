import type { KubeObject, ResourceDefinition } from '../definition.ts'
import { AGE, column, NAME, wide, type ColumnSpec } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'

/* oxlint-disable typescript/no-explicit-any */

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function roles({ metadata }: KubeObject): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length))
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value)
  }
  return [...found].toSorted().join(',') || '<none>'
}

function readiness({ spec, status }: KubeObject): string {
  const ready = (status?.conditions ?? []).findLast((each: any) => each.type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (spec?.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const address =
  (type: string): ColumnSpec['cell'] =>
  ({ status }) =>
    (status?.addresses ?? []).find((each: any) => each.type === type)?.address ?? '<none>'

const info =
  (key: string): ColumnSpec['cell'] =>
  ({ status }) =>
    status?.nodeInfo?.[key] || '<unknown>'

export function nodes(): ResourceDefinition {
  return defineResource({
    kind: 'Node',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['proxy', 'status'],
    // A kubelet registers itself with its status in one call.
    keepsStatusOnCreate: true,
    columns: {
      all: [
        NAME,
        column('Status', readiness),
        column('Roles', roles),
        AGE,
        column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
        wide('Internal-IP', address('InternalIP')),
        wide('External-IP', address('ExternalIP')),
        wide('OS-Image', info('osImage')),
        wide('Kernel-Version', info('kernelVersion')),
        wide('Container-Runtime', info('containerRuntimeVersion')),
      ],
    },
    strategy: {
      setDefaults(node) {
        node['spec'] ??= {}
      },
    },
    selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  })
}
