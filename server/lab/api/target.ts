/** The resource that a path names, looked up among what the store knows now. */
import { resourceName, type KubeObject, type ResourceDefinition, type ResourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import { deepFreeze } from '../store/objects.ts'
import type { Store } from '../store/store.ts'
import type { RequestInfo } from './request-info.ts'

export interface Target {
  resource: ResourceName
  /** As the request's version serves it. */
  definition: ResourceDefinition
  apiVersion: string
  namespace: string | null
  name: string | null
  subresource: string | null
  /** From the form of the request's version to that which is stored, and back. */
  toStored(object: KubeObject): KubeObject
  fromStored(object: KubeObject): KubeObject
}

/** Words of Go's packages for the internal types of a group, where they are not the group's own first word. */
const PACKAGES: Record<string, string> = { '': 'core', 'rbac.authorization.k8s.io': 'rbac', 'flowcontrol.apiserver.k8s.io': 'flowcontrol' }

/** The Go package of a kind's internal type: `core`, `apps`. Custom resources have one type for all. */
export function internalPackage({ group }: ResourceDefinition): string {
  return PACKAGES[group] ?? (group.split('.')[0] as string)
}

/** What a path that nothing is served at gets. */
export class PageNotFound extends ApiError {
  constructor() {
    super(404, 'NotFound', 'the server could not find the requested resource', {})
  }
}

export function pageNotFound(): PageNotFound {
  return new PageNotFound()
}

/** Throws a 404 where the group, version or resource is not served. */
export function findTarget(store: Store, info: RequestInfo): Target {
  const resource = resourceName({ group: info.group, plural: info.resource })
  const stored = store.definition(resource)
  if (!stored) throw pageNotFound()
  const isServed = stored.version === info.version || stored.alsoServedAs?.some(({ version }) => version === info.version)
  if (!isServed) throw pageNotFound()
  if (!stored.namespaced && info.namespace !== null) throw pageNotFound()
  if (stored.namespaced && info.namespace === null && info.name !== null) throw pageNotFound()
  const definition = stored.version === info.version ? stored : asVersion(stored, info.version)
  const version = stored.alsoServedAs?.find((served) => served.version === info.version)
  const { keptAs } = stored
  return {
    resource: keptAs?.resource ?? resource,
    toStored(object) {
      const main = version?.toStored?.(object) ?? object
      return keptAs?.toStored(main) ?? main
    },
    fromStored(object) {
      const main = keptAs?.fromStored(object) ?? object
      return version?.fromStored?.(main) ?? main
    },
    definition,
    apiVersion: info.group === '' ? info.version : `${info.group}/${info.version}`,
    namespace: info.namespace,
    name: info.name,
    subresource: info.subresource,
  }
}

function asVersion(definition: ResourceDefinition, version: string): ResourceDefinition {
  const { toStored: _to, fromStored: _from, ...other } = definition.alsoServedAs?.find((served) => served.version === version) ?? {}
  return { ...definition, ...other, version }
}

const converted = new WeakMap<KubeObject, Map<string, KubeObject>>()

/** A stored object as the request's version serves it. */
export function asServed(target: Target, object: KubeObject): KubeObject {
  if (object.apiVersion === target.apiVersion) return object
  let versions = converted.get(object)
  if (!versions) converted.set(object, (versions = new Map()))
  let served = versions.get(target.apiVersion)
  if (!served) {
    const { kind } = target.definition
    versions.set(target.apiVersion, (served = deepFreeze({ ...target.fromStored(object), apiVersion: target.apiVersion, kind })))
  }
  return served
}
