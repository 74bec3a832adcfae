/** Roles and who has them (rbac.authorization.k8s.io). */
import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { column, DEFAULT_COLUMNS, wide } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'
import { pathSegment } from './kit/names.ts'
import { minorVersion } from './kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const group = 'rbac.authorization.k8s.io'

function subjects(kind: string) {
  return ({ subjects: all = [] }: KubeObject): string => {
    const own: any[] = all.filter((each: any) => each.kind === kind)
    return own.map((each) => (kind === 'ServiceAccount' ? `${each.namespace ?? ''}/${each.name}` : each.name)).join(', ')
  }
}

function binding(kind: string, settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind,
    namespaced: !kind.startsWith('Cluster'),
    name: pathSegment,
    columns: [
      column('Role', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
      wide('Users', subjects('User')),
      wide('Groups', subjects('Group')),
      wide('ServiceAccounts', subjects('ServiceAccount')),
    ],
    strategy: {
      setDefaults(object) {
        const reference = (object['roleRef'] ??= {})
        reference.apiGroup ||= group
        for (const subject of object['subjects'] ?? []) {
          if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= group
        }
      },
    },
    ...older(settings),
  })
}

function role(kind: string, settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind,
    namespaced: kind === 'Role',
    name: pathSegment,
    columns: { all: DEFAULT_COLUMNS },
    ...older(settings),
  })
}

function older(settings: ClusterSettings): { alsoServedAs?: { version: string }[] } {
  return minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}
}

export function roles(settings: ClusterSettings): ResourceDefinition[] {
  return [binding('ClusterRoleBinding', settings), role('ClusterRole', settings), binding('RoleBinding', settings), role('Role', settings)]
}
