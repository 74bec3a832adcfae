/** Kinds that warn whenever they are used, as in each group's zz_generated.prerelease-lifecycle.go. */
import type { CustomDefinition } from './custom/definition.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { minorVersion } from '../resources/kit/version.ts'

interface Deprecation {
  since: number
  /** The minor version that serves it no longer, where that is decided. */
  until?: number
  instead?: string
}

const DEPRECATIONS: Record<string, Deprecation> = {
  'v1 Endpoints': { since: 33, instead: 'discovery.k8s.io/v1 EndpointSlice' },
  'v1 ComponentStatus': { since: 19 },
  'policy/v1beta1 PodSecurityPolicy': { since: 21, until: 25 },
  'policy/v1beta1 PodDisruptionBudget': { since: 21, until: 25, instead: 'policy/v1 PodDisruptionBudget' },
  'batch/v1beta1 CronJob': { since: 21, until: 25, instead: 'batch/v1 CronJob' },
  'discovery.k8s.io/v1beta1 EndpointSlice': { since: 21, until: 25, instead: 'discovery.k8s.io/v1 EndpointSlice' },
  'extensions/v1beta1 Ingress': { since: 14, until: 22, instead: 'networking.k8s.io/v1 Ingress' },
  'networking.k8s.io/v1beta1 Ingress': { since: 19, until: 22, instead: 'networking.k8s.io/v1 Ingress' },
  'apiextensions.k8s.io/v1beta1 CustomResourceDefinition': {
    since: 16,
    until: 22,
    instead: 'apiextensions.k8s.io/v1 CustomResourceDefinition',
  },
  'rbac.authorization.k8s.io/v1beta1 Role': { since: 17, until: 22, instead: 'rbac.authorization.k8s.io/v1 Role' },
}

/** Adds the deprecation warning of the target's kind, where it has one in this version. */
export function warnOfDeprecation(exchange: Exchange, target: Target): void {
  const own = (target.definition as Partial<CustomDefinition>).deprecation
  if (own !== undefined) exchange.warnings.push(own)
  const kind = `${target.apiVersion} ${target.definition.kind}`
  const deprecation = DEPRECATIONS[kind]
  if (!deprecation || minorVersion(exchange.lab.settings) < deprecation.since) return
  const until = deprecation.until === undefined ? '' : `, unavailable in v1.${deprecation.until}+`
  const instead = deprecation.instead === undefined ? '' : `; use ${deprecation.instead}`
  exchange.warnings.push(`${kind} is deprecated in v1.${deprecation.since}+${until}${instead}`)
}
