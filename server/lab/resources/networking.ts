import type { ClusterSettings, KubeObject, ResourceDefinition, StrategyContext } from './definition.ts'
import { fromBeta, toBeta } from './networking-beta.ts'
import { loadBalancerAddresses } from './core/services/columns.ts'
import { column, NAME } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { fill } from './kit/fill.ts'
import { formatSelector } from './kit/labels.ts'
import { minorVersion } from './kit/version.ts'
import { defaultIngressClass, validateIngressClass, validateIngressClassUpdate } from './networking-classes.ts'
import { validateAddress, validateServiceRange } from './networking-addresses.ts'
import { CLASS_ANNOTATION, validateIngress, validateNetworkPolicy } from './networking-validate.ts'

/* oxlint-disable typescript/no-explicit-any */

const group = 'networking.k8s.io'
const SHOWN_HOSTS = 3

function hosts({ spec }: KubeObject): string {
  const rules: any[] = spec?.rules ?? []
  const list = rules
    .slice(0, SHOWN_HOSTS)
    .map((rule) => rule.host)
    .filter(Boolean)
    .join(',')
  if (list === '') return '*'
  return rules.length > SHOWN_HOSTS ? `${list} + ${rules.length - SHOWN_HOSTS} more...` : list
}

const INGRESS = {
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  subresources: ['status'],
  hasGeneration: true,
  columns: [
    column('Class', ({ spec }) => spec?.ingressClassName ?? '<none>'),
    column('Hosts', hosts),
    column('Address', ({ status }) => loadBalancerAddresses(status)),
    column('Ports', ({ spec }) => (spec?.tls?.length ? '80, 443' : '80')),
  ],
  strategy: {
    prepareForCreate(ingress: KubeObject, context: StrategyContext) {
      ingress['status'] = { loadBalancer: {} }
      if (ingress['spec']?.ingressClassName !== undefined || ingress.metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return
      const general = defaultIngressClass(context.list('ingressclasses.networking.k8s.io'))
      if (general !== undefined && ingress['spec']) ingress['spec'].ingressClassName = general
    },
    warnings: ({ metadata, spec }: KubeObject, old: KubeObject | null) =>
      old === null && metadata.annotations?.[CLASS_ANNOTATION] !== undefined && spec?.ingressClassName === undefined
        ? [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]
        : [],
    validate: (ingress: KubeObject) => validateIngress(ingress, true),
    validateUpdate: (ingress: KubeObject) => validateIngress(ingress, false),
  },
}

export function ingresses(settings: ClusterSettings): ResourceDefinition {
  const older = minorVersion(settings) < 22 ? [{ version: 'v1beta1', toStored: fromBeta, fromStored: toBeta }] : []
  return defineResource({ ...INGRESS, group, alsoServedAs: older })
}

/** The group in which ingresses began; a cluster of 2021 still serves them there, and kubectl even asks there first. */
export function legacyIngresses(): ResourceDefinition {
  const apiVersion = 'extensions/v1beta1'
  return defineResource({
    ...INGRESS,
    group: 'extensions',
    version: 'v1beta1',
    keptAs: {
      resource: 'ingresses.networking.k8s.io',
      toStored: (object) => ({ ...fromBeta(object), apiVersion: `${group}/v1` }),
      fromStored: (object) => ({ ...toBeta(object), apiVersion }),
    },
  })
}

export function ingressClasses(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind: 'IngressClass',
    plural: 'ingressclasses',
    namespaced: false,
    hasGeneration: true,
    columns: [
      column('Controller', ({ spec }) => spec?.controller ?? ''),
      column('Parameters', ({ spec }) => {
        const parameters = spec?.parameters
        if (!parameters) return '<none>'
        return `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`
      }),
    ],
    strategy: {
      setDefaults({ spec }) {
        if (spec?.parameters) fill(spec.parameters, 'scope', 'Cluster')
      },
      validate: validateIngressClass,
      validateUpdate: validateIngressClassUpdate,
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

export function networkPolicies(): ResourceDefinition {
  return defineResource({
    group,
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    hasGeneration: true,
    columns: [column('Pod-Selector', ({ spec }) => formatSelector(spec?.podSelector))],
    strategy: {
      setDefaults(policy) {
        const spec = (policy['spec'] ??= {})
        spec.podSelector ??= {}
        if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
        for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
          for (const port of rule.ports ?? []) fill(port, 'protocol', 'TCP')
        }
      },
      validate: validateNetworkPolicy,
    },
  })
}

/** Ranges and addresses of services as objects, from 1.33 on. */
export function serviceAddresses(): ResourceDefinition[] {
  return [
    defineResource({
      group,
      kind: 'IPAddress',
      plural: 'ipaddresses',
      shortNames: ['ip'],
      namespaced: false,
      columns: {
        all: [
          NAME,
          column('ParentRef', ({ spec }) => {
            const parent = spec?.parentRef
            if (!parent) return '<none>'
            const resource = `${parent.resource}${parent.group ? `.${parent.group}` : ''}`.toLowerCase()
            return [resource, parent.namespace, parent.name].filter(Boolean).join('/')
          }),
        ],
      },
      strategy: { validate: validateAddress },
      selectableFields: ({ spec }) => ({ 'spec.parentRef.name': spec?.parentRef?.name ?? '' }),
    }),
    defineResource({
      group,
      kind: 'ServiceCIDR',
      plural: 'servicecidrs',
      namespaced: false,
      subresources: ['status'],
      columns: [column('CIDRs', ({ spec }) => (spec?.cidrs ?? []).join(','))],
      strategy: { validate: validateServiceRange },
    }),
  ]
}
