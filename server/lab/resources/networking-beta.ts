/** Ingresses before networking.k8s.io/v1: backends name their service and its port flat. */
import type { KubeObject } from './definition.ts'

/* oxlint-disable typescript/no-explicit-any */

function backendFromBeta({ serviceName, servicePort, ...rest }: any): any {
  if (serviceName === undefined) return rest
  const port = typeof servicePort === 'string' ? { name: servicePort } : { number: servicePort }
  return { ...rest, service: { name: serviceName, port } }
}

function backendToBeta({ service, ...rest }: any): any {
  if (service === undefined) return rest
  return { ...rest, serviceName: service.name, servicePort: service.port?.name || service.port?.number }
}

function mapRules(rules: any[] | undefined, change: (backend: any) => any): any[] | undefined {
  return rules?.map((rule) => ({
    ...rule,
    ...(rule.http
      ? {
          http: {
            ...rule.http,
            paths: rule.http.paths?.map((path: any) => ({
              pathType: 'ImplementationSpecific',
              ...path,
              backend: change(path.backend ?? {}),
            })),
          },
        }
      : {}),
  }))
}

/** From extensions/v1beta1 or networking.k8s.io/v1beta1. */
export function fromBeta(ingress: KubeObject): KubeObject {
  const { backend, rules, ...spec } = ingress['spec'] ?? {}
  return {
    ...ingress,
    apiVersion: 'networking.k8s.io/v1',
    spec: {
      ...spec,
      ...(backend ? { defaultBackend: backendFromBeta(backend) } : {}),
      ...(rules ? { rules: mapRules(rules, backendFromBeta) } : {}),
    },
  }
}

/** To networking.k8s.io/v1beta1. */
export function toBeta(ingress: KubeObject): KubeObject {
  const { defaultBackend, rules, ...spec } = ingress['spec'] ?? {}
  return {
    ...ingress,
    apiVersion: 'networking.k8s.io/v1beta1',
    spec: {
      ...spec,
      ...(defaultBackend ? { backend: backendToBeta(defaultBackend) } : {}),
      ...(rules ? { rules: mapRules(rules, backendToBeta) } : {}),
    },
  }
}
