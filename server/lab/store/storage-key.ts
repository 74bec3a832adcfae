/** Where an object stands in etcd: errors of the storage name it. */
import { resourceName, type KubeObject, type ResourceDefinition } from '../resources/definition.ts'

/** Kinds that stand elsewhere than under their plural (the prefixes of pkg/registry). */
const PREFIXES: Record<string, string> = {
  nodes: 'minions',
  services: 'services/specs',
  endpoints: 'services/endpoints',
  replicationcontrollers: 'controllers',
  'ingresses.networking.k8s.io': 'ingress',
  'apiservices.apiregistration.k8s.io': 'apiregistration.k8s.io/apiservices',
  'customresourcedefinitions.apiextensions.k8s.io': 'apiextensions.k8s.io/customresourcedefinitions',
}

export function storageKey(definition: ResourceDefinition, { metadata }: KubeObject): string {
  const { group, plural } = definition
  const isCustom = (definition as { custom?: boolean }).custom === true
  const prefix = PREFIXES[resourceName(definition)] ?? (isCustom ? `${group}/${plural}` : plural)
  return ['/registry', prefix, ...(metadata.namespace ? [metadata.namespace] : []), metadata.name].join('/')
}
