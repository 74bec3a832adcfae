import type { ClusterSettings, ResourceDefinition } from './definition.ts'
import { column, NAME } from './kit/columns.ts'
import { defineResource } from './kit/define.ts'
import { minorVersion } from './kit/version.ts'

const group = 'policy'

export function podDisruptionBudgets(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    version: minorVersion(settings) >= 21 ? 'v1' : 'v1beta1',
    kind: 'PodDisruptionBudget',
    shortNames: ['pdb'],
    subresources: ['status'],
    hasGeneration: true,
    columns: [
      column('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
      column('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
      column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0, 'integer'),
    ],
    strategy: {
      prepareForCreate(budget) {
        budget['status'] = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
      },
    },
  })
}

/** Gone since 1.25. */
export function podSecurityPolicies(): ResourceDefinition {
  const rule = (name: string, key: string) => column(name, ({ spec }) => spec?.[key]?.rule ?? '')
  return defineResource({
    group,
    version: 'v1beta1',
    kind: 'PodSecurityPolicy',
    plural: 'podsecuritypolicies',
    shortNames: ['psp'],
    namespaced: false,
    columns: {
      all: [
        NAME,
        column('Priv', ({ spec }) => String(spec?.privileged ?? false)),
        column('Caps', ({ spec }) => (spec?.allowedCapabilities ?? []).join(',')),
        rule('Selinux', 'seLinux'),
        rule('RunAsUser', 'runAsUser'),
        rule('FsGroup', 'fsGroup'),
        rule('SupGroup', 'supplementalGroups'),
        column('ReadOnlyRootFs', ({ spec }) => String(spec?.readOnlyRootFilesystem ?? false)),
        column('Volumes', ({ spec }) => (spec?.volumes ?? []).join(',')),
      ],
    },
    strategy: {
      setDefaults(policy) {
        const spec = (policy['spec'] ??= {})
        spec.allowPrivilegeEscalation ??= true
      },
    },
  })
}
