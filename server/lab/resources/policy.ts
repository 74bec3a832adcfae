import type { ClusterSettings, FieldError, ResourceDefinition } from './definition.ts'
import { checkAtMost100Percent, checkIntOrPercent, checkMaybeOneOf, checkSelector } from './kit/checks.ts'
import { column, NAME } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { invalid } from './kit/field-errors.ts'
import { rfc3339 } from './kit/time.ts'
import { minorVersion } from './kit/version.ts'

const group = 'policy'

/* oxlint-disable typescript/no-explicit-any */

function validateBudget(spec: any): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    // As the server's internal type prints it.
    const printed = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
    }
    errors.push(invalid('spec', printed, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [key, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value !== undefined) errors.push(...checkIntOrPercent(value, `spec.${key}`), ...checkAtMost100Percent(value, `spec.${key}`))
  }
  return [
    ...errors,
    ...checkSelector(selector, 'spec.selector'),
    ...checkMaybeOneOf(unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy'),
  ]
}

/**
 * The condition DisruptionAllowed that fits a budget's status: by the disruptions allowed, or that of a sync that failed. Keeps the time of its last
 * transition where its status stays (component-helpers' apps/poddisruptionbudget and apimachinery's SetStatusCondition).
 */
export function disruptionCondition(status: any, now: number, failure?: { reason: string; message: string }): object {
  const allowed = failure === undefined && status.disruptionsAllowed > 0
  const before = status.conditions?.find(({ type }: { type: string }) => type === 'DisruptionAllowed')
  const text = allowed ? 'True' : 'False'
  return {
    lastTransitionTime: before?.status === text ? before.lastTransitionTime : rfc3339(now),
    message: failure?.message ?? '',
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    reason: failure?.reason ?? (allowed ? 'SufficientPods' : 'InsufficientPods'),
    status: text,
    type: 'DisruptionAllowed',
  }
}

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
      validate: ({ spec }) => validateBudget(spec ?? {}),
      prepareForCreate(budget) {
        budget['status'] = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
      },
    },
  })
}

const rule = (name: string, key: string) => column(name, ({ spec }) => spec?.[key]?.rule ?? '')

/** Gone since 1.25. */
export function podSecurityPolicies(): ResourceDefinition {
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
